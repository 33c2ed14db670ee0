"""What an app's log says, in words: the clock's events, and everything else as it is."""

import re
from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import NamedTuple

from clockdyno.schedule import listing

from herokuclock.heroku.health import logfmt

LINE = re.compile(r"(\S+) (\w+)\[([\w.-]+)\]: (.*)", re.DOTALL)
# Who says when a new release began, and how: a deploy, a config change, a rollback.
DEPLOYED = re.compile(r"(Deploy \S+|Rollback to v\d+|Release v\d+ created) by ")
# What gunicorn puts before each line: the time once more, its process, its level.
GUNICORN = re.compile(r"\[[\d: +-]{20,}\] \[\d+\] \[\w+\] ")
Facts = dict[str, str]


class Said(NamedTuple):
    """A line of the log: when, from which of Heroku's sources, of which process, and what."""

    at: datetime
    source: str
    process: str
    text: str

    @property
    def is_release(self) -> bool:
        return self.process == "api" and bool(DEPLOYED.match(self.text))

    def words(self, zone: tzinfo) -> str:
        """Return it as people read it; times in this zone."""
        at = self.at.astimezone(zone)
        return f"{at:%H:%M:%S}  {self.process:9}  {_in_words(self.text, zone, self.at)}"


def read(line: str) -> Said | None:
    """Read a line as `heroku logs` prints it; None for what is none."""
    found = LINE.match(line)
    if not found:
        return None
    when, source, process, text = found.groups()
    try:
        return Said(datetime.fromisoformat(when), source, process, text)
    except ValueError:
        return None


def since_the_last_deploy(said: list[Said]) -> list[Said]:
    """Return what was said since the newest deploy, or since the newest release of another kind."""
    releases = [number for number, one in enumerate(said) if one.is_release]
    deploys = [number for number in releases if said[number].text.startswith("Deploy")]
    return said[(deploys or releases or [0])[-1] :]


def _in_words(text: str, zone: tzinfo, now: datetime) -> str:
    facts = logfmt(text)
    say = EVENTS.get(facts.get("at", ""))
    if say is None:
        return GUNICORN.sub("", text, 1)
    for name in ("scheduled_at", "next", "due_at", "until"):
        if name in facts:
            facts[name] = _moment(facts[name], zone, now)
    try:
        return say(facts)
    except LookupError:
        return text


def _moment(text: str, zone: tzinfo, now: datetime) -> str:
    try:
        return listing.moment(datetime.fromisoformat(text).astimezone(zone), now)
    except ValueError:
        return text


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
    "start": lambda facts: f"the clock started: {facts['jobs']} jobs, times in {facts['zone']}",
    "stop": lambda facts: f"the clock stopped{': ' + facts['msg'] if 'msg' in facts else ''}",
    "job": lambda facts: f"{facts['job']} runs next {facts['next']}",
    "run": _run,
    "missed": _missed,
    "warning": lambda facts: f"warning: {facts['msg']}",
}
