"""Your Flask app: the page at / and whatever you add to it; the dashboard is at /clock."""

import os

from clockdyno.dashboard import dashboard
from flask import Flask


def create_app() -> Flask:
    app = Flask(__name__)
    app.secret_key = os.environ.get("SECRET_KEY")
    app.register_blueprint(dashboard)

    @app.get("/")
    def index():
        return "It works. Your jobs are in jobs.py, and what they do is at /clock.\n"

    return app


app = create_app()
