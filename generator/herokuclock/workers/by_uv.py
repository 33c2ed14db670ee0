"""The queue of a project that uv manages: what uv is told, so that it asks for it, or no longer."""

import tomllib
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement

from herokuclock.workers.edits import EXTRA

LIBRARY = "clockdyno"
Command = list[str]


def commands(root: Path, on: bool) -> list[Command]:
    """Return what to tell uv; nothing where pyproject.toml says it already, or cannot be told."""
    facts = _read(root)
    asked = _asked(facts)
    if asked is None or (EXTRA in asked.extras) == on:
        return []
    if on:
        return [["add", "--no-sync", _with_extras(asked, asked.extras | {EXTRA})]]
    source = facts.get("tool", {}).get("uv", {}).get("sources", {}).get(LIBRARY)
    rest = _with_extras(asked, asked.extras - {EXTRA})
    if source is None:
        rest += str(asked.specifier)
    elif "path" in source:
        rest += f" @ ./{source['path']}"
    else:
        return []
    # `uv add` adds extras to those that are there, and takes none away.
    return [["remove", "--no-sync", LIBRARY], ["add", "--no-sync", rest]]


def asks(root: Path) -> bool:
    """Say whether pyproject.toml asks for the queue."""
    asked = _asked(_read(root))
    return asked is not None and EXTRA in asked.extras


def _read(root: Path) -> dict[str, Any]:
    try:
        return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _asked(facts: dict[str, Any]) -> Requirement | None:
    for text in facts.get("project", {}).get("dependencies", []):
        try:
            found = Requirement(text)
        except (InvalidRequirement, TypeError):
            continue
        if found.name == LIBRARY:
            return found
    return None


def _with_extras(asked: Requirement, extras: set[str]) -> str:
    return f"{asked.name}[{','.join(sorted(extras))}]" if extras else asked.name
