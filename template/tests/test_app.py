"""The Flask app, as a visitor sees it."""

import subprocess
import sys

from app import create_app


def test_the_front_page_answers():
    reply = create_app().test_client().get("/")

    assert reply.status_code == 200


def test_sessions_are_signed_with_the_secret_of_the_environment(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "a long random text")

    assert create_app().secret_key == "a long random text"


def test_the_web_process_does_not_load_the_scheduler():
    code = "import sys, app; sys.exit('apscheduler' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
