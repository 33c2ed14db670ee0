"""The jobs of the night."""

import logging

from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.cron import CronTrigger


def crawl():
    logging.info("crawled")


def main():
    logging.basicConfig(level=logging.INFO)
    scheduler = BlockingScheduler(timezone="Europe/London")
    scheduler.add_job(
        crawl,
        CronTrigger(second="*/2"),
        name="""the
    crawler""",
    )
    logging.info("starting")
    scheduler.start()


if __name__ == "__main__":
    main()
