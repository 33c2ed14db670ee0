"""What people ask of the clock, from the dashboard or the command line: a row, which it notices."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from clockdyno.ledger import schedules as rows
from clockdyno.ledger.presence import SILENT
from clockdyno.ledger.tables import clocks, jobs, runs


def run_now(engine: sa.Engine, job: str) -> bool:
    """Ask for a run; False if there is no such job. Two in one second are one run."""
    now = datetime.now(UTC).replace(microsecond=0)
    row = {"job_id": job, "scheduled_at": now, "kind": "manual", "state": "requested"}
    with engine.execution_options(writes=True).begin() as db:
        here = sa.and_(jobs.c.job_id == job, jobs.c.gone_at.is_(None))
        known = db.scalar(sa.select(jobs.c.job_id).where(here).with_for_update())
        if known is None and rows.by_job(db, job, lock=True) is None:
            return False
        key = (runs.c.job_id == job, runs.c.scheduled_at == now, runs.c.kind == "manual")
        if db.scalar(sa.select(runs.c.id).where(*key)) is None:
            db.execute(runs.insert().values(**row, attempt=0, due_at=now))
        return True


def pause(engine: sa.Engine, job: str) -> bool:
    """Let a job's fires pass without a trace until it is resumed."""
    is_new = jobs.c.paused_at.is_(None)
    known = _update(engine, job, is_new, paused_at=datetime.now(UTC))
    return known or rows.steer(engine, job, rows.pause)


def resume(engine: sa.Engine, job: str) -> bool:
    """Let a job fire again from now on; what passed while it was paused is not caught up."""
    now = datetime.now(UTC)
    is_paused = jobs.c.paused_at.is_not(None)
    known = _update(engine, job, is_paused, paused_at=None, known_since=now)
    return known or rows.steer(engine, job, rows.resume)


def delete(engine: sa.Engine, job: str) -> bool:
    """Delete a schedule that was put at run time; False if there is none."""
    return rows.steer(engine, job, rows.delete)


def history(engine: sa.Engine, job: str | None = None, count: int = 20) -> Sequence[Any]:
    """Return the newest runs, newest first."""
    statement = sa.select(runs).order_by(runs.c.scheduled_at.desc()).limit(count)
    with engine.connect() as db:
        return db.execute(statement.where(runs.c.job_id == job) if job else statement).all()


def clocks_up(engine: sa.Engine) -> Sequence[Any]:
    """Return the clocks that run now; one that was killed may look as if it did for a while."""
    there = (clocks.c.role == "clock", clocks.c.stopped_at.is_(None), clocks.c.lost_at.is_(None))
    beats = clocks.c.heartbeat_at > datetime.now(UTC) - SILENT
    with engine.connect() as db:
        return db.execute(sa.select(clocks).where(*there, beats)).all()


def _update(engine: sa.Engine, job: str, unless: Any, **values: Any) -> bool:
    """Change a job's row; False if there is no such job."""
    with engine.execution_options(writes=True).begin() as db:
        db.execute(jobs.update().where(jobs.c.job_id == job, unless).values(**values))
        return db.scalar(sa.select(jobs.c.job_id).where(jobs.c.job_id == job)) is not None
