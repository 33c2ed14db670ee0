import atexit

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from flask import Flask

import weather

app = Flask(__name__)


def cleanup(days):
    print("cleaned", days, flush=True)


scheduler = BackgroundScheduler(daemon=True)
scheduler.add_job(weather.refresh, "interval", seconds=2)
nightly = CronTrigger(hour=3)
scheduler.add_job(cleanup, nightly, args=[7])
scheduler.start()
atexit.register(lambda: scheduler.shutdown())


@app.get("/")
def index():
    return "hello"
