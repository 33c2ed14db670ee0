"""The Procfile's lines that a clock needs: clock, and release for the ledger's tables."""

import re

from herokuclock.init.edits import with_lines

SETUP = "python -m clockdyno setup"
# What a shell would read on with, or run apart from what follows.
OPEN = re.compile(r"(?:[&|;\\]\s*$)|#|<<")


def with_clock(text: str, command: str) -> str:
    """Add the clock's line."""
    return with_lines(text, [f"clock: {command}"])


def renamed(text: str, type: str) -> str:
    """Call the type clock whose line is the clock's."""
    return re.sub(rf"^([^\S\n]*){re.escape(type)}(?=:)", r"\1clock", text, flags=re.MULTILINE)


def with_setup(text: str, release: str | None) -> str | None:
    """Let each release make the ledger's tables; None where its line cannot take one more."""
    if release is None:
        return with_lines(text, [f"release: {SETUP}"])
    if SETUP in release or "clockdyno setup" in release:
        return text
    if OPEN.search(release):
        return None
    return re.sub(
        r"^([^\S\n]*release:[^\r\n]*?)([^\S\n]*)(?=\r?$)",
        lambda found: f"{found[1]} && {SETUP}{found[2]}",
        text,
        count=1,
        flags=re.MULTILINE,
    )


def python_of(lines: dict[str, str]) -> str:
    """Return how the Procfile's other lines start Python: `python`, `poetry run python`."""
    for line in lines.values():
        if found := re.match(r"(?:exec\s+)?((?:pipenv|poetry|uv) run )", line):
            return f"{found[1]}python"
    return "python"
