"""Clock: an APScheduler BlockingScheduler (first cut)."""

from apscheduler.schedulers.blocking import BlockingScheduler


class Clock(BlockingScheduler):
    """The scheduler of jobs.py."""
