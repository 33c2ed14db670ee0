"""Finds runs among those of all jobs, and groups the errors of what it finds by their last line."""

from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from clockdyno.ledger import run_reports
from clockdyno.ledger.tables import runs

ERRORS = 2000  # so many of the newest ones are looked at: what they say stands in no index
Place = tuple[datetime, int]  # of a run: when it was scheduled, and its number
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
    db: sa.Connection, wanted: Wanted, before: Place | None, size: int
) -> tuple[list[run_reports.Run], Place | None]:
    """Return runs, newest first, and behind which place there may be older ones.

    `before` is that of the runs already seen. A text is looked for in so many errors at a time
    that none, or few, may be found in them although there are older ones.
    """
    if wanted.text:
        found = _saying(db, wanted, before, size + 1)
    else:
        span = _span(wanted)
        found = run_reports.runs(db, wanted.job_id, wanted.state, before, size + 1, span)
    if len(found) > size:
        return found[:size], (found[size - 1].scheduled_at, found[size - 1].id)
    return found, _last_looked_at(db, wanted, before) if wanted.text else None


def _saying(
    db: sa.Connection, wanted: Wanted, before: Place | None, limit: int
) -> list[run_reports.Run]:
    # In a query of its own, which no planner can turn into a search of all errors that there are.
    newest = _errors(wanted, before, runs.c.id, runs.c.error).limit(ERRORS).subquery()
    says = newest.c.error.ilike(f"%{_escaped(wanted.text or '')}%", escape="/")
    ids = db.scalars(sa.select(newest.c.id).where(says).limit(limit)).all()
    return run_reports.runs(db, limit=limit, where=[runs.c.id.in_(ids)]) if ids else []


def _last_looked_at(db: sa.Connection, wanted: Wanted, before: Place | None) -> Place | None:
    """Return the place of the last error that was looked at, if there are older ones."""
    ends = _errors(wanted, before, runs.c.scheduled_at, runs.c.id).offset(ERRORS - 1).limit(2)
    places = [(row.scheduled_at, row.id) for row in db.execute(ends)]
    return places[0] if len(places) > 1 else None


def errors(db: sa.Connection, wanted: Wanted) -> tuple[list[Errors], bool]:
    """Return the errors by their last line, the newest first; and whether older ones are left."""
    newest = _errors(wanted, None, runs.c.id, runs.c.job_id, runs.c.scheduled_at)
    said = newest.add_columns(run_reports.last_words(db, runs.c))
    rows = db.execute(said.limit(ERRORS + 1)).all()
    found: dict[str, Errors] = {}
    for run, job, at, text in rows[:ERRORS]:
        line = run_reports.last_line(text)
        if wanted.text and wanted.text.lower() not in line.lower():
            continue
        known = found.setdefault(line, Errors(line, 0, at, at, [], run))
        if job not in known.jobs:
            known.jobs.append(job)
        found[line] = known._replace(number=known.number + 1, first_at=at)
    return list(found.values()), len(rows) > ERRORS


def _errors(wanted: Wanted, before: Place | None, *columns: Any) -> sa.Select[Any]:
    """Select runs with an error, newest first."""
    c = runs.c
    which = [HAS_ERROR, *_span(wanted)]
    # Only what failed has an error, and an index has a job's runs by their state.
    state = wanted.state or (wanted.job_id and "failed")
    which += [c.job_id == wanted.job_id] if wanted.job_id else []
    which += [c.state == state] if state else []
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
