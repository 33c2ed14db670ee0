"""What people ask of the clock, from the dashboard or the command line: a row, which it notices.

Each of these is noted with who asked and when. `who` is a name that somebody gave, and proves
nothing: one password is for all.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from clockdyno.ledger import schedules as rows
from clockdyno.ledger.presence import SILENT
from clockdyno.ledger.schedule_tables import schedules, tasks
from clockdyno.ledger.tables import clocks, jobs, orders, runs

HERE = jobs.c.gone_at.is_(None)
CAN_STOP = "A job with timeout= has a process of its own, and an async one can be cancelled"


def run_now(engine: sa.Engine, job: str, who: str | None = None) -> bool:
    """Ask for a run; False if there is no such job. Two in one second are one run."""
    now = _now().replace(microsecond=0)
    row = {"job_id": job, "scheduled_at": now, "kind": "manual", "state": "requested"}
    with engine.execution_options(writes=True).begin() as db:
        known = db.scalar(
            sa.select(jobs.c.job_id).where(jobs.c.job_id == job, HERE).with_for_update()
        )
        if known is None and rows.by_job(db, job, lock=True) is None:
            return False
        key = (runs.c.job_id == job, runs.c.scheduled_at == now, runs.c.kind == "manual")
        if db.scalar(sa.select(runs.c.id).where(*key)) is None:
            new = runs.insert().values(**row, attempt=0, due_at=now).returning(runs.c.id)
            _note(db, who, "run", job, db.scalar(new))
        return True


def pause(engine: sa.Engine, job: str, who: str | None = None) -> bool:
    """Let a job's fires pass without a trace until it is resumed; False if there is none."""
    known = _steer(engine, "pause", who, jobs.c.job_id == job) is not None
    return known or _steer_schedule(engine, "pause", who, job)


def resume(engine: sa.Engine, job: str, who: str | None = None) -> bool:
    """Let a job fire again from now on; what passed while it was paused is not caught up."""
    known = _steer(engine, "resume", who, jobs.c.job_id == job) is not None
    return known or _steer_schedule(engine, "resume", who, job)


def delete(engine: sa.Engine, job: str, who: str | None = None) -> bool:
    """Delete a schedule that was put at run time; False if there is none."""
    return _steer_schedule(engine, "delete", who, job)


def pause_all(engine: sa.Engine, who: str | None = None) -> int:
    """Pause all jobs and all schedules; return how many were not paused before."""
    number = _steer(engine, "pause", who, HERE) or 0
    return number + _steer_schedules(engine, "pause", who, rows.pause_all)


def resume_all(engine: sa.Engine, who: str | None = None) -> int:
    """Resume all jobs and all schedules; return how many were paused."""
    number = _steer(engine, "resume", who, HERE) or 0
    return number + _steer_schedules(engine, "resume", who, rows.resume_all)


def again(engine: sa.Engine, run: int, who: str | None = None) -> str | None:
    """Ask for a run once more: the same scheduled time, a further attempt. Say why not."""
    with engine.execution_options(writes=True).begin() as db:
        row = db.execute(sa.select(runs).where(runs.c.id == run).with_for_update()).one_or_none()
        if row is None:
            return "there is no such run"
        if row.state in ("running", "requested") or row.due_at:
            return "it goes on, or is about to"
        if row._mapping["count"] > 1:
            return "its row stands for several times; run its job now instead"
        known = db.scalar(sa.select(jobs.c.job_id).where(jobs.c.job_id == row.job_id, HERE))
        if known is None and rows.by_job(db, row.job_id) is None:
            return "its job is no longer there"
        db.execute(runs.update().where(runs.c.id == run).values(due_at=_now()))
        _note(db, who, "again", row.job_id, run, row.attempt)
        return None


