import time

from apscheduler.schedulers.background import BackgroundScheduler

scheduler = BackgroundScheduler()


@scheduler.scheduled_job("interval", seconds=2)
def ping():
    print("ping", flush=True)


scheduler.start()

try:
    while True:
        time.sleep(5)
except KeyboardInterrupt:
    scheduler.shutdown()
