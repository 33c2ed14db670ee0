"""Finds runs among those of all jobs, and groups the errors of what it finds by their last line."""

from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from clockdyno.ledger import reports
from clockdyno.ledger.tables import runs

ERRORS = 2000  # so many of the newest ones are looked at: what they say stands in no index
HAS_ERROR = runs.c.error.is_not(None)


class Wanted(NamedTuple):
    """Which runs: what is None does not matter. `text` is a part of the error, in any case."""

    job_id: str | None = None
    state: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None


class Errors(NamedTuple):
    """Runs whose errors end in the same line; the newest of them is `run`."""

    line: str
    number: int
    first_at: datetime
    last_at: datetime
    jobs: list[str]
    run: int


def find(
    db: sa.Connection, wanted: Wanted, before: tuple[datetime, int] | None, limit: int
) -> list[reports.Run]:
    """Return runs, newest first; `before` is (scheduled_at, id) of the last one already seen."""
    if not wanted.text:
        return reports.runs(db, wanted.job_id, wanted.state, before, limit, _span(wanted))
    which = [runs.c.id.in_(_newest(wanted, before, runs.c.id).where(HAS_ERROR).limit(ERRORS))]
    text = _escaped(wanted.text)
    which.append(runs.c.error.ilike(f"%{text}%", escape="/"))
    return reports.runs(db, None, None, None, limit, which)


def errors(db: sa.Connection, wanted: Wanted) -> tuple[list[Errors], bool]:
    """Return the errors by their last line, the newest first; and whether older ones are left."""
    newest = _newest(wanted, None, runs.c.id, runs.c.job_id, runs.c.scheduled_at)
    said = newest.add_columns(reports.last_words(db, runs.c)).where(HAS_ERROR)
    rows = db.execute(said.limit(ERRORS + 1)).all()
    found: dict[str, Errors] = {}
    for run, job, at, text in rows[:ERRORS]:
        line = reports.last_line(text)
        if wanted.text and wanted.text.lower() not in line.lower():
            continue
        known = found.setdefault(line, Errors(line, 0, at, at, [], run))
        if job not in known.jobs:
            known.jobs.append(job)
        found[line] = known._replace(number=known.number + 1, first_at=at)
    return list(found.values()), len(rows) > ERRORS


def _newest(wanted: Wanted, before: tuple[datetime, int] | None, *columns: Any) -> sa.Select[Any]:
    c = runs.c
    which = _span(wanted)
    which += [c.job_id == wanted.job_id] if wanted.job_id else []
    which += [c.state == wanted.state] if wanted.state else []
    if before:
        which.append(c.scheduled_at <= before[0])
        which.append(sa.or_(c.scheduled_at < before[0], c.id < before[1]))
    return sa.select(*columns).where(*which).order_by(c.scheduled_at.desc(), c.id.desc())


def _span(wanted: Wanted) -> list[Any]:
    since = [runs.c.scheduled_at >= wanted.since] if wanted.since else []
    return since + ([runs.c.scheduled_at < wanted.until] if wanted.until else [])


def _escaped(text: str) -> str:
    for letter in "/%_":
        text = text.replace(letter, "/" + letter)
    return text