def stop(engine: sa.Engine, run: int, who: str | None = None) -> str | None:
    """Ask for the end of a run that goes on, where it can be ended. Say why not."""
    with engine.execution_options(writes=True).begin() as db:
        its_job = runs.join(jobs, jobs.c.job_id == runs.c.job_id, isouter=True)
        its_job = its_job.join(schedules, schedules.c.job_id == runs.c.job_id, isouter=True)
        its_job = its_job.join(tasks, tasks.c.name == schedules.c.task, isouter=True)
        found = sa.select(runs, sa.func.coalesce(jobs.c.job_id, tasks.c.name).label("function"))
        for name in ("timeout", "awaits"):
            found = found.add_columns(sa.func.coalesce(jobs.c[name], tasks.c[name]).label(name))
        row = db.execute(found.select_from(its_job).where(runs.c.id == run)).one_or_none()
        if row is None or row.state != "running":
            return "it does not go on"
        # Of a schedule that was deleted meanwhile nobody knows; its process will.
        if row.function and not (row.timeout or row.awaits):
            return "it shares its process with others. " + CAN_STOP
        _note(db, who, "stop", row.job_id, run, row.attempt)
        return None


def see(engine: sa.Engine, run: int, who: str | None = None) -> str | None:
    """Note that somebody knows how a run ended, so that it needs no look any more."""
    with engine.execution_options(writes=True).begin() as db:
        row = db.execute(sa.select(runs).where(runs.c.id == run)).one_or_none()
        if row is None:
            return "there is no such run"
        _note(db, who, "see", row.job_id, run, row.attempt)
        return None


def history(engine: sa.Engine, job: str | None = None, count: int = 20) -> Sequence[Any]:
    """Return the newest runs, newest first."""
    statement = sa.select(runs).order_by(runs.c.scheduled_at.desc()).limit(count)
    with engine.connect() as db:
        return db.execute(statement.where(runs.c.job_id == job) if job else statement).all()


def clocks_up(engine: sa.Engine) -> Sequence[Any]:
    """Return the clocks that run now; one that was killed may look as if it did for a while."""
    there = (clocks.c.role == "clock", clocks.c.stopped_at.is_(None), clocks.c.lost_at.is_(None))
    beats = clocks.c.heartbeat_at > _now() - SILENT
    with engine.connect() as db:
        return db.execute(sa.select(clocks).where(*there, beats)).all()


def _steer(engine: sa.Engine, what: str, who: str | None, which: Any) -> int | None:
    """Pause or resume jobs; return how many were not so before, None if there is none at all."""
    now, is_paused = _now(), jobs.c.paused_at.is_not(None)
    other, values = ~is_paused, dict[str, Any](paused_at=now)
    if what == "resume":
        other, values = is_paused, {"paused_at": None, "known_since": now}
    with engine.execution_options(writes=True).begin() as db:
        changed = jobs.update().where(which, other).values(values).returning(jobs.c.job_id)
        for job in (changed_ids := db.scalars(changed).all()):
            _note(db, who, what, job, at=now)
        if changed_ids or db.scalar(sa.select(jobs.c.job_id).where(which).limit(1)) is not None:
            return len(changed_ids)
        return None


def _steer_schedule(engine: sa.Engine, what: str, who: str | None, job: str) -> bool:
    """Pause, resume or delete a schedule; False if there is no such row."""
    acts, now = {"pause": rows.pause, "resume": rows.resume, "delete": rows.delete}, _now()
    with engine.execution_options(writes=True).begin() as db:
        row = rows.by_job(db, job, lock=True)
        if row:
            acts[what](db, row, now)
            _note(db, who, what, job, at=now)
        return row is not None


def _steer_schedules(engine: sa.Engine, what: str, who: str | None, act: Any) -> int:
    """Act on all schedules, of which there may be a hundred thousand: one note is for all."""
    now = _now()
    number: int = act(engine, now)
    if number:
        with engine.execution_options(writes=True).begin() as db:
            _note(db, who, what, rows.MARK, at=now)
    return number


def _now() -> datetime:
    return datetime.now(UTC)


def _note(
    db: sa.Connection,
    who: str | None,
    what: str,
    job: str,
    run: int | None = None,
    attempt: int | None = None,
    at: datetime | None = None,
) -> None:
    row = {"at": at or _now(), "who": who, "what": what}
    db.execute(orders.insert().values(**row, job_id=job, run_id=run, attempt=attempt))
