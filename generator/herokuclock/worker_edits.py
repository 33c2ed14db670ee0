"""What worker dynos change in a project's own files: a line here, a section there, and back."""

import re
from collections.abc import Sequence
from pathlib import Path

from herokuclock import bundle, manifest
from herokuclock.errors import HerokuclockError

LINE = "worker: python -m clock.worker"
ASKED = "procrastinate>=3.10,<4"
# What Procrastinate takes beyond the template's own packages, on Python 3.11 to 3.14.
PINS = (
    *("asgiref==3.13.0", "attrs==26.1.0", "croniter==7.0.0", "packaging==26.2"),
    *("procrastinate==3.10.0", "psycopg-pool==3.3.3", "python-dateutil==4.0.0"),
)
CLOCK_DYNO = re.compile(r'("clock": \{ "quantity": (\d+), "size": "([^"]+)" \})')
WORKER_DYNO = re.compile(r',\s*"worker": \{ "quantity": \d+, "size": "[^"]+" \}')
ADDED = re.compile(r"\n\[workers\]\npins = (\[.*?\])\n", re.DOTALL)


def procfile(text: str, on: bool) -> str:
    """Add the worker's line, or take it out."""
    there = re.search(r"^worker:.*\n?", text, re.MULTILINE)
    if there and there[0].rstrip() != LINE:
        raise HerokuclockError(
            f"the Procfile has a worker of its own: {there[0].strip()}", "Give it another name."
        )
    if not on:
        return text.replace(LINE + "\n", "")
    return text if there else _ended(text) + LINE + "\n"


def requirements_in(text: str, on: bool) -> str:
    """Ask for the queue, or no longer."""
    if not on:
        return text.replace(ASKED + "\n", "")
    return text if re.search(r"^procrastinate\b", text, re.M | re.I) else _insert(text, ASKED)


def requirements_txt(text: str, pins: Sequence[str], on: bool) -> str:
    """Add pins in their places, or take them out."""
    for pin in pins:
        text = _insert(text, pin) if on else text.replace(pin + "\n", "")
    return text


def missing(text: str) -> list[str]:
    """Return the pins of packages that are not in a requirements.txt yet."""
    have = {_name(line) for line in text.splitlines()}
    return [pin for pin in PINS if _name(pin) not in have]


def app_json(text: str, on: bool) -> str:
    """Give the formation a worker wherever it has a clock: as many, as big."""
    without = WORKER_DYNO.sub("", text)
    if not on:
        return without
    return CLOCK_DYNO.sub(_with_worker, without) if without == text else text


def _with_worker(match: re.Match[str]) -> str:
    start = match.string.rfind("\n", 0, match.start()) + 1
    indent = match.string[start : match.start()]
    return f'{match[1]},\n{indent}"worker": {{ "quantity": {match[2]}, "size": "{match[3]}" }}'


def readme(text: str, on: bool) -> str:
    """Add the section on workers before the one on deploying, or take it out."""
    section = (bundle.home() / "workers" / "README.md").read_text(encoding="utf-8")
    if not on:
        return text.replace(section, "")
    if section in text:
        return text
    head, heading, tail = text.partition("## Deploy\n")
    return head + section + heading + tail if heading else _ended(text) + "\n" + section


def answers(text: str, pins: Sequence[str], on: bool) -> str:
    """Remember which pins were added, for the day on which they go again."""
    without = ADDED.sub("", text)
    if not on:
        return without
    lines = "".join(f'    "{pin}",\n' for pin in pins)
    return text if ADDED.search(text) else f"{_ended(text)}\n[workers]\npins = [\n{lines}]\n"


def added(text: str) -> list[str]:
    """Return the pins that were added when workers were switched on."""
    import tomllib

    try:
        found = tomllib.loads(text).get("workers", {}).get("pins", [])
    except ValueError:
        return []
    return [str(pin) for pin in found]


def is_on(root: Path) -> bool:
    """Say whether the project runs its jobs on worker dynos."""
    return manifest.procfile(root).get("worker", "").endswith("clock.worker")


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n"


def _insert(text: str, line: str) -> str:
    """Put a line where it belongs among lines in the order of the alphabet."""
    lines = _ended(text).splitlines(keepends=True)
    for place, other in enumerate(lines):
        if not other.startswith(("#", " ", "-")) and other.strip() and _name(other) > _name(line):
            return "".join([*lines[:place], line + "\n", *lines[place:]])
    return "".join([*lines, line + "\n"])


def _name(line: str) -> str:
    return re.split(r"[\s=<>~!\[;]", line.strip(), maxsplit=1)[0].lower().replace("_", "-")
