"""What ran in a span of time, for a picture: however much that was, a few rows and no scan."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import sqlalchemy as sa

from clockdyno.ledger.reports import JOBS, RUNS, Run, begun, newest_of_each
from clockdyno.ledger.tables import Moment

LOOKED_AT = 10_000  # runs; what is older is sampled
MANY = 15  # lanes; a picture of more is coarser
BAND = "id job_id scheduled_at kind state count started_at finished_at".split()
NOTHING = (None, None, None, None)


def between(db: sa.Connection, start: datetime, end: datetime, lanes: int = 1) -> list[Run]:
    """Return what was scheduled in a span: close neighbours of one state as one run.

    Such a run reaches from the first start to the last end, and counts. Where there are too many
    to look at, of each job one run for every 48th or 24th of the span stands for what is older
    than the newest: its reason is "sampled", and its count is the least that there can have been.
    """
    parts, steps = (96, 24) if lanes > MANY else (240, 48)
    length = (end - start).total_seconds()
    near, far = max(1, round(length / parts)), max(1, round(length / steps))
    span = (RUNS.c.scheduled_at >= start, RUNS.c.scheduled_at < end)
    newest = sa.select(RUNS).where(*span).order_by(RUNS.c.scheduled_at.desc())
    seen = newest.limit(LOOKED_AT).subquery()
    found = _bands(db, seen, seen.c, near)
    first = db.scalar(newest.with_only_columns(RUNS.c.scheduled_at).offset(LOOKED_AT).limit(1))
    if first is None:
        return found
    samples = _bands(db, *_samples(db, start, first, timedelta(seconds=far)), far)
    return found + [run._replace(reason="sampled") for run in samples]


def _samples(
    db: sa.Connection, start: datetime, end: datetime, step: timedelta
) -> tuple[sa.FromClause, Any]:
    times = [start]
    while times[-1] < end:
        times.append(times[-1] + step)
    times[-1] = end + timedelta(microseconds=1)
    columns = (sa.column("since", Moment), sa.column("until", Moment))
    values = sa.values(*columns).data(list(pairwise(times)))
    bins = values.cte("bins")
    span = (RUNS.c.scheduled_at >= bins.c.since, RUNS.c.scheduled_at < bins.c.until)
    return newest_of_each(db, 1, *span, places=JOBS.join(bins, sa.true()))


def _bands(db: sa.Connection, source: sa.FromClause, c: Any, near: int) -> list[Run]:
    """Put runs into bins of so many seconds, and neighbouring bins of one state together."""
    if db.dialect.name == "sqlite":
        second: sa.ColumnElement[Any] = sa.cast(sa.func.strftime("%s", c.scheduled_at), sa.Integer)
    else:
        # Not by EXTRACT: its NUMERIC would take three times as long.
        second = sa.cast(sa.func.date_part("epoch", c.scheduled_at), sa.BigInteger)
    last = sa.func.coalesce(c.finished_at, c.scheduled_at).label("finished_at")
    one = sa.select(*(c[name] for name in BAND[:-1]), last, (second // near).label("bin"))
    bins = _merged(one.select_from(source).subquery(), "bin")
    same = [bins.c.job_id, bins.c.state]
    place = sa.func.row_number().over(partition_by=same, order_by=bins.c.bin)
    rows = _merged(sa.select(bins, (bins.c.bin - place).label("island")).subquery(), "island")
    return [
        begun(Run(*(id, job, at, kind, state), None, 1, int(count), None, start, end, *NOTHING))
        for id, job, at, kind, state, count, start, end, _ in db.execute(sa.select(rows)).all()
    ]


def _merged(rows: Any, key: str) -> sa.Subquery:
    """Make one row of those that have job, state and key in common."""
    make: dict[str, Any] = {"count": sa.func.sum}
    make |= dict.fromkeys(("scheduled_at", "started_at"), sa.func.min)
    make |= dict.fromkeys(("id", "kind", "finished_at"), sa.func.max)
    # The number first: PostgreSQL then groups by hash, where it would sort thousands of texts.
    keys = [rows.c[key], rows.c.job_id, rows.c.state]
    columns = [make[n](rows.c[n]).label(n) if n in make else rows.c[n] for n in BAND]
    return sa.select(*columns, rows.c[key]).group_by(*keys).subquery()
