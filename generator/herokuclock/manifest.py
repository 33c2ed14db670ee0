"""What a project asks of Heroku: its Procfile and its app.json."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from herokuclock.errors import HerokuclockError

DATABASE = "heroku-postgresql:essential-0"
LINE = re.compile(r"^[^\S\n]*([a-zA-Z0-9_-]+):?[^\S\n]+(\S.*)", re.MULTILINE)


@dataclass(frozen=True)
class Manifest:
    """The process types with their commands, the database, the config vars, the stack."""

    processes: dict[str, str]
    database: str = DATABASE
    stack: str | None = None
    secrets: tuple[str, ...] = ()
    values: dict[str, str] = field(default_factory=dict)
    asked: tuple[str, ...] = ()


def procfile(root: Path) -> dict[str, str]:
    """Read the Procfile as Heroku does: what is no line of it is passed over."""
    path = root / "Procfile"
    text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    found = LINE.findall(text.replace("\r\n", "\n"))
    return {type: command.rstrip() for type, command in found}


def app_json(root: Path) -> dict[str, Any]:
    """Read app.json; there need not be one."""
    path = root / "app.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except (ValueError, RecursionError) as error:
        raise HerokuclockError(
            f"app.json is no JSON: {error}.", "Mend it: its comma or quote."
        ) from None
    if not isinstance(found, dict):
        raise HerokuclockError("app.json holds no object.", "It begins with { and ends with }.")
    return found


def read(root: Path) -> Manifest:
    """Return what the project at `root` asks of Heroku."""
    facts = app_json(root)
    variables = {name: _variable(facts) for name, facts in facts.get("env", {}).items()}
    return Manifest(
        procfile(root),
        next(filter(_is_database, map(_plan, facts.get("addons", []))), DATABASE),
        facts.get("stack"),
        tuple(name for name, facts in variables.items() if facts.get("generator") == "secret"),
        {name: str(facts["value"]) for name, facts in variables.items() if facts.get("value")},
        tuple(name for name, facts in variables.items() if _must_be_given(facts)),
    )


def _variable(facts: Any) -> dict[str, Any]:
    """Return a variable's facts; a plain text is its value."""
    return facts if isinstance(facts, dict) else {"value": facts}


def _must_be_given(facts: dict[str, Any]) -> bool:
    return facts.get("required", True) and not (facts.get("generator") or facts.get("value"))


def _plan(addon: Any) -> str:
    return str(addon.get("plan", "") if isinstance(addon, dict) else addon)


def _is_database(plan: str) -> bool:
    return plan.startswith("heroku-postgresql")
