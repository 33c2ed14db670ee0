"""Ask a person the questions of `new`, and show the answers before anything is written."""

from collections.abc import Callable, Mapping
from typing import Any

from clockdyno.schedule import zones

from herokuclock import screen
from herokuclock.new import job_list, pythons, terminal
from herokuclock.new.questions import (
    CLOCK_DYNO,
    PIP,
    UV,
    WORKER_DYNOS,
    Answer,
    Question,
    check_name,
    check_timezone,
    default_packages,
)


def ask(question: Question, default: Any, so_far: Mapping[str, Answer]) -> Any:
    """Ask one question; Back for the one before, KeyboardInterrupt for none at all."""
    if question.key == "jobs":
        return job_list.ask(default, so_far["timezone"].value)
    return _ASKERS[question.key](question.prompt, default)


def review(lines: list[str], keys: list[str]) -> str:
    """Show the answers; return "create", the key of the one to change, or "cancel"."""
    screen.say_lines(lines)
    screen.say()
    choices = {"create": "Create it", **{key: f"Change: {key}" for key in keys}, "cancel": "Cancel"}
    return terminal.choose("All right?", choices, "create", back=False)


def _ask_name(prompt: str, default: Any) -> str:
    screen.say(terminal.HINT)
    return terminal.text(prompt, check_name, default or "", back=False)


def _ask_timezone(prompt: str, default: Any) -> str:
    return _zone(terminal.from_list(prompt, _zone, default, zones.everywhere()))


def _zone(text: str) -> str:
    """Return the zone of this name; a part that only one name has is enough, as in the list."""
    if not zones.known(text) and not zones.is_abbreviation(text):
        found = [zone for zone in zones.everywhere() if text.lower() in zone.lower()]
        text = found[0] if len(found) == 1 else text
    return check_timezone(text)


def _ask_python(prompt: str, default: Any) -> str:
    usual, reason = pythons.default()
    choices = {version: version for version in pythons.ALL} | {usual: f"{usual} ({reason})"}
    return terminal.choose(prompt, choices, default)


def _ask_packages(prompt: str, default: Any) -> str:
    usual, reason = default_packages()
    words = {UV: "Heroku recommends it", PIP: "requirements files"}
    words[usual] += f" ({reason})"
    choices = {tool: f"{tool}: {said}" for tool, said in words.items()}
    return terminal.choose(prompt, choices, default)


def _ask_workers(prompt: str, default: Any) -> str:
    choices = {
        CLOCK_DYNO: f"{CLOCK_DYNO}: simplest; a deploy waits 24 s for a running job",
        WORKER_DYNOS: f"{WORKER_DYNOS}: for long or many jobs; you may switch later",
    }
    return terminal.choose(prompt, choices, default)


_ASKERS: dict[str, Callable[[str, Any], Any]] = {
    "name": _ask_name,
    "timezone": _ask_timezone,
    "python": _ask_python,
    "packages": _ask_packages,
    "workers": _ask_workers,
}
