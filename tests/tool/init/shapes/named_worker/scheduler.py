import logging

from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.interval import IntervalTrigger

logging.basicConfig(level=logging.INFO)


def fetch(source):
    logging.info("fetched %s", source)


sched = BlockingScheduler(
    job_defaults={"max_instances": 3},
)
for source in ("news", "weather"):
    sched.add_job(fetch, IntervalTrigger(seconds=2), args=[source])
sched.start()
