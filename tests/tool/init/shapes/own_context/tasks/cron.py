from apscheduler.schedulers.blocking import BlockingScheduler

from server import server

cron = BlockingScheduler(timezone="UTC")


def clean():
    with server.app_context():
        print("cleaned", flush=True)


cron.add_job(func=clean, trigger="interval", seconds=2)
cron.start()
