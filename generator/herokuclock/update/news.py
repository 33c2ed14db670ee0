"""What is new between two versions, from the changelog that comes with the tool."""

import re
from pathlib import Path

from packaging.version import InvalidVersion, Version

from herokuclock.new import bundle

HEADING = re.compile(r"^## (\S+).*$", re.MULTILINE)
UNRELEASED = "Unreleased"


def between(old: str, new: str) -> list[str]:
    """Return the changelog's lines from a version, left out, up to another one."""
    return sections(file().read_text(encoding="utf-8"), old, new) if file().is_file() else []


def file() -> Path:
    """Return where the changelog lies."""
    return bundle.home() / "CHANGELOG.md"


def sections(text: str, old: str, new: str) -> list[str]:
    """Return those sections of a changelog; what is not released yet belongs to the newest."""
    parts = HEADING.split(text)
    found = list(zip(parts[1::2], parts[2::2], strict=True))
    names = {name for name, _ in found}
    wanted = [
        f"{new if name == UNRELEASED else name}\n{body.strip()}"
        for name, body in found
        if _is_between(new if name == UNRELEASED and new not in names else name, old, new)
    ]
    # A line for each entry, however long; the terminal decides where it breaks.
    whole = re.sub(r"\n +", " ", "\n".join(wanted))
    return [line.lstrip("#").strip() for line in whole.splitlines() if line.strip()]


def _is_between(name: str, old: str, new: str) -> bool:
    try:
        return Version(old) < Version(name) <= Version(new)
    except InvalidVersion:
        return False
