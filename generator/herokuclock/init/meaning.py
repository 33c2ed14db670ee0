"""What becomes otherwise when a BlockingScheduler becomes a Clock, in words."""

import ast
from collections.abc import Iterator

from herokuclock.errors import REFUSED
from herokuclock.jobs.anchors import last_name
from herokuclock.jobs.reader import TRIGGERS, FoundJob, read, timezone
from herokuclock.jobs.source import parse

GRID = (
    "Intervals stand on a fixed grid: every 15 minutes is :00, :15, :30 and :45, not 15 minutes "
    "after the start. So a restart moves nothing. Here: {jobs}."
)
OVERLAP = (
    "A run that is due while the one before it is still going on is skipped, and has a row that "
    "says so, also across a deploy; max_instances=2 allows two."
)
LATE = (
    "What was due while no clock ran is caught up, once, until the job's next time and at most 6 "
    "hours late; APScheduler let it go after a second. catch_up= of a job says otherwise."
)
ZONE = (
    "The clock's zone stands in its file now: {zone}{why}. It was the server's, and no longer "
    'changes with the machine. Another one may stand there: timezone="Europe/Berlin".'
)
SERVERS = ", which is what Heroku's servers have"
OF_APP_JSON = ", as TZ in app.json says"
TRIGGER = (
    "{file}:{line}: this {kind} names no zone. It counted by the server's, UTC on Heroku, and now "
    "does by the clock's, {zone}."
)
RENAMED = (
    "The process {type} is called clock now. After the push: heroku ps:scale {type}=0 clock=1, "
    "which `herokuclock deploy` does for clock."
)
CONTEXT = "Each job runs in the context of {app}, which is made when the first job runs."
TABLES = (
    "The clock's tables stand in a schema of their own, so that a migration of the app's proposes "
    "nothing about them."
)


def of_jobs(name: str, text: str) -> Iterator[str]:
    """Say what changes for the jobs of a file that now has a Clock."""
    jobs = _jobs(name, text)
    intervals = [job.id for job in jobs if any(s.kind == "interval" for s in job.schedules)]
    if intervals:
        yield GRID.format(jobs=", ".join(intervals[:5]) + (", ..." if intervals[5:] else ""))
    yield OVERLAP
    yield LATE
    zone = timezone(text)
    if zone and zone != "UTC":
        yield from _triggers(name, text, zone)


def _jobs(name: str, text: str) -> list[FoundJob]:
    try:
        return read(text, name)
    except REFUSED:
        return []


def _triggers(name: str, text: str, zone: str) -> Iterator[str]:
    for node in ast.walk(parse(text, name).tree):
        if not isinstance(node, ast.Call):
            continue
        kind = last_name(node.func)
        is_named = any(keyword.arg in ("timezone", None) for keyword in node.keywords)
        if (kind in TRIGGERS or kind == "from_crontab") and not is_named:
            yield TRIGGER.format(file=name, line=node.lineno, kind=kind, zone=zone)
