"""The environment in which the project runs here: its own, made where there is none, and quiet."""

import os
import shlex
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from herokuclock import packages, progress, screen, shell
from herokuclock.errors import HerokuclockError
from herokuclock.project import Project
from herokuclock.run import dotenv


def python_of(here: Project) -> Path:
    """Return the project's interpreter; make its environment where there is none."""
    python = here.python()
    if python:
        return python
    commands = _set_up(here.root)
    with progress.folded(f"Making .venv with {packages.of(here.root).name}", sys.stdout) as say:
        for command in commands:
            say(f"$ {shlex.join(command)}")
            _must(command, here.root, say)
    made = here.python()
    if made is None:
        manager = packages.of(here.root)
        raise HerokuclockError(f"{manager.name} made no .venv in this folder.", manager.set_up)
    screen.say("Made .venv.", "green")
    return made


def _set_up(root: Path) -> list[list[str]]:
    """Return the commands that make the environment, in the project's own tool."""
    manager = packages.of(root)
    if manager in packages.LOCKED:
        shell.find(manager.name, manager.install)
        # Heroku's build takes the lock as it is, too.
        return [["uv", "sync", "--locked"] if manager is packages.UV else manager.set_up.split()]
    program = shutil.which(f"python{_version(root)}") or sys.executable
    install = [".venv/bin/python", "-m", "pip", "install", "--disable-pip-version-check"]
    tests = "requirements-test.txt"  # Which has all of the lock, and what the tests need.
    wanted = tests if (root / tests).is_file() else manager.lock
    return [[program, "-m", "venv", ".venv"], [*install, "-r", wanted]]


def _version(root: Path) -> str:
    file = root / ".python-version"
    text = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
    return ".".join(text.strip().split(".")[:2])


def _must(command: list[str], root: Path, say: Callable[[str], None]) -> None:
    # Poetry and Pipenv keep environments elsewhere, where they are not told to do it here.
    here = {"POETRY_VIRTUALENVS_IN_PROJECT": "1", "PIPENV_VENV_IN_PROJECT": "1"}
    done = None
    try:
        done = shell.stream(command, say, cwd=root, env={**here, "VIRTUAL_ENV": None})
    finally:
        if done is None or not done.ok:
            # Half an environment would be taken for a whole one the next time.
            shutil.rmtree(root / ".venv", ignore_errors=True)
    if not done.ok:
        raise HerokuclockError(f"`{shlex.join(command)}` failed.", "See the lines above.")


def port(root: Path, given: int | None) -> str:
    """Return the port of the web process: the one given, else .env's, else Flask's own."""
    return str(given) if given is not None else dotenv.read(root / ".env").get("PORT", "5000")


def of_dyno(here: Project, python: Path) -> dict[str, str]:
    """Return what a dyno's environment has in common with ours; .env wins over the shell's."""
    programs = f"{python.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    ours = {name: value for name, value in os.environ.items() if name != "PORT"}
    fixed = {"PATH": programs, "PYTHONPATH": str(here.root), "PYTHONUNBUFFERED": "true"}
    # Its greetings are many lines, and the addresses are said by us.
    quiet = {"WEB_CONCURRENCY": "2", "GUNICORN_CMD_ARGS": "--log-level warning"}
    return {**quiet, **ours, **fixed, **dotenv.read(here.root / ".env")}
