"""What ran in a span of time, for a picture: however much that was, a few rows and no scan."""

from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any

import sqlalchemy as sa

from clockdyno.ledger.run_reports import JOBS, RUNS, Run, begun, newest_of_each
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
    which = {"start": start, "end": end, "most": LOOKED_AT}
    bands, next_one = _newest(db.dialect.name)
    found = _read(db, bands, {**which, "near": near})
    first = db.scalar(next_one, which)
    if first is None:
        return found
    bands = _bands(db.dialect.name, *_samples(db, start, first, timedelta(seconds=far)))
    samples = _read(db, bands, {"near": far})
    return found + [run._replace(reason="sampled") for run in samples]


@cache
def _newest(kind: str) -> tuple[sa.Select[Any], sa.Select[Any]]:
    """Return the questions for the bands of the newest, and for when the next one was.

    They are made once: to put them together takes as long as to answer them.
    """
    most, at = sa.bindparam("most", type_=sa.Integer), RUNS.c.scheduled_at
    start, end = sa.bindparam("start", type_=Moment), sa.bindparam("end", type_=Moment)
    newest = sa.select(RUNS).where(at >= start, at < end).order_by(at.desc())
    seen = newest.limit(most).subquery()
    return _bands(kind, seen, seen.c), newest.with_only_columns(at).offset(most).limit(1)


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


def _bands(kind: str, source: sa.FromClause, c: Any) -> sa.Select[Any]:
    """Put runs into bins of `near` seconds, and neighbouring bins of one state together."""
    near = sa.bindparam("near", type_=sa.Integer)
    if kind == "sqlite":
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
    return sa.select(rows)


def _read(db: sa.Connection, bands: sa.Select[Any], which: dict[str, Any]) -> list[Run]:
    return [
        begun(Run(*(id, job, at, kind, state), None, 1, int(count), None, start, end, *NOTHING))
        for id, job, at, kind, state, count, start, end, _ in db.execute(bands, which).all()
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
