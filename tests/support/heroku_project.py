"""A project whose web and clock are a few lines each, and a person who deploys it."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from loopback import Heroku
from loopback.owner import commit, heroku_env

from support import forks

VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
WEB = """
import base64, json, os
from http.server import BaseHTTPRequestHandler, HTTPServer

HEALTH = {
    "state": "up",
    "heartbeat_age": 2.0,
    "jobs": [{"job": "tick", "last_state": "succeeded", "last_at": "2026-11-23T17:00:00+00:00",
              "next_at": "2026-11-23T17:15:00+00:00"}],
}


LOGIN = "Basic " + base64.b64encode(b":" + os.environb.get(b"DASHBOARD_PASSWORD", b"")).decode()


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        facts = {**HEALTH, "counts": {"jobs": 1}}
        if self.headers["Authorization"] != LOGIN:
            del facts["jobs"]
        self.wfile.write(json.dumps(facts).encode())


HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Page).serve_forever()
"""
JOBS = """
import os, time

print("at=start jobs=1", flush=True)
print('at=job job=tick next=2026-11-23T17:15:00+00:00 when="every 15 minutes"', flush=True)
time.sleep(1000)
"""
APP_JSON = {
    "name": "tick",
    "addons": [{"plan": "heroku-postgresql:essential-0"}],
    "env": {
        "SECRET_KEY": {"generator": "secret"},
        "DASHBOARD_PASSWORD": {"generator": "secret"},
    },
}
FILES = {
    ".python-version": f"{VERSION}\n",
    "requirements.txt": "",
    "Procfile": "web: python app.py\nclock: python jobs.py\n",
    "app.py": WEB,
    "jobs.py": JOBS,
    "app.json": json.dumps(APP_JSON),
}


def write(folder: Path, files: dict[str, str]) -> None:
    """Write files, with the folders that they need."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def small_project(folder: Path) -> Path:
    """Make a repository of a small project with one commit."""
    folder.mkdir()
    write(folder, FILES)
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=folder, check=True)
    commit(folder, "Start")
    return folder


class Owner:
    """Somebody who stands in a project's folder and types commands."""

    def __init__(self, heroku: Heroku, project: Path) -> None:
        self.heroku, self.project = heroku, project
        self.home = project.parent / "home"
        self.home.mkdir(exist_ok=True)
        self.output = ""

    def git(self, *args: str) -> None:
        """Run git in the project."""
        subprocess.run(["git", *args], cwd=self.project, check=True, capture_output=True)

    def types(self, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run `herokuclock`, with nobody at the terminal."""
        done = forks.run(
            ["-m", "herokuclock", *args],
            cwd=self.project,
            env={**heroku_env(self.heroku, self.home), **env},
        )
        self.output += done.stdout + done.stderr
        return done

    def begins(self, *args: str, **env: str) -> subprocess.Popen[str]:
        """Start `herokuclock` and leave it running."""
        return self.starts("-m", "herokuclock", *args, **env)

    def starts(self, *program: str, **env: str) -> subprocess.Popen[str]:
        """Start a program of Python and leave it running."""
        return forks.Fork(
            program,
            cwd=self.project,
            env={**heroku_env(self.heroku, self.home), **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def assert_nothing_leaked(self) -> None:
        """The key and the generated secrets are in no output and in no file of theirs."""
        secrets = [self.heroku.key]
        for app in self.heroku.apps.values():
            known = ("SECRET_KEY", "DASHBOARD_PASSWORD", "DATABASE_URL")
            secrets += [app.config[name] for name in known if name in app.config]
        places = {"the output": self.output}
        for folder in (self.project, self.home):
            for path in folder.rglob("*"):
                if path.is_file():
                    places[str(path)] = path.read_text(errors="replace")
        leaks = [name for name, text in places.items() for s in secrets if s in text]
        assert leaks == []


def end(process: subprocess.Popen[str], number: signal.Signals = signal.SIGINT) -> str:
    """End a program as Ctrl-C does, and return what it printed."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)
    out, _ = process.communicate(timeout=180)
    return out
