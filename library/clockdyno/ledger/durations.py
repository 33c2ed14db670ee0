"""How long the runs of a job took, day by day: a short look into the index for each."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from functools import cache
from math import ceil
from statistics import median
from typing import Any, NamedTuple

import sqlalchemy as sa

from clockdyno.ledger.tables import Moment

DAYS = 30
SECONDS = {
    "postgresql": "date_part('epoch', finished_at - started_at)",
    "sqlite": "(julianday(finished_at) - julianday(started_at)) * 86400.0",
}
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
    edges = {f"edge{n}": datetime.combine(day, time(), zone) for n, day in enumerate(days)}
    tooks: dict[date, list[float]] = {}
    which = {"job": job_id, "most": A_DAY + 1, **edges}
    rows: Iterable[Any] = db.execute(_newest(db.dialect.name), which)
    for n, took in rows:
        tooks.setdefault(days[n], []).append(max(0.0, round(took, 3)))
    return [_day(day, tooks[day]) for day in days if day in tooks]


@cache
def _newest(kind: str) -> sa.TextClause:
    """Return the question for the newest runs of each day; to build it anew takes longer than it.

    They come in seconds at once, as thousands of times would have to be read.
    """
    each = [
        f"""SELECT * FROM (
            SELECT {n} AS n, {SECONDS[kind]} AS took FROM clockdyno.runs
            WHERE job_id = :job AND state = 'succeeded'
                AND scheduled_at >= :edge{n} AND scheduled_at < :edge{n + 1}
                AND started_at IS NOT NULL AND finished_at IS NOT NULL
            ORDER BY scheduled_at DESC LIMIT :most
        ) AS day{n}"""
        for n in range(DAYS)
    ]
    edges = [sa.bindparam(f"edge{n}", type_=Moment) for n in range(DAYS + 1)]
    return sa.text(" UNION ALL ".join(each)).bindparams(*edges)


def _day(day: date, tooks: Sequence[float]) -> Day:
    used = sorted(tooks[:A_DAY])
    p95 = used[ceil(len(used) * 0.95) - 1]
    return Day(day, len(used), median(used), p95, used[-1], len(tooks) > A_DAY)
