"""Your jobs: one function each, its schedule above it. `python jobs.py` is the clock.

Every job has a docstring and logs one line. `herokuclock add` writes further ones here.
"""

import logging

from clockdyno import Clock

log = logging.getLogger("jobs")

sched = Clock(timezone="UTC")


@sched.scheduled_job("interval", minutes=15)
def hello():
    """Say hello; put your own work here."""
    log.info("hello ran")


if __name__ == "__main__":
    sched.start()
