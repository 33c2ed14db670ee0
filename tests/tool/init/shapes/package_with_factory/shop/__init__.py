"""The shop."""

from flask import Flask

from shop.models import db


def create_app(config):
    """Make the app of a configuration."""
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    app.config["NAME"] = config
    db.init_app(app)
    from shop.pages import pages

    app.register_blueprint(pages)
    return app
