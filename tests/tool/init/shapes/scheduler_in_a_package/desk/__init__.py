from flask import Flask

from desk.extensions import scheduler

app = Flask(__name__)


@app.get("/")
def index():
    return str(len(scheduler.get_jobs()))
