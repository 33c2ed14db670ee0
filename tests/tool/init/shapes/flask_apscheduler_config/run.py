import os

from flask import Flask
from flask_apscheduler import APScheduler


class Config:
    JOBS = [
        {
            "id": "sync",
            "func": "__main__:sync",
            "args": (1, 2),
            "trigger": "interval",
            "seconds": 2,
        },
        {"id": "report", "func": "run:sync", "trigger": {"type": "cron", "hour": 4}, "args": [3, 4]},
    ]
    SCHEDULER_API_ENABLED = False


def sync(a, b):
    print("synced", a, b, flush=True)


app = Flask(__name__)
app.config.from_object(Config())

if __name__ == "__main__":
    scheduler = APScheduler()
    scheduler.init_app(app)
    scheduler.start()
    app.run(host="0.0.0.0", port=int(os.environ["PORT"]))
