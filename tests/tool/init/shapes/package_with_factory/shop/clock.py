from apscheduler.schedulers.blocking import BlockingScheduler
from flask import current_app

from .models import db

sched = BlockingScheduler(timezone="Europe/Berlin")


@sched.scheduled_job("interval", seconds=2)
def count():
    db.session.execute(db.text("select 1"))
    print("counted for", current_app.config["NAME"], flush=True)


if __name__ == "__main__":
    sched.start()
