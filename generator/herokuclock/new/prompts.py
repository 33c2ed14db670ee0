"""Ask a person: arrow-key lists, answers checked as they are typed, a review before anything."""

import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from textwrap import fill
from typing import Any

import questionary
from clockdyno.schedule import zones
from clockdyno.schedule.typed import parse
from prompt_toolkit.filters import to_filter

from herokuclock import screen
from herokuclock.errors import REFUSED
from herokuclock.new.questions import (
    CLOCK_DYNO,
    PIP,
    PYTHONS,
    UV,
    WORKER_DYNOS,
    Answer,
    Question,
    check_job_name,
    check_name,
    check_timezone,
    check_when,
    default_packages,
)
from herokuclock.preview import preview

KINDS = {
    "interval": ("every so often", "every 15 minutes, or minutes=15"),
    "cron": ("at times of the day, week or month", "weekdays at 17:00, or hour=17"),
    "date": ("once", "2027-01-05 09:00"),
}


def ask(question: Question, default: Any, so_far: Mapping[str, Answer]) -> Any:
    """Ask one question; KeyboardInterrupt when the person leaves."""
    if question.key == "jobs":
        return _ask_jobs(default, so_far["timezone"].value)
    return _ASKERS[question.key](question.prompt, default)


def review(lines: list[str], keys: list[str]) -> str:
    """Show the answers; return "create", the key of the one to change, or "cancel"."""
    screen.say_lines(lines)
    screen.say()
    choices = [questionary.Choice("Create it", "create")]
    choices += [questionary.Choice(f"Change: {key}", key) for key in keys]
    choices.append(questionary.Choice("Cancel", "cancel"))
    return str(_unsafe(questionary.select("All right?", choices)))


def confirm(question: str) -> bool:
    """Ask for a yes; Enter alone is a no."""
    return bool(_unsafe(questionary.confirm(question, default=False)))


def _ask_name(prompt: str, default: Any) -> str:
    return _text(prompt, check_name)


def _ask_timezone(prompt: str, default: Any) -> str:
    asked = questionary.autocomplete(
        prompt + f" (Enter: {default}, this machine's)",
        choices=zones.everywhere(),
        validate=_validator(lambda text: _zone(text or default)),
        validate_while_typing=False,
    )
    return _zone(str(_unsafe(_below(asked))) or default)


def _zone(text: str) -> str:
    """Return the zone of this name; a part that only one name has is enough, as in the list."""
    if not zones.known(text) and not zones.is_abbreviation(text):
        found = [zone for zone in zones.everywhere() if text.lower() in zone.lower()]
        text = found[0] if len(found) == 1 else text
    return check_timezone(text)


def _ask_python(prompt: str, default: Any) -> str:
    return str(_unsafe(questionary.select(prompt, list(PYTHONS), default=default)))


def _ask_packages(prompt: str, default: Any) -> str:
    usual, reason = default_packages()
    words = {UV: "Heroku recommends it", PIP: "requirements files"}
    words[usual] += f" ({reason})"
    choices = [questionary.Choice(f"{tool}: {said}", tool) for tool, said in words.items()]
    return str(_unsafe(questionary.select(prompt, choices, default=default)))


def _ask_workers(prompt: str, default: Any) -> str:
    choices = [
        questionary.Choice(f"{CLOCK_DYNO}: simplest, for jobs that end within 24 s", CLOCK_DYNO),
        questionary.Choice(f"{WORKER_DYNOS}: for long or many jobs; you may switch", WORKER_DYNOS),
    ]
    return str(_unsafe(questionary.select(prompt, choices, default=default)))


def _ask_jobs(default: Any, zone: str) -> Any:
    screen.say("Which jobs? One at a time; an empty name ends the list.")
    jobs: dict[str, Any] = {}
    while name := _ask_job_name(jobs, default):
        jobs[name] = _ask_when(_ask_kind())
        shown = preview(parse(jobs[name]), zone, datetime.now(UTC), 3)
        screen.say_lines(shown.lines("  "))
    return jobs or default


def _ask_when(kind: str) -> str:
    examples = KINDS[kind][1]
    text = _text(f"When? ({examples})", lambda text: check_when(_when(kind, text)))
    return _when(kind, text)


def _ask_job_name(jobs: Mapping[str, str], default: Mapping[str, str]) -> str:
    instead = "" if jobs else f" (Enter: {_names(default)})"
    return _text(
        f"Job {len(jobs) + 1}, its function's name{instead}",
        lambda text: check_job_name(text, set(jobs)),
        empty=True,
    )


def _when(kind: str, text: str) -> str:
    """Put the kind before bare keywords; words, crontab lines and whole triggers need none."""
    return f"{kind} {text}" if "=" in text and not text.startswith(tuple(KINDS)) else text


def _names(default: Mapping[str, str]) -> str:
    return ", ".join(f"{name}, {when}" for name, when in default.items())


def _ask_kind() -> str:
    choices = [questionary.Choice(f"{kind}: {words}", kind) for kind, (words, _) in KINDS.items()]
    return str(_unsafe(questionary.select("What kind?", choices)))


def _text(prompt: str, check: Callable[[str], Any], *, empty: bool = False) -> str:
    validate = _validator(check, empty=empty)
    asked = questionary.text(prompt, validate=validate, validate_while_typing=False)
    return str(_unsafe(_below(asked)))


def _below(question: questionary.Question) -> questionary.Question:
    """Show an error right below what was typed, on as many lines as it needs."""
    # By itself it gets one line, cut off at the width, at the bottom of the terminal.
    for window in question.application.layout.find_all_windows():
        window.dont_extend_height = to_filter(True)
        if window.height == 1:
            window.height = None
    return question


def _validator(check: Callable[[str], Any], *, empty: bool = False) -> Callable[[str], bool | str]:
    def valid(text: str) -> bool | str:
        if empty and not text:
            return True
        try:
            check(text)
        except REFUSED as error:
            width = shutil.get_terminal_size().columns
            return "\n".join(fill(line, width) for line in (error.message, error.hint) if line)
        return True

    return valid


def _unsafe(question: questionary.Question) -> Any:
    # `ask()` would print its own words on Ctrl-C and return None; cli.py owns that case.
    try:
        return question.unsafe_ask()
    except EOFError:  # Ctrl-D, or a terminal that is gone.
        raise KeyboardInterrupt from None


_ASKERS: dict[str, Callable[[str, Any], Any]] = {
    "name": _ask_name,
    "timezone": _ask_timezone,
    "python": _ask_python,
    "packages": _ask_packages,
    "workers": _ask_workers,
}
