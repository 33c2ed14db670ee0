"""What the dashboard knows of the jobs: it reads what the clock wrote, a few bounded queries."""

import os
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any, NamedTuple

import sqlalchemy as sa

from clockdyno.ledger import database, tables
from clockdyno.ledger.clock_status import Clock, Status, status
from clockdyno.ledger.run_reports import Run, last_words, newest_of_each, read, select

__all__ = ["Clock", "Job", "Run", "Status", "engine", "job", "jobs", "status"]
JOBS, RUNS = tables.jobs, tables.runs
LAST = 20  # runs of a job that its figures stand on
OUTCOMES = ("succeeded", "failed", "missed", "lost")
AS_THEY_ARE = "job_id grace paused_at gone_at known_since timeout expected paused_by awaits".split()
GONE_SHOWN = timedelta(days=30)
_order = tables.orders.c
PAUSED_BY = sa.case(
    (
        JOBS.c.paused_at.is_not(None),
        sa.select(_order.who)
        .where(_order.job_id == JOBS.c.job_id, _order.what == "pause")
        .order_by(_order.at.desc())
        .limit(1)
        .scalar_subquery(),
    )
).label("paused_by")
_engines: dict[int, sa.Engine] = {}
_making = threading.Lock()


class Job(NamedTuple):
    """A job with its last runs, newest first, and the figures (in seconds) made from them."""

    job_id: str
    doc: str
    words: str
    zone: str
    grace: float | None
    surprises: list[dict[str, str]]
    fires: list[datetime]
    paused_at: datetime | None
    gone_at: datetime | None
    known_since: datetime
    last: list[Run]
    success_rate: float | None
    usual: float | None
    longest: float | None
    timeout: float | None
    expected: float | None
    paused_by: str | None
    awaits: bool | None

    @property
    def can_stop(self) -> bool:
        """Say whether a run of it that goes on can be ended."""
        return bool(self.timeout or self.awaits)


class Name(NamedTuple):
    """A job's id, and its zone."""

    job_id: str
    zone: str


def engine() -> sa.Engine:
    """Return this process's engine: made after the fork, once, with the tables in place."""
    with _making:
        pid = os.getpid()
        if pid not in _engines:
            made = database.connect(pool_timeout=5, pool_pre_ping=True)
            if made.dialect.name == "postgresql":
                sa.event.listen(made, "begin", _set_limit)
            database.set_up(made)
            _engines[pid] = made
        return _engines[pid]


def _set_limit(db: sa.Connection) -> None:
    # For this transaction alone: a session's setting would leak through a pooler.
    db.exec_driver_sql("SET LOCAL statement_timeout = 5000")


def jobs(db: sa.Connection, most: int | None = None) -> list[Job]:
    """Return the jobs, those that are gone last; of more than `most` each without its figures.

    Such a one has its last run and its last outcome alone: see in_full().
    """
    recent = JOBS.c.gone_at > datetime.now(UTC) - GONE_SHOWN
    return _jobs(db, sa.or_(JOBS.c.gone_at.is_(None), recent), most)


def in_full(db: sa.Connection, found: Sequence[Job]) -> list[Job]:
    """Return some of many jobs with their last runs and figures."""
    last = _last(db, JOBS.c.job_id.in_([job.job_id for job in found]), LAST)
    return [job._replace(**_figures(last.get(job.job_id, []))) for job in found]


def job(db: sa.Connection, job_id: str) -> Job | None:
    """Return a job, also one that is gone."""
    return next(iter(_jobs(db, JOBS.c.job_id == job_id)), None)


def _jobs(db: sa.Connection, which: sa.ColumnElement[bool], most: int | None = None) -> list[Job]:
    order = (JOBS.c.gone_at.is_not(None), JOBS.c.job_id)
    found = db.execute(sa.select(JOBS, PAUSED_BY).where(which).order_by(*order)).all()
    if most is None or len(found) <= most:
        last = _last(db, which, LAST)
    else:
        last = _last(db, which, 1)
        outcomes = _last(db, which, 1, RUNS.c.state.in_(OUTCOMES), RUNS.c.due_at.is_(None))
        for job_id, runs in outcomes.items():
            last[job_id] += [run for run in runs if run not in last[job_id]]
    return [with_figures(row, last.get(row.job_id, [])) for row in found]


def _last(
    db: sa.Connection, which: sa.ColumnElement[bool], limit: int, *where: sa.ColumnElement[bool]
) -> dict[str, list[Run]]:
    """Return the newest runs of jobs, newest first."""
    last: dict[str, list[Run]] = {}
    source, c = newest_of_each(db, limit, *where)
    newest = select(c, last_words(db, c), source).where(which)
    for run in read(db, newest.order_by(c.scheduled_at.desc(), c.id.desc())):
        last.setdefault(run.job_id, []).append(run)
    return last


def with_figures(row: Any, last: list[Run]) -> Job:
    """Return a job with its last runs, and what they have in common."""
    fires = [datetime.fromisoformat(text) for text in row.fires or []]
    facts: dict[str, Any] = {"doc": row.doc or "", "words": row.words or ""}
    facts |= {"zone": row.zone or "UTC", "surprises": row.surprises or [], "fires": fires}
    return Job(**{name: getattr(row, name) for name in AS_THEY_ARE}, **facts, **_figures(last))


def _figures(last: list[Run]) -> dict[str, Any]:
    ended = [run for run in last if run.state not in ("running", "requested")]
    good = [run for run in ended if run.state == "succeeded"]
    took = [run.took.total_seconds() for run in good if run.took is not None]
    return {
        "last": last,
        "success_rate": len(good) / len(ended) if ended else None,
        "usual": median(took) if took else None,
        "longest": max(took, default=None),
    }


def names(db: sa.Connection) -> list[Name]:
    """Return the id and the zone of each job, those that are gone last."""
    columns = (JOBS.c.job_id, sa.func.coalesce(JOBS.c.zone, "UTC").label("zone"))
    order = (JOBS.c.gone_at.is_not(None), JOBS.c.job_id)
    return [Name(*row) for row in db.execute(sa.select(*columns).order_by(*order))]
