import flask
from flask import Flask


def create_app(testing=False):
    app = Flask(
        __name__,
        static_folder=None,
    )
    app.testing = testing

    @app.route("/dashboard")
    def dashboard():
        return flask.jsonify(ok=True)

    return app
