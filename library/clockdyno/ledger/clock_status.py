"""How the clock is, as the rows of the processes tell it; and the workers, where it has some."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from clockdyno import host, procfile
from clockdyno.ledger import tables
from clockdyno.ledger.presence import SILENT
from clockdyno.ledger.tables import Moment

CLOCKS, RUNS = tables.clocks, tables.runs


class Clock(NamedTuple):
    """A clock process; age is the seconds since its heartbeat, by the database's clock."""

    clock_id: int
    dyno: str | None
    release: str | None
    started_at: datetime
    heartbeat_at: datetime
    age: float
    paused: bool


class Status(NamedTuple):
    """How the clock is; reason says what to do, besides counts what else there is to know.

    state: up, two, paused, stuck (nobody does the runs), silent, absent or unshared.
    """

    state: str
    since: datetime | None
    clocks: list[Clock]
    reason: str
    besides: Mapping[str, dict[str, int]] = {}


def status(db: sa.Connection) -> Status:
    """Say how the clock is."""
    if not host.has_shared_database():
        text = f"There is no shared database. To get one: {host.add_database()}"
        return Status("unshared", None, [], text)
    clocks = sa.select(CLOCKS, _now(db).label("now")).where(CLOCKS.c.role == "clock")
    found = db.execute(clocks.order_by(CLOCKS.c.heartbeat_at.desc()).limit(20)).all()
    up = [_clock(row) for row in found if not (row.stopped_at or row.lost_at)]
    up = [clock for clock in up if clock.age < SILENT.total_seconds()]
    if not up:
        return _down(found[0] if found else None)
    since = min(clock.started_at for clock in up)
    if all(clock.paused for clock in up):
        return Status("paused", since, up, "CLOCK_PAUSED is set, so nothing runs. Unset it.")
    besides = _workers(db) if any(row.workers for row in found[: len(up)]) else {}
    besides |= _told(db)
    if "workers" in besides and not besides["workers"]["up"]:
        start = host.command("heroku ps:scale worker=1", "python -m clockdyno worker")
        text = f"No worker is up, so runs wait for one. Start one: {start}"
        return Status("stuck", since, up, text, besides)
    if len(up) > 1:
        text = "Two are up, as during a deploy. Each run happens once."
        return Status("two", since, up, text, besides)
    return Status("up", since, up, "", besides)


def _down(last: Any) -> Status:
    start = host.command("heroku ps:scale clock=1", procfile.clock().command)
    if last is None:
        return Status("absent", None, [], f"No clock has been seen yet. Start one: {start}")
    if last.stopped_at:
        return Status(
            "absent", last.stopped_at, [_clock(last)], f"The clock has stopped. Start it: {start}"
        )
    look = host.command("heroku logs --process-type clock", "its terminal")
    reason = f"The clock has sent no heartbeat since {last.heartbeat_at:%H:%M:%S} UTC. See: {look}"
    return Status("silent", last.heartbeat_at, [_clock(last)], reason)


def _workers(db: sa.Connection) -> dict[str, dict[str, int]]:
    """Count the workers that are up, and the runs that wait for one."""
    fresh = CLOCKS.c.heartbeat_at > sa.func.clock_timestamp() - sa.text("interval '30 seconds'")
    up = sa.select(sa.func.count()).where(CLOCKS.c.role == "worker", CLOCKS.c.stopped_at.is_(None))
    waiting = sa.select(sa.func.count()).where(
        RUNS.c.state == sa.literal_column("'requested'"), RUNS.c.due_at.is_(None)
    )
    row = db.execute(sa.select(up.where(fresh).scalar_subquery(), waiting.scalar_subquery())).one()
    return {"workers": {"up": row[0], "waiting": row[1]}}


def _told(db: sa.Connection) -> dict[str, dict[str, int]]:
    """Count what those that are up have sent since they started, where there is anything."""
    up = sa.and_(CLOCKS.c.stopped_at.is_(None), CLOCKS.c.lost_at.is_(None))
    found: dict[str, dict[str, int]] = {}
    for told in db.scalars(sa.select(CLOCKS.c.told).where(up, CLOCKS.c.told.is_not(None))):
        for what, counts in (told or {}).items():
            sums = found.setdefault(what, {"sent": 0, "failed": 0})
            for state in sums:
                sums[state] += counts[state]
    return found


def _clock(row: Any) -> Clock:
    age = max((row.now - row.heartbeat_at).total_seconds(), 0.0)
    start = (row.clock_id, row.dyno, row.release, row.started_at, row.heartbeat_at)
    return Clock(*start, age, row.paused)


def _now(db: sa.Connection) -> sa.ColumnElement[datetime]:
    if db.dialect.name == "sqlite":
        return sa.literal(datetime.now(UTC), Moment)
    return sa.func.clock_timestamp(type_=Moment)
