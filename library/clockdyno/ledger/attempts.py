"""How the earlier attempts of a run ended: kept when a further one begins."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from clockdyno.ledger.dialects import insert
from clockdyno.ledger.tables import attempts, clocks, orders, runs

KEPT = [column.name for column in attempts.c if column.name != "run_id"]


class Attempt(NamedTuple):
    """An earlier attempt."""

    attempt: int
    state: str
    reason: str | None
    started_at: datetime | None
    finished_at: datetime | None
    error: str | None
    dyno: str | None
    release: str | None


class Order(NamedTuple):
    """What somebody asked for: run, again, stop, see, pause or resume."""

    at: datetime
    who: str | None
    what: str
    attempt: int | None


def keep(db: sa.Connection, ids: Collection[int]) -> None:
    """Keep how the last attempts of runs ended, of those that have had one."""
    was = (runs.c.id.in_(ids), runs.c.attempt > 0, runs.c.state.not_in(["requested", "running"]))
    row = sa.select(runs.c.id, *(runs.c[name] for name in KEPT)).where(*was)
    if ids:
        new = insert(db, attempts).from_select(["run_id", *KEPT], row)
        db.execute(new.on_conflict_do_nothing())


def of_run(db: sa.Connection, run: int) -> list[Attempt]:
    """Return the earlier attempts of a run, the last one first."""
    ran = attempts.join(clocks, clocks.c.clock_id == attempts.c.clock_id, isouter=True)
    columns: list[Any] = [attempts.c[name] for name in Attempt._fields[:6]] + [
        clocks.c.dyno,
        clocks.c.release,
    ]
    found = sa.select(*columns).select_from(ran)
    found = found.where(attempts.c.run_id == run).order_by(attempts.c.attempt.desc())
    return [Attempt(*row) for row in db.execute(found)]


def asked(db: sa.Connection, run: int) -> list[Order]:
    """Return what people asked of a run, the last one first."""
    found = sa.select(*(orders.c[name] for name in Order._fields)).where(orders.c.run_id == run)
    return [Order(*row) for row in db.execute(found.order_by(orders.c.id.desc()).limit(20))]
