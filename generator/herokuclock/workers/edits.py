"""What worker dynos change in a project's own files: a word here, a line there, and back.

Lines are put in and taken out as whole ones, so that a last line without an end stays so.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from herokuclock import manifest
from herokuclock.errors import HerokuclockError

LINE = "worker: python -m clockdyno worker"
LIBRARY = re.compile(r"^(clockdyno[^\S\n]*)(?:\[([^\]\n]*)\])?", re.MULTILINE)
EXTRA = "workers"
# What the extra takes beyond the template's own packages, on Python 3.11 to 3.14.
PINS = (
    *("asgiref==3.13.0", "attrs==26.1.0", "croniter==7.0.0", "packaging==26.2"),
    *("procrastinate==3.10.0", "psycopg-pool==3.3.3", "python-dateutil==4.0.0"),
)
DYNO = r'\s*"%s"\s*:\s*\{[^{}]*"quantity"[^{}]*\}'
CLOCK_DYNO = re.compile(r'(\s*)"clock"(\s*:\s*\{[^{}]*"quantity"[^{}]*\})')
WORKER_DYNO = re.compile(rf",{DYNO % 'worker'}|{DYNO % 'worker'}\s*,")
ADDED = re.compile(r"\n\n\[workers\]\npins = (\[.*?\])", re.DOTALL)


def procfile(text: str, on: bool) -> str:
    """Add the worker's line, or take it out."""
    lines = text.split("\n")
    there = [line for line in lines if line.startswith("worker:")]
    if on and there and there[0].rstrip() != LINE:
        raise HerokuclockError(
            f"the Procfile has a worker of its own: {there[0].strip()}", "Give it another name."
        )
    if not on:
        return "\n".join(line for line in lines if line.rstrip() != LINE)
    return text if there else "\n".join(_with(lines, [LINE]))


def requirements_in(text: str, on: bool) -> str:
    """Ask for the library with its extra for workers, or without."""

    def asked(found: re.Match[str]) -> str:
        extras = [each for each in (found[2] or "").split(",") if each and each != EXTRA]
        extras += [EXTRA] if on else []
        return found[1] + (f"[{','.join(extras)}]" if extras else "")

    return LIBRARY.sub(asked, text)


def requirements_txt(text: str, pins: Sequence[str], on: bool) -> str:
    """Add pins in their places, or take out those packages, whatever their version is by now."""
    if on:
        new = [pin for pin in pins if _name(pin) not in _names(text)]
        if new and "--hash=" in text:
            raise HerokuclockError(
                "requirements.txt holds hashes, and herokuclock knows none for Procrastinate.",
                "Ask for clockdyno[dashboard,workers] in what it is made from, and make it anew.",
            )
        for pin in new:
            text = _insert(text, pin)
        return text
    names, kept, out = {_name(pin) for pin in pins}, list[str](), False
    for line in text.split("\n"):
        # What is indented belongs to the line above it: `# via ...`.
        out = out if line.startswith(" ") else bool(line) and _name(line) in names
        kept += [] if out else [line]
    return "\n".join(kept)


def missing(text: str) -> list[str]:
    """Return the pins of packages that are not in a requirements.txt yet."""
    return [pin for pin in PINS if _name(pin) not in _names(text)]


def unrecorded(asked: str, pinned: str) -> list[str]:
    """Return the pins that workers brought, where nothing says which they were."""
    is_asked = any(EXTRA in (found[2] or "").split(",") for found in LIBRARY.finditer(asked))
    return [pin for pin in PINS if pin in pinned.split("\n")] if is_asked else []


def app_json(text: str, on: bool) -> str:
    """Give the formation a worker wherever it has a clock: as many, as big."""
    without = WORKER_DYNO.sub("", text)
    if not on:
        return without
    return CLOCK_DYNO.sub(r'\g<0>,\1"worker"\2', text) if without == text else text


def answers(text: str, pins: Sequence[str], on: bool) -> str:
    """Remember which pins were added, for the day on which they go again."""
    if not on:
        return ADDED.sub("", text)
    entry = ["", "[workers]", "pins = [", *(f'    "{pin}",' for pin in pins), "]"]
    return text if ADDED.search(text) else "\n".join(_with(text.split("\n"), entry))


def added(text: str) -> list[str] | None:
    """Return the pins that were added when workers were switched on; None if it is not said."""
    import tomllib

    try:
        return [str(pin) for pin in tomllib.loads(text)["workers"]["pins"]]
    except (ValueError, LookupError, TypeError):
        return None


def is_on(root: Path) -> bool:
    """Say whether the project runs its jobs on worker dynos."""
    return manifest.procfile(root).get("worker", "").endswith("clockdyno worker")


def _with(lines: list[str], new: list[str]) -> list[str]:
    """Put lines at the end; the last line of a text is empty where the one before it ends."""
    return [*lines[:-1], *new, ""] if not lines[-1] else [*lines, *new]


def _insert(text: str, line: str) -> str:
    """Put a line where it belongs among lines in the order of the alphabet."""
    lines = text.split("\n")
    for place, other in enumerate(lines):
        if not other.startswith(("#", " ", "-")) and other.strip() and _name(other) > _name(line):
            return "\n".join([*lines[:place], line, *lines[place:]])
    return "\n".join(_with(lines, [line]))


def _names(text: str) -> set[str]:
    return {_name(line) for line in text.split("\n")}


def _name(line: str) -> str:
    return re.split(r"[\s=<>~!\[;]", line.strip(), maxsplit=1)[0].lower().replace("_", "-")
