"""Where jobs run: on worker dynos. The clock, `setup` and the dashboard ask here.

On SQLite, as on a laptop, there is no queue: the clock runs the jobs itself.
"""

import os
from typing import Any

import sqlalchemy as sa

from clockdyno.ledger import tables


def executor() -> Any:
    """Return what the clock hands the runs to."""
    if has_queue():
        from clockdyno.workers.executor import QueueExecutor

        return QueueExecutor()
    from clockdyno.clock.executor import RunExecutor

    return RunExecutor()


def has_queue() -> bool:
    """Say whether DATABASE_URL names a PostgreSQL, which the queue lives in."""
    return tables.connect().dialect.name == "postgresql"


def set_up(engine: sa.Engine) -> None:
    """Make the tables of the queue."""
    if engine.dialect.name == "postgresql":
        from clockdyno.workers import queue_tables

        queue_tables.set_up(engine)


def facts(db: sa.Connection) -> dict[str, dict[str, int]]:
    """Count the workers that are up, and the runs that wait for one."""
    clocks, runs = tables.clocks, tables.runs
    alive = clocks.c.heartbeat_at > sa.func.clock_timestamp() - sa.text("interval '30 seconds'")
    if db.dialect.name != "postgresql":
        return {}
    up = sa.select(sa.func.count()).where(clocks.c.role == "worker", clocks.c.stopped_at.is_(None))
    waiting = sa.select(sa.func.count()).where(
        runs.c.state == sa.literal_column("'requested'"), runs.c.due_at.is_(None)
    )
    row = db.execute(sa.select(up.where(alive).scalar_subquery(), waiting.scalar_subquery())).one()
    return {"workers": {"up": row[0], "waiting": row[1]}}


def problem(facts: dict[str, dict[str, int]]) -> str:
    """Say why runs stay undone although the clock is up, and what to do."""
    if not facts or facts["workers"]["up"]:
        return ""
    start = "heroku ps:scale worker=1" if "DYNO" in os.environ else "python -m clock.worker"
    return f"No worker is up, so runs wait for one. Start one: {start}"
