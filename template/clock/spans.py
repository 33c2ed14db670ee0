"""What ran lately, in few rows however much it was: the timeline is made of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from clock.tables import runs

MOST = 50_000  # So many of the newest runs are looked at.


@dataclass(frozen=True, slots=True)
class Span:
    """The runs of one job and one state that are near each other; run_id is the newest."""

    job_id: str
    state: str
    run_id: int
    count: int
    start: datetime
    end: datetime | None
    began: bool


def spans(db: sa.Connection, start: datetime, near: timedelta) -> list[Span]:
    """Return what was scheduled from a time on, by job, state and stretch of time."""
    newest = sa.select(runs).where(runs.c.scheduled_at >= start)
    run = newest.order_by(runs.c.scheduled_at.desc()).limit(MOST).subquery().c
    group = (run.job_id, run.state, _stretch(db, run.scheduled_at, int(near.total_seconds())))
    first = sa.func.min(sa.func.coalesce(run.started_at, run.scheduled_at)).label("first")
    statement = sa.select(
        *(run.job_id, run.state, sa.func.max(run.id), sa.func.sum(run["count"]), first),
        *(sa.func.max(run.finished_at), sa.func.count(run.started_at) > 0),
    )
    found = db.execute(statement.group_by(*group).order_by("first"))
    return [Span(*row) for row in found]


def _stretch(db: sa.Connection, at: Any, seconds: int) -> sa.ColumnElement[Any]:
    if db.dialect.name == "sqlite":
        return sa.cast(sa.func.strftime("%s", at), sa.Integer) // sa.literal_column(str(seconds))
    width: Any = sa.literal_column(f"interval '{seconds} seconds'")
    return sa.func.date_bin(width, at, sa.literal_column("timestamptz '2000-01-01 00:00Z'"))
