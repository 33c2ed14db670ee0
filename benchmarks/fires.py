"""A year of fires of 100 mixed jobs, beside croniter and APScheduler's own trigger."""

import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger
from clockdyno.schedule import triggers
from croniter import croniter

from benchmarks.table import Row

START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
ZONES = ("America/New_York", "Europe/Berlin", "UTC", "Asia/Kolkata")
# Twenty patterns, each in one zone five times over: what people write most comes first.
PATTERNS = [
    *(f"{7 * n % 60} {n + 1} * * *" for n in range(8)),
    *(f"{5 * n} 9 * * mon-fri" for n in range(4)),
    *("0 * * * *", "*/15 9-17 * * mon-fri", "30 */6 * * *", "*/30 * * * *"),
    *("0 0 1 * *", "15 4 * * sun", "0 12 1,15 * *", "0 6 * * mon,thu"),
]
JOBS = [(pattern, ZONES[n % 4]) for n, pattern in enumerate(PATTERNS * 5)]
Make = Callable[[str, ZoneInfo], Iterator[datetime]]


def main() -> list[Row]:
    """Return the row against croniter, and that against the plain trigger."""
    for pattern, zone in JOBS[:20]:
        in_utc = [
            [f.astimezone(UTC) for f in make(pattern, ZoneInfo(zone))]
            for make in (_ours, _croniter)
        ]
        assert abs(len(in_utc[0]) - len(in_utc[1])) <= 2, (pattern, zone)
    runs = [[_seconds(make) for make in (_ours, _croniter, _plain)] for _ in range(5)]
    return [_row("croniter 7.0", runs, 1, 1.1), _row("APScheduler's CronTrigger", runs, 2, 1.0)]


def _row(peer: str, runs: list[list[float]], column: int, bar: float) -> Row:
    ours, theirs = (statistics.median(run[n] for run in runs) for n in (0, column))
    ratio = statistics.median(run[column] / run[0] for run in runs)
    name = f"a year of fires of 100 jobs, times as fast as {peer}"
    return Row(name, f"{ours:.2f} s", f"{theirs:.2f} s", ratio, f">= {bar}", ratio >= bar)


def _seconds(make: Make) -> float:
    start = time.perf_counter()
    for pattern, zone in JOBS:
        for _ in make(pattern, ZoneInfo(zone)):
            pass
    return time.perf_counter() - start


def _ours(pattern: str, zone: ZoneInfo) -> Iterator[datetime]:
    make = triggers.make
    return _fires(make("cron", _keywords(pattern), zone))


def _plain(pattern: str, zone: ZoneInfo) -> Iterator[datetime]:
    return _fires(CronTrigger(**_keywords(pattern), timezone=zone))


def _fires(trigger: CronTrigger) -> Iterator[datetime]:
    fire = trigger.get_next_fire_time(None, START)
    while fire < END:
        yield fire
        fire = trigger.get_next_fire_time(fire, fire)


def _croniter(pattern: str, zone: ZoneInfo) -> Iterator[datetime]:
    fires = croniter(pattern, (START - timedelta(seconds=1)).astimezone(zone))
    while (fire := fires.get_next(datetime)) < END:
        yield fire


def _keywords(pattern: str) -> dict[str, str]:
    names = ("minute", "hour", "day", "month", "day_of_week")
    return dict(zip(names, pattern.split(), strict=True))
