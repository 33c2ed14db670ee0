from flask import Flask
from flask_apscheduler import APScheduler

app = Flask(__name__)
scheduler = APScheduler()


@scheduler.task("interval", id="poll", seconds=2, misfire_grace_time=900)
def poll():
    with app.app_context():
        print("polled", flush=True)


@app.get("/")
def index():
    return "hello"


scheduler.init_app(app)
scheduler.start()
