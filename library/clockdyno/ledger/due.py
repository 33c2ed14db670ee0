"""What the clock does with schedules that are due: it locks them, enters runs and moves them on.

All of it is one transaction: either the runs are there and the times are behind, or neither. Rows
that another clock is at are passed over, and so are those that somebody is changing: what they are
then is seen when that is committed.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from clockdyno.ledger.dialects import insert
from clockdyno.ledger.schedule_tables import IS_THERE, schedules, tasks
from clockdyno.ledger.tables import Moment, runs

C = schedules.c
FRESH = [runs.c[name] for name in "id job_id scheduled_at kind attempt".split()]
FRESH += [runs.c[name] for name in "state reason count due_at".split()]
MOVED = (
    schedules.update()
    .where(C.job_id == sa.bindparam("which"))
    .values(
        known_since=sa.bindparam("since"),
        next_at=sa.bindparam("following", type_=Moment),
        backlog=None,
    )
)


def register(db: sa.Connection, found: Sequence[Mapping[str, Any]]) -> None:
    """Enter tasks, so that schedules may name them."""
    statement = insert(db, tasks)
    told = [c for c in tasks.c if c.name != "name"]
    values: dict[str, Any] = {c.name: statement.excluded[c.name] for c in told}
    statement = statement.on_conflict_do_update(index_elements=["name"], set_=values)
    if found:
        db.execute(statement, sorted(found, key=lambda row: row["name"]))


def enroll(db: sa.Connection, found: Sequence[Mapping[str, Any]], now: datetime) -> Sequence[Any]:
    """Enter this deploy's tasks; return those that are gone while schedules name them, once."""
    register(db, found)
    c = tasks.c
    others = c.name.not_in([row["name"] for row in found])
    db.execute(tasks.update().where(others, c.gone_at.is_(None)).values(gone_at=now))
    waiting = sa.select(C.task, sa.func.count().label("number")).where(IS_THERE).group_by(C.task)
    untold = sa.select(c.name).where(c.gone_at.is_not(None), c.told_at.is_(None))
    gone = db.execute(waiting.where(C.task.in_(untold))).all()
    names = [row.task for row in gone]
    db.execute(tasks.update().where(c.name.in_(names)).values(told_at=now))
    return gone


def soonest(db: sa.Connection, names: Collection[str]) -> datetime | None:
    """Return when the first of these tasks is due: a look at the end of an index for each."""
    # Bound one by one: PostgreSQL would read the whole index for a list of them.
    each = [sa.select(sa.func.min(C.next_at)).where(C.task == name) for name in names]
    found = [at for at in db.scalars(sa.union_all(*each)) if at] if each else []
    return min(found, default=None)


def take(db: sa.Connection, names: Collection[str], now: datetime, limit: int) -> Sequence[Any]:
    """Lock the rows that are due, the oldest first."""
    due = sa.select(schedules).where(C.task.in_(sorted(names)), C.next_at <= now)
    due = due.order_by(C.next_at).limit(limit)
    return db.execute(due.with_for_update(skip_locked=True)).all()


def enter(db: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> Sequence[Any]:
    """Enter runs; return those that were not there."""
    once = insert(db, runs).on_conflict_do_nothing().returning(*FRESH)
    return db.execute(once, rows).all() if rows else []


def move(db: sa.Connection, moves: Sequence[Mapping[str, Any]]) -> None:
    """Move rows on: `which` is settled up to `since`, and is to be looked at when `following`."""
    if moves:
        db.execute(MOVED, moves)


def bury(db: sa.Connection, ids: Collection[str]) -> None:
    """Delete rows that were deleted while something was left to be settled."""
    if ids:
        db.execute(schedules.delete().where(C.job_id.in_(ids)))


def find(db: sa.Connection, ids: Collection[str]) -> Sequence[Any]:
    """Return the rows whose runs bear these ids, as far as they are there."""
    return db.execute(sa.select(schedules).where(C.job_id.in_(ids), IS_THERE)).all()
