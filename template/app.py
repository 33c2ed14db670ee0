"""Your Flask app: the page at / and whatever you add to it."""

from flask import Flask


def create_app() -> Flask:
    app = Flask(__name__)

    @app.get("/")
    def index():
        return "It works. Your jobs are in jobs.py.\n"

    return app


app = create_app()
