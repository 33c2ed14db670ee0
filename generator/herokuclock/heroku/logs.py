"""`herokuclock logs`: what clock, web and workers said since the last deploy."""

from datetime import UTC, tzinfo
from pathlib import Path

from herokuclock import screen
from herokuclock.heroku import log_words, platform, remotes
from herokuclock.jobs.zone import zone_info_of

MOST = 1500  # lines that Heroku keeps
OURS = ("app", "heroku")
# What a dyno's life looks like from outside; the router's line for each request is not of it.
LIFE = ("State changed", "Process exited", "Error ", "Starting process", "Stopping all")


def run(app: str | None, process: str | None, *, tail: bool) -> None:
    """Print an app's log in words; with `tail` go on until somebody ends it."""
    name = remotes.required(Path.cwd(), app)
    zone = zone_info_of(Path.cwd()) or UTC
    if tail:
        platform.follow_logs(name, process, lambda line: _tell(log_words.read(line), zone))
        return
    read = map(log_words.read, platform.logs(name, process, MOST))
    found = log_words.since_the_last_deploy([said for said in read if said])
    for said in found:
        _tell(said, zone)
    if not found:
        screen.note(f"{name} has said nothing yet.")


def _tell(said: log_words.Said | None, zone: tzinfo) -> None:
    if said is None or not _matters(said):
        return
    words = said.words(zone)
    wrong = any(mark in words for mark in (" failed", " lost", " crashed", "Traceback"))
    screen.say(words, "red" if wrong else "")


def _matters(said: log_words.Said) -> bool:
    """Say whether it is for the app's owner; the router's lines tell of requests alone."""
    if said.process == "router":
        return False
    return said.source == "app" or said.text.startswith(LIFE)
