"""What the clock's log lines say, in words; everything else as it is."""

import re
import shlex
from collections.abc import Callable
from datetime import datetime, tzinfo

from clockdyno import logs
from clockdyno.schedule import listing

# What gunicorn puts before each line: the time once more, its process, its level.
GUNICORN = re.compile(r"\[[\d: +-]{20,}\] \[\d+\] \[\w+\] ")
PLAIN = "info"  # The level that needs no word.
Facts = dict[str, str]


def in_words(text: str, zone: tzinfo, now: datetime) -> str:
    """Return a log line as people read it; times in this zone."""
    said = logs.read(text)
    if said:
        level, message = said
        return message if level == PLAIN else f"{level}: {message}"
    facts = logfmt(text)
    say = EVENTS.get(facts.get("at", ""))
    if say is None:
        return GUNICORN.sub("", text, 1)
    for name in ("scheduled_at", "next", "due_at", "until"):
        if name in facts:
            facts[name] = _moment(facts[name], zone, now)
    try:
        return say(facts)
    except (LookupError, ValueError):  # Whatever a job prints is no event of the clock.
        return text


def logfmt(text: str) -> Facts:
    """Read the fields of a log line; what is none is passed over."""
    try:
        words = shlex.split(text)
    except ValueError:
        return {}
    return dict(word.split("=", 1) for word in words if re.match(r"\w+=", word))


def _moment(text: str, zone: tzinfo, now: datetime) -> str:
    try:
        return listing.moment(datetime.fromisoformat(text).astimezone(zone), now)
    except ValueError:
        return text


def _start(facts: Facts) -> str:
    number = facts["jobs"]
    jobs = f"{number} job{'' if number == '1' else 's'}"
    return f"the clock started: {jobs}, times in {facts['zone']}"


def _run(facts: Facts) -> str:
    state, due = facts["state"], facts["scheduled_at"]
    again = f", attempt {facts['attempt']}" if facts.get("attempt", "1") != "1" else ""
    took = f" in {float(facts['took']):.3g} s" if "took" in facts else ""
    reason = facts.get("error") or facts.get("reason")
    why = f": {reason}" if reason else ""
    retry = f"; again at {facts['due_at']}" if "due_at" in facts else ""
    return f"{facts['job']} {state}{took}{again} (due {due}){why}{retry}"


def _missed(facts: Facts) -> str:
    until = f" to {facts['until']}" if facts.get("count", "1") != "1" else ""
    return f"{facts['job']} missed {facts['scheduled_at']}{until}: {facts['reason']}"


EVENTS: dict[str, Callable[[Facts], str]] = {
    "start": _start,
    "stop": lambda facts: f"the clock stopped{': ' + facts['msg'] if 'msg' in facts else ''}",
    "job": lambda facts: f"{facts['job']} runs next {facts['next']}",
    "run": _run,
    "missed": _missed,
    "warning": lambda facts: f"warning: {facts['msg']}",
}
