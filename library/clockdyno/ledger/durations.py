"""How long the runs of a job took, day by day: a short look into the index for each."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import pairwise
from math import ceil
from statistics import median
from typing import Any, NamedTuple

import sqlalchemy as sa

from clockdyno.ledger.tables import runs

DAYS = 30
A_DAY = 100  # runs of a day that are looked at; of more, the newest


class Day(NamedTuple):
    """The runs of a day that went well, in seconds; where there are more, the newest of them."""

    day: date
    number: int
    usual: float
    p95: float
    longest: float
    is_cut: bool


def of_job(db: sa.Connection, job_id: str, zone: tzinfo, today: date) -> list[Day]:
    """Return the last days of a zone on which the job ran, oldest first."""
    days = [today - timedelta(days=back) for back in range(DAYS - 1, -2, -1)]
    edges = [datetime.combine(day, time(), zone) for day in days]
    tooks: dict[date, list[float]] = {}
    newest = [_newest(job_id, n, *edge) for n, edge in enumerate(pairwise(edges))]
    rows: Iterable[Any] = db.execute(sa.union_all(*newest))
    for n, start, end in rows:
        tooks.setdefault(days[n], []).append(max(0.0, (end - start).total_seconds()))
    return [_day(day, tooks[day]) for day in days if day in tooks]


def _newest(
    job_id: str, n: int, since: datetime, until: datetime
) -> sa.Select[tuple[int, datetime, datetime]]:
    c = runs.c
    which = (c.job_id == job_id, c.scheduled_at >= since, c.scheduled_at < until)
    ended = (c.state == "succeeded", c.started_at.is_not(None), c.finished_at.is_not(None))
    found = sa.select(sa.literal(n).label("n"), c.started_at, c.finished_at).where(*which, *ended)
    return sa.select(found.order_by(c.scheduled_at.desc()).limit(A_DAY + 1).subquery())


def _day(day: date, tooks: Sequence[float]) -> Day:
    used = sorted(tooks[:A_DAY])
    p95 = used[ceil(len(used) * 0.95) - 1]
    return Day(day, len(used), median(used), p95, used[-1], len(tooks) > A_DAY)
