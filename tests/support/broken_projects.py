"""Each thing that can be wrong with a project, and how to break one so."""

import json
from collections.abc import Callable
from pathlib import Path

from support.buildpack_cases import uv
from support.heroku_project import write

Break = Callable[[Path], object]


def put(name: str, text: str) -> Break:
    """Return what writes a file."""
    return lambda folder: write(folder, {name: text})


def without(*names: str) -> Break:
    """Return what removes files."""

    def change(folder: Path) -> None:
        for name in names:
            (folder / name).unlink()

    return change


def both(*changes: Break) -> Break:
    """Return what does several things."""
    return lambda folder: [change(folder) for change in changes]


def replaced(name: str, old: str, new: str) -> Break:
    """Return what replaces a text in a file that has it."""

    def change(folder: Path) -> None:
        text = (folder / name).read_text()
        assert old in text
        (folder / name).write_text(text.replace(old, new))

    return change


def in_app_json(key: str, value: object) -> Break:
    """Return what sets a key of app.json."""

    def change(folder: Path) -> None:
        facts = json.loads((folder / "app.json").read_text())
        (folder / "app.json").write_text(json.dumps({**facts, key: value}, indent=2))

    return change


def app_source(line: str) -> Break:
    """Return what puts a line below the app."""
    return replaced("app.py", "app = create_app()", f"app = create_app()\n{line}")


BACKGROUND = (
    "from apscheduler.schedulers.background import BackgroundScheduler\n"
    "scheduler = BackgroundScheduler()\nscheduler.start()"
)


WITHOUT_LIST = both(without("requirements.txt", "requirements.in", "requirements-test.txt"))


ONLY_UV = uv()


PROCFILE = "web: gunicorn app:app\nclock: python jobs.py\n"


POSTGRES = "postgres://me:a-long-password@db.example.com/x"


# Python's own parser and compiler give up on these, or ours would.
DEEP = {
    "minus": "-" * 100_000 + "1",
    "sum": "x = " + "1 + " * 2_500 + "1",
    "names": "if a" + ".b" * 900 + ": pass",
    "calls": "a" + ".b()" * 300,
    "elif": "if x: pass\n" + "elif x: pass\n" * 900,
    "nul": "x = 1\0",
}


