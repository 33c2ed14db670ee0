"""Rows of schedules: found, listed, counted, paused, resumed and deleted, all without a trigger.

What a row owed up to a change is put into its backlog, which a clock settles: so no time is lost
when somebody pauses, changes or deletes what was due, and nobody was there to see to it.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from clockdyno.ledger.schedule_tables import IS_THERE, schedules, tasks
from clockdyno.ledger.tables import runs

C = schedules.c
MARK = "~"  # stands in the id of a row, between its key and six letters of its own
MANY = 500  # are locked at a time
UNSEEN = timedelta(minutes=1)  # A clock that is up looks at what is due within seconds.
NOT_BEGUN = runs.c.state == sa.literal_column("'requested'")


def by_key(db: sa.Connection, key: str, *, lock: bool = False) -> Any:
    """Return the row of a key, if there is one."""
    return _one(db, C.key == key, lock=lock) if _can_be(key) else None


def by_job(db: sa.Connection, job_id: str, *, lock: bool = False) -> Any:
    """Return the row whose runs bear this id, if it is still there."""
    return _one(db, C.job_id == job_id, lock=lock) if _can_be(job_id) else None


def _can_be(key: str) -> bool:
    """Say whether a key may be so; a database would choke on what cannot, as on NUL."""
    return isinstance(key, str) and key.isprintable()


def _one(db: sa.Connection, which: Any, *, lock: bool) -> Any:
    statement = sa.select(schedules).where(which, IS_THERE)
    return db.execute(statement.with_for_update() if lock else statement).one_or_none()


def listing(
    db: sa.Connection, task: str | None, search: str, after: str, limit: int
) -> Sequence[Any]:
    """Return rows in the order of their keys, from behind one on."""
    behind = C.key > after if _can_be(after) else sa.false()
    statement = sa.select(schedules).where(*_matching(task, search), behind)
    return db.execute(statement.order_by(C.key).limit(max(limit, 0))).all()


def count(db: sa.Connection, task: str | None = None, search: str = "") -> dict[str, int]:
    """Count rows: in all, paused, whose task is gone, and those that a clock should have seen."""
    lost = C.task.not_in(sa.select(tasks.c.name).where(tasks.c.gone_at.is_(None)))
    late = C.next_at < datetime.now(UTC) - UNSEEN
    found = db.execute(
        sa.select(
            sa.func.count(),
            sa.func.count(C.paused_at),
            sa.func.coalesce(sa.func.sum(sa.case((lost, 1), else_=0)), 0),
            sa.func.coalesce(sa.func.sum(sa.case((sa.and_(~lost, late), 1), else_=0)), 0),
        ).where(*_matching(task, search))
    ).one()
    return dict(zip(("schedules", "paused", "waiting", "overdue"), map(int, found), strict=True))


def known_tasks(db: sa.Connection) -> Sequence[Any]:
    """Return the tasks that schedules may name, and those that some name still."""
    return db.execute(sa.select(tasks).order_by(tasks.c.name)).all()


def _matching(task: str | None, search: str) -> list[Any]:
    if not (_can_be(task or "") and _can_be(search)):
        return [sa.false()]
    found: list[Any] = [IS_THERE]
    found += [C.task == task] if task else []
    return [*found, C.key.icontains(search, autoescape=True)] if search else found


def owing(row: Any, now: datetime) -> dict[str, Any]:
    """Return what changes of a row whose schedule ends now: what it owes goes into its backlog."""
    owes = row.next_at is not None and row.next_at <= now and not row.paused_at
    if not owes:
        return {"known_since": now}
    span = [row.parts, row.zone, row.known_since.isoformat(), now.isoformat()]
    backlog = json.dumps([*json.loads(row.backlog or "[]"), span])
    return {"known_since": now, "backlog": backlog}


def pause(db: sa.Connection, row: Any, now: datetime) -> None:
    """Let its times pass from now on, until it is resumed; `row` is locked."""
    if not row.paused_at:
        changes = {**owing(row, now), "paused_at": now}
        is_over = not changes.get("backlog", row.backlog)
        update(db, row, changes | {"next_at": None if is_over else now})


def resume(db: sa.Connection, row: Any, now: datetime) -> None:
    """Let it run again from now on; a clock looks when that is."""
    if row.paused_at:
        update(db, row, {"paused_at": None, "known_since": now, "next_at": now})


def delete(db: sa.Connection, row: Any, now: datetime) -> None:
    """Delete it; what had been due and has not begun yet never will."""
    values = {"state": "skipped", "reason": "deleted", "finished_at": now, "started_at": now}
    mine = runs.c.job_id == row.job_id
    db.execute(runs.update().where(mine, NOT_BEGUN).values({**values, "due_at": None}))
    db.execute(runs.update().where(mine, runs.c.due_at.is_not(None)).values(due_at=None))
    changes = owing(row, now)
    if changes.get("backlog", row.backlog):
        update(db, row, {**changes, "deleted_at": now, "next_at": now})
    else:
        db.execute(schedules.delete().where(C.job_id == row.job_id))


def update(db: sa.Connection, row: Any, changes: dict[str, Any]) -> None:
    """Change a row that is locked."""
    db.execute(schedules.update().where(C.job_id == row.job_id).values(changes))


def pause_all(engine: sa.Engine, now: datetime) -> int:
    """Pause every schedule; return how many were not paused before."""
    number = 0
    for db, found in _some_at_a_time(engine):
        open = [row for row in found if not row.paused_at]
        due = [row for row in open if row.backlog or (row.next_at and row.next_at <= now)]
        for row in due:
            pause(db, row, now)
        ids = {row.job_id for row in open} - {row.job_id for row in due}
        changes = {"known_since": now, "paused_at": now, "next_at": None}
        db.execute(schedules.update().where(C.job_id.in_(ids)).values(changes))
        number += len(open)
    return number


def resume_all(engine: sa.Engine, now: datetime) -> int:
    """Resume every schedule; return how many were paused."""
    number = 0
    for db, found in _some_at_a_time(engine):
        ids = [row.job_id for row in found if row.paused_at]
        changes = {"paused_at": None, "known_since": now, "next_at": now}
        db.execute(schedules.update().where(C.job_id.in_(ids)).values(changes))
        number += len(ids)
    return number


def _some_at_a_time(engine: sa.Engine) -> Iterator[tuple[sa.Connection, Sequence[Any]]]:
    """Lock some rows in each transaction, always in one order: so no clock waits for long."""
    last = ""
    while True:
        # Along the key alone: by any further condition the planner may read the whole table.
        some = sa.select(schedules).where(C.job_id > last).order_by(C.job_id).limit(MANY)
        with engine.execution_options(writes=True).begin() as db:
            found = db.execute(some.with_for_update()).all()
            yield db, [row for row in found if not row.deleted_at]
        if len(found) < MANY:
            return
        last = found[-1].job_id


def prune(db: sa.Connection, before: datetime, limit: int = 500) -> int:
    """Delete a few rows whose times were over long ago, or that nobody settles any more."""
    over = sa.and_(C.next_at.is_(None), C.paused_at.is_(None), C.known_since < before)
    stale = C.deleted_at < before
    which = sa.select(C.job_id).where(sa.or_(over, stale)).limit(limit)
    return db.execute(schedules.delete().where(C.job_id.in_(which))).rowcount
