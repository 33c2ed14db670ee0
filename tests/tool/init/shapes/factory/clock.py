from apscheduler.schedulers.blocking import BlockingScheduler
from flask import current_app

scheduler = BlockingScheduler()


@scheduler.scheduled_job("interval", seconds=2)
def work():
    print("worked in", current_app.name, flush=True)


@scheduler.scheduled_job("cron", day_of_week="mon-fri", hour=17)
def report():
    print("reported in", current_app.name, flush=True)


def main():
    scheduler.start()


main()