# What is broken, how, which finding, how bad, and whether --fix mends it.
BROKEN: dict[str, tuple[Break, str, str, bool]] = {
    "python of Heroku": (
        put(".heroku/python/bin/x", ""), "committed-python", "error", True),
    "committed .venv": (
        both(put(".venv/pyvenv.cfg", ""), put(".gitignore", "")), "committed-venv", "error", True),
    "committed venv": (
        both(put("venv/pyvenv.cfg", ""), put(".gitignore", "")), "committed-venv", "error", True),
    "no package manager": (
        without("requirements.txt"), "package-manager", "error", False),
    "two package managers": (
        put("uv.lock", ""), "package-manager", "error", False),
    "misspelled requirements.txt": (
        lambda folder: (folder / "requirements.txt").rename(folder / "requirement.txt"),
        "package-manager", "error", True),
    "Requirements.txt": (
        lambda folder: (folder / "requirements.txt").rename(folder / "Requirements.txt"),
        "package-manager", "error", True),
    "hook that does not parse": (
        put("bin/post_compile", "#!/usr/bin/env bash\nif true; then\n"),
        "build-hook", "error", False),
    "hook in Python that does not parse": (
        put("bin/pre_compile", "#!/usr/bin/env python\ndef x(:\n"), "build-hook", "error", False),
    "hook with Windows line endings": (
        put("bin/post_compile", "#!/bin/sh\r\ntrue\r\n"), "build-hook", "error", True),
    "Pipfile without its lock": (
        put("Pipfile", ""), "package-manager", "error", False),
    "only setup.py": (
        both(without("requirements.txt"), put("setup.py", "")), "package-manager", "error", False),
    "bad runtime.txt": (
        put("runtime.txt", "3.12"), "python-version", "error", False),
    "runtime.txt": (
        put("runtime.txt", "python-3.12.3"), "python-version", "warning", True),
    "runtime.txt with uv": (
        both(ONLY_UV, put("runtime.txt", "python-3.12")),
        "python-version", "error", False),
    "python-version.txt": (
        both(without(".python-version"), put("python-version.txt", "3.12\n")),
        "python-version", "error", True),
    ".python_version": (
        both(without(".python-version"), put(".python_version", "3.12\n")),
        "python-version", "error", True),
    "python- before the version": (
        put(".python-version", "python-3.12\n"), "python-version", "error", True),
    "quoted version": (
        put(".python-version", '"3.12"\n'), "python-version", "error", True),
    "no version at all": (
        put(".python-version", "latest\n"), "python-version", "error", False),
    "byte order mark": (
        put(".python-version", "\ufeff3.12\n"), "python-version", "error", True),
    "only a comment": (
        put(".python-version", "# 3.12\n"), "python-version", "error", False),
    "two versions": (
        put(".python-version", "3.12\n3.13\n"), "python-version", "error", False),
    "uv without a version": (
        both(ONLY_UV, without(".python-version")),
        "python-version", "error", False),
    "Pipfile.lock is no JSON": (
        both(WITHOUT_LIST, put("Pipfile.lock", "{"), without(".python-version")),
        "python-version", "error", False),
    "Python too old": (
        put(".python-version", "3.9\n"), "python-version", "error", False),
    "Python soon too old": (
        put(".python-version", "3.10\n"), "python-version", "warning", False),
    "Python too new": (
        put(".python-version", "3.15\n"), "python-version", "error", False),
    "unknown patch": (
        put(".python-version", "3.12.99\n"), "python-version", "note", False),
    "no .python-version": (
        without(".python-version"), "python-version", "warning", False),
    "no Procfile": (
        without("Procfile"), "procfile", "error", True),
    "misspelled Procfile": (
        both(without("Procfile"), put("procfile", PROCFILE)),
        "procfile", "error", True),
    "no clock": (
        put("Procfile", "web: gunicorn app:app\n"), "procfile", "error", True),
    "no web": (
        put("Procfile", "clock: python jobs.py\n"), "procfile", "warning", True),
    "misspelled type": (
        replaced("Procfile", "clock:", "clok:"), "procfile", "error", True),
    "a file that is not there": (
        replaced("Procfile", "jobs.py", "job.py"), "procfile-file", "error", False),
    "a module that is not there": (
        replaced("Procfile", "app:app", "ap:app"), "procfile-file", "error", False),
    "a server that is not installed": (
        both(replaced("requirements.txt", "gunicorn==", "gunicorm=="),
             replaced("requirements.in", "gunicorn", "gunicorm")), "imports", "error", False),
    "web starts the clock, too": (
        replaced("Procfile", "gunicorn", "python jobs.py & gunicorn"), "one-clock", "error", False),
    "app.json is no JSON": (
        put("app.json", "{,}"), "app-json", "error", False),
    "app.json: addons no list": (
        in_app_json("addons", {}), "app-json", "error", False),
    "app.json: unknown stack": (
        in_app_json("stack", "heroku-20"), "app-json", "error", False),
    "app.json: the buildpack twice": (
        in_app_json("buildpacks", [{"url": "heroku/python"}] * 2), "app-json", "error", False),
    "app.json: unknown type": (
        in_app_json("formation", {"worker": {"quantity": 1}}), "app-json", "error", False),
    "app.json: retired size": (
        in_app_json("formation", {"clock": {"quantity": 1, "size": "free"}}),
        "app-json", "error", True),
    "app.json: retired plan": (
        in_app_json("addons", ["heroku-postgresql:hobby-dev"]), "app-json", "error", True),
    "not pinned": (
        replaced("requirements.txt", "flask==3.1.3", "flask>=3"), "pinned", "note", False),
    "not locked": (
        replaced("requirements.in", "gunicorn", "requests\ngunicorn"), "locked", "warning", False),
    "not installed": (
        app_source("import requests"), "imports", "error", False),
    "installed under another name": (
        app_source("import yaml"), "imports", "error", False),
    "jobs.py does not parse": (
        put("jobs.py", "def x(:\n"), "jobs", "error", False),
    "scheduler in the web process": (
        app_source(BACKGROUND), "scheduler-in-web", "error", False),
    "scheduler behind an import": (
        both(app_source("import helper"), put("helper.py", BACKGROUND)),
        "scheduler-in-web", "error", False),
    "committed .env": (
        both(put(".gitignore", ""), put(".env", "A=b\n")), "secrets", "error", True),
    "committed key": (
        put("notes.txt", "AKIA" + "A" * 16), "secrets", "error", False),
    "committed database password": (
        put("notes.txt", POSTGRES), "secrets", "error", False),
}  # fmt: skip  # fmt: skip
