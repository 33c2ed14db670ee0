import os

from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask

from .tasks import sweep


def create_app():
    app = Flask(__name__)

    scheduler = BackgroundScheduler()
    if os.environ.get("RUN_JOBS", "1") == "1":
        scheduler.add_job(func=sweep, trigger="interval", seconds=2, id="sweep", replace_existing=True)

        @scheduler.scheduled_job("cron", hour=5)
        def morning():
            print("good morning", flush=True)

        scheduler.start()
    return app
