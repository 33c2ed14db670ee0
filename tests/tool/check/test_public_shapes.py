"""Shapes of projects as people have them, which build and run: `check` raises no alarm."""

import subprocess
from pathlib import Path

import pytest
from herokuclock.check import order as checks
from support.buildpack_cases import committed
from support.heroku_project import write

FLASK = "from flask import Flask\napp = Flask(__name__)\n"
BLOCKING = (
    "from apscheduler.schedulers.blocking import BlockingScheduler\nsched = BlockingScheduler()\n"
    "@sched.scheduled_job('interval', minutes=3)\ndef work():\n    print('work')\nsched.start()\n"
)
# ruff: noqa: E501  (a row is a shape, and reads as one)
WEB = "web: gunicorn app:app\n"
# The Procfile, requirements.txt, and the other files.
SHAPES: dict[str, tuple[str, str, dict[str, str]]] = {
    "flask alone": (WEB, "flask\ngunicorn\n", {"app.py": FLASK}),
    "the log to a file": (
        "web: gunicorn app:app --log-file -\n", "flask\ngunicorn\n", {"app.py": FLASK}),
    "the log before": (
        "web: gunicorn --log-file=- -w 4 app:app\n", "flask\ngunicorn\n", {"app.py": FLASK}),
    "wsgi without a name": (
        "web: gunicorn wsgi\n", "flask\ngunicorn\n",
        {"wsgi.py": "from site_ import app as application\n", "site_/__init__.py": FLASK}),
    "a factory": (
        "web: gunicorn 'site_:create_app()'\n", "flask\ngunicorn\n",
        {"site_/__init__.py": "from flask import Flask\ndef create_app():\n    return Flask('x')\n"}),
    "chdir": ("web: gunicorn --chdir src app:app\n", "flask\ngunicorn\n", {"src/app.py": FLASK}),
    "cd": ("web: cd src && gunicorn app:app\n", "flask\ngunicorn\n", {"src/app.py": FLASK}),
    "the port bound": (
        "web: gunicorn -b 0.0.0.0:$PORT app:app\n", "flask\ngunicorn\n", {"app.py": FLASK}),
    "the port with a default": (
        "web: gunicorn --bind :${PORT:-5000} app:app\n", "flask\ngunicorn\n", {"app.py": FLASK}),
    "uvicorn": (
        "web: uvicorn main:app --host=0.0.0.0 --port=${PORT:-5000}\n", "fastapi\nuvicorn[standard]\n",
        {"main.py": "from fastapi import FastAPI\napp = FastAPI()\n"}),
    "uvicorn's workers": (
        "web: gunicorn -w 4 -k uvicorn.workers.UvicornWorker main:app\n",
        "fastapi==0.110\nuvicorn==0.29\ngunicorn==22.0\n",
        {"main.py": "from fastapi import FastAPI\napp = FastAPI()\n"}),
    "app.run on $PORT": (
        "web: python app.py\n", "Flask==2.0\n",
        {"app.py": f"import os\n{FLASK}if __name__ == '__main__':\n"
         "    app.run(host='0.0.0.0', port=int(os.environ.get('PORT', 5000)))\n"}),
    "flask run": (
        "web: flask run --host=0.0.0.0 --port=$PORT\n", "flask\n", {"app.py": FLASK}),
    "waitress": (
        "web: waitress-serve --port=$PORT app:app\n", "flask\nwaitress\n", {"app.py": FLASK}),
    "the clock of an article": (
        f"{WEB}clock: python clock.py\n", "flask\ngunicorn\nAPScheduler==3.10.4\n",
        {"app.py": FLASK, "clock.py": BLOCKING}),
    "a clock alone": ("clock: python clock.py\n", "apscheduler\n", {"clock.py": BLOCKING}),
    "a bot alone": (
        "worker: python bot.py\n", "python-telegram-bot==13.7\n",
        {"bot.py": "import telegram\nfrom telegram.ext import Updater\n"}),
    "a discord bot": (
        "worker: python3 bot.py\n", "discord.py==2.3.2\npython-dotenv\n",
        {"bot.py": "import discord\nfrom dotenv import load_dotenv\n"}),
    "celery": (
        f"{WEB}worker: celery -A tasks worker -l info -B\n", "flask\ngunicorn\ncelery[redis]\n",
        {"app.py": FLASK, "tasks.py": "from celery import Celery\ncelery = Celery('x')\n"}),
    "rq": (
        f"{WEB}worker: python worker.py\n", "flask\ngunicorn\nredis\nrq\n",
        {"app.py": FLASK, "worker.py": "import redis\nfrom rq import Worker\n"}),
    "django": (
        "release: python manage.py migrate\nweb: gunicorn site_.wsgi\n",
        "django\ngunicorn\nwhitenoise\n",
        {"manage.py": "import django\n", "site_/__init__.py": "",
         "site_/wsgi.py": "from django.core.wsgi import get_wsgi_application\n"
         "application = get_wsgi_application()\n", "site_/settings.py": "STATIC_ROOT = 'static'\n"}),
    "django with a log": (
        "web: gunicorn site_.wsgi:application --log-file -\n", "Django==4.2\ngunicorn==20.1.0\n",
        {"manage.py": "", "site_/wsgi.py": "application = None\n",
         "site_/settings/base.py": "STATIC_ROOT = 'static'\n"}),
    "an environment in front": (
        "web: FLASK_ENV=production newrelic-admin run-program gunicorn app:app\n",
        "flask\ngunicorn\nnewrelic\n", {"app.py": FLASK}),
    "config vars at import": (
        WEB, "flask\ngunicorn\n",
        {"app.py": f"import os\n{FLASK}app.secret_key = os.environ['SECRET_KEY']\n"}),
    "what flask brings": (
        WEB, "flask\ngunicorn\n",
        {"app.py": f"from werkzeug.utils import secure_filename\nimport markupsafe, jinja2\n{FLASK}"}),
    "other files import others": (
        WEB, "flask\ngunicorn\n",
        {"app.py": FLASK, "setup.py": "import setuptools\n", "conftest.py": "import pytest\n",
         "docs/conf.py": "import sphinx_rtd_theme\n", "scripts/once.py": "import pandas\n"}),
    "a package from git": (
        WEB, "flask\ngunicorn\ngit+https://github.com/someone/tools.git#egg=twitter_tools\n",
        {"app.py": f"import twitter_tools\n{FLASK}"}),
    "files that are included": (
        WEB, "-r requirements/prod.txt\n",
        {"app.py": FLASK, "requirements/prod.txt": "-r base.txt\ngunicorn\n",
         "requirements/base.txt": "flask>=2,<4  # the web\n"}),
    "optional imports": (
        WEB, "flask\ngunicorn\n",
        {"app.py": f"try:\n    import ujson as json\nexcept ImportError:\n    import json\n{FLASK}"}),
    "streamlit": (
        "web: sh setup.sh && streamlit run app.py --server.port $PORT\n", "streamlit==1.30\n",
        {"app.py": "import streamlit as st\nst.title('x')\n", "setup.sh": "mkdir -p ~/.streamlit\n"}),
    "socketio": (
        "web: gunicorn --worker-class eventlet -w 1 app:app\n",
        "Flask-SocketIO==5.3\neventlet==0.33\ngunicorn==20.1.0\nFlask==2.2\n", {"app.py": FLASK}),
    "a fastapi package": (
        "web: uvicorn app.main:app --host 0.0.0.0 --port $PORT\n", "fastapi\nuvicorn\n",
        {"app/__init__.py": "", "app/main.py": "from fastapi import FastAPI\n"
         "from .routes import home\nfrom app.db import x\napp = FastAPI()\n",
         "app/routes.py": "home = 1\n", "app/db.py": "x = 1\n"}),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_what_builds_and_runs_raises_no_alarm(
    lonely: Path, shape: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    procfile, requirements, others = SHAPES[shape]
    files = {"Procfile": procfile, "requirements.txt": requirements, ".python-version": "3.13\n"}
    write(lonely, {**files, **others})
    subprocess.run(["git", "init", "-qb", "main"], check=True)
    committed(lonely)

    alarms = [each for each in checks.of_project(lonely) if each.severity != "note"]

    assert alarms == []
