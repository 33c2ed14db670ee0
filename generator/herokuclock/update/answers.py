"""The answers that a project was made of, checked again: its file is anybody's to edit."""

import re
from pathlib import Path
from typing import Any

from herokuclock import shell
from herokuclock.errors import HerokuclockError
from herokuclock.new.questions import QUESTIONS
from herokuclock.record import FILE, Record
from herokuclock.workers import edits

PYTHON = re.compile(r"3\.\d{1,2}")


def of(root: Path, record: Record) -> dict[str, Any]:
    """Return an answer to every question, as `new` was given them."""
    told = {**_unsaid(root), **record.answers}
    found = {}
    for question in QUESTIONS:
        if question.key not in told:
            raise HerokuclockError(f"{FILE} has no answer {question.key}.", get_back(root))
        value = told[question.key]
        # One that Heroku builds no more is still what the project was made of.
        is_python = question.key == "python" and isinstance(value, str) and PYTHON.fullmatch(value)
        found[question.key] = value if is_python else question.check(value)
    return found


def get_back(root: Path) -> str:
    """Return the command that brings the file back as git has it, or shows what became of it."""
    differs = shell.git(root, "diff", "--name-only", "HEAD", "--", FILE)
    if not differs.ok:
        return f"git has none here: take {FILE} from a copy of the project."
    if differs.out:
        return f"Get it back: git checkout HEAD -- {FILE}"
    without = shell.git(root, "log", "-1", "--format=%h", "--diff-filter=D", "--", FILE).out.strip()
    if without and not (root / FILE).exists():
        return f"Get it back: git checkout {without}~1 -- {FILE}"
    return f"See what became of it: git log -p -- {FILE}"


def _unsaid(root: Path) -> dict[str, Any]:
    """Return what earlier versions did not write down."""
    is_on = edits.added((root / FILE).read_text(encoding="utf-8")) is not None
    manager = "uv" if (root / "uv.lock").is_file() else "pip"
    return {"jobs": {}, "workers": is_on, "packages": manager}
