import os

from flask import Flask, current_app

server = Flask("server")


@server.route("/")
def index():
    return current_app.name


if __name__ == "__main__":
    server.run(host="0.0.0.0", port=int(os.environ.get("PORT", 5000)))
