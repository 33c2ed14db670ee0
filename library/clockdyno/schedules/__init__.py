"""Schedules at run time: put into the database by whoever has one, run by the clock.

    from clockdyno import schedules

    schedules.put("remind-42", "remind", "weekdays at 9", kwargs={"user_id": 42})

A schedule names a task, a function that jobs.py has registered with `@sched.task`, and gives it
arguments that JSON has. No scheduler is needed here, and none is loaded. With `connection=`, of
SQLAlchemy (a Connection, a Session, Flask-SQLAlchemy's `db.session`) or psycopg, all is done in
that transaction: a schedule is there if and only if it is committed. Times are aware.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from clockdyno.ledger import connections
from clockdyno.ledger import schedules as rows
from clockdyno.schedules.row import Refused, Scheduled, shown

__all__ = ["Refused", "Scheduled", "delete", "get", "list", "pause", "put", "resume"]


def put(
    key: str,
    task: str,
    when: str,
    *,
    timezone: str | None = None,
    kwargs: Mapping[str, Any] | None = None,
    connection: Any = None,
) -> Scheduled:
    """Create the schedule of this key, or change it; an equal one is left as it is.

    `when` is what people type: English, a crontab line, APScheduler's keywords, a date. It counts
    in `timezone`, else in the clock's. Only another `when` moves the next time, which is later
    than now; a paused schedule stays paused. Raises Refused, before anything is written.
    """
    from clockdyno.schedules import writing

    wanted = writing.Wanted(key, task, when, timezone, {} if kwargs is None else kwargs)
    with connections.use(connection, writes=True) as db:
        return shown(writing.put(db, wanted, datetime.now(UTC)))


def get(key: str, *, connection: Any = None) -> Scheduled | None:
    """Return the schedule of this key, or None."""
    with connections.use(connection) as db:
        row = rows.by_key(db, key)
        return shown(row) if row else None


def list(
    task: str | None = None,
    *,
    search: str = "",
    after: str = "",
    limit: int = 100,
    connection: Any = None,
) -> tuple[Scheduled, ...]:
    """Return schedules in the order of their keys: those of a task, those whose key has `search`.

    `after` is the last key of the page before.
    """
    with connections.use(connection) as db:
        return tuple(shown(row) for row in rows.listing(db, task, search, after, limit))


def pause(key: str, *, connection: Any = None) -> bool:
    """Let its times pass from now on, until it is resumed; False if there is no such schedule."""
    return _act(key, rows.pause, connection)


def resume(key: str, *, connection: Any = None) -> bool:
    """Let it run again from now on; False if there is no such schedule."""
    return _act(key, rows.resume, connection)


def delete(key: str, *, connection: Any = None) -> bool:
    """Delete it, and what was due and has not begun; False if there was no such schedule."""
    return _act(key, rows.delete, connection)


def _act(key: str, act: Any, connection: Any) -> bool:
    with connections.use(connection, writes=True) as db:
        row = rows.by_key(db, key, lock=True)
        if row:
            act(db, row, datetime.now(UTC))
        return row is not None
