"""What the dashboard knows of the runs: one, or the newest of some, in one bounded query.

In lists a run's error is its last line alone; run() gives the whole of it.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa

from clockdyno.ledger import tables

CLOCKS, JOBS, RUNS = tables.clocks, tables.jobs, tables.runs
NO_TIME = timedelta(0)


class Run(NamedTuple):
    """A row of the ledger, with the dyno and release of the clock that ran it."""

    id: int
    job_id: str
    scheduled_at: datetime
    kind: str
    state: str
    reason: str | None
    attempt: int
    count: int  # type: ignore[assignment]
    due_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    error: str | None
    clock_id: int | None
    dyno: str | None
    release: str | None
    exceeded: float | None = None

    @property
    def late(self) -> timedelta | None:
        """Say how long after its time it started."""
        return self.started_at - self.scheduled_at if self.started_at else None

    @property
    def took(self) -> timedelta | None:
        """Say how long it ran; nothing did where it was skipped or missed."""
        if self.started_at is None or self.finished_at is None:
            return None
        took = self.finished_at - self.started_at
        return max(NO_TIME, took)


def seen(db: sa.Connection, ids: Collection[int]) -> set[tuple[int, int]]:
    """Return those of some runs, with their attempts, that somebody has noted as seen."""
    c = tables.orders.c
    asked = sa.select(c.run_id, c.attempt).where(c.run_id.in_(ids), c.what == "see")
    return {(row.run_id, row.attempt) for row in db.execute(asked)} if ids else set()


def run(db: sa.Connection, run_id: int) -> Run | None:
    """Return a run with the whole of its error."""
    if not 0 < run_id < 2**63:
        return None
    row = db.execute(select(RUNS.c, RUNS.c.error).where(RUNS.c.id == run_id)).one_or_none()
    return begun(Run(*row)) if row else None


def runs(
    db: sa.Connection,
    job_id: str | None = None,
    state: str | None = None,
    before: tuple[datetime, int] | None = None,
    limit: int = 50,
    where: Sequence[Any] = (),
) -> list[Run]:
    """Return runs, newest first; `before` is (scheduled_at, id) of the last one already seen."""
    which = [*where, RUNS.c.state == state] if state else [*where]
    if before:
        which.append(RUNS.c.scheduled_at <= before[0])
        which.append(sa.or_(RUNS.c.scheduled_at < before[0], RUNS.c.id < before[1]))
    if state and not job_id:
        # Only a job's own states are in an index.
        source, c = newest_of_each(db, limit, *which)
        statement = select(c, last_words(db, c), source)
    else:
        c = RUNS.c
        here = [c.job_id == job_id] if job_id else []
        statement = select(c, last_words(db, c)).where(*which, *here)
    return read(db, statement.order_by(c.scheduled_at.desc(), c.id.desc()).limit(limit))


def newest_of_each(
    db: sa.Connection, limit: int, *where: sa.ColumnElement[bool], places: Any = JOBS
) -> tuple[sa.FromClause, Any]:
    """Return a join of the jobs with the newest runs of each: a short look into the index each."""
    newest = sa.select(RUNS).where(RUNS.c.job_id == JOBS.c.job_id, *where)
    newest = newest.order_by(RUNS.c.scheduled_at.desc()).limit(limit)
    if db.dialect.name == "sqlite":
        shown, ids = RUNS.alias(), newest.with_only_columns(RUNS.c.id)
        ids = ids.correlate_except(RUNS)
        return places.join(shown, shown.c.id.in_(ids.scalar_subquery())), shown.c
    each = newest.lateral("newest")
    return places.join(each, sa.true()), each.c


def select(c: Any, error: sa.ColumnElement[str], source: sa.FromClause = RUNS) -> sa.Select[Any]:
    """Return the question for runs, as read() reads them, of a source with a run's columns `c`."""
    columns = [c[name] for name in Run._fields[:11]]
    columns += [error, c.clock_id, CLOCKS.c.dyno, CLOCKS.c.release, c.exceeded]
    ran = source.join(CLOCKS, CLOCKS.c.clock_id == c.clock_id, isouter=True)
    return sa.select(*columns).select_from(ran)


def last_words(db: sa.Connection, c: Any) -> sa.ColumnElement[str]:
    """Return the end of a run's error, in which its last line is."""
    if db.dialect.name == "sqlite":
        return sa.func.substr(c.error, -300)
    return sa.func.right(c.error, 300)


def read(db: sa.Connection, statement: sa.Select[Any]) -> list[Run]:
    """Return what select() asks for, each error by its last line."""
    found = [begun(Run(*row)) for row in db.execute(statement).all()]
    return [run._replace(error=last_line(run.error)) if run.error else run for run in found]


def begun(run: Run) -> Run:
    """Return a run without a start if there was none: the ledger notes when it skipped one."""
    return run._replace(started_at=None) if run.state == "skipped" else run


def last_line(text: str) -> str:
    """Return the line of an error that says most."""
    return text.strip().rpartition("\n")[2].strip()
