"""A year of fires of 60 mixed jobs, beside croniter, cronsim and APScheduler's own trigger."""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger
from clockdyno.schedule import triggers
from croniter import croniter
from cronsim import CronSim

from benchmarks.progress import doing
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
JOBS = [(pattern, ZONES[n % 4]) for n, pattern in enumerate(PATTERNS * 3)]
Make = Callable[[str, ZoneInfo], Iterator[datetime]]


def main(quick: bool = False) -> Iterator[Row]:
    """Yield a row for each peer."""
    doing("do all of them find the same fires?")
    for pattern, zone in JOBS[:20]:
        counts = [sum(1 for _ in make(pattern, ZoneInfo(zone))) for make in (_ours, *CRONS)]
        # They differ where daylight saving changes, and nowhere else.
        assert max(counts) - min(counts) <= 2, (pattern, zone, counts)
    jobs = JOBS[:20] if quick else JOBS
    doing(f"a year of fires of {len(jobs)} jobs by each")
    ours, *peers = [_seconds(make, jobs) for make in (_ours, *PEERS)]
    for theirs, (name, bar) in zip(peers, PEERS.values(), strict=True):
        ratio = theirs / ours
        told = f"a year of fires of {len(jobs)} jobs, times as fast as {name}"
        yield Row(told, f"{ours:.2f} s", f"{theirs:.2f} s", ratio, f">= {bar:g}", ratio >= bar)


def _seconds(make: Make, jobs: Sequence[tuple[str, str]]) -> float:
    start = time.process_time()
    for pattern, zone in jobs:
        for _ in make(pattern, ZoneInfo(zone)):
            pass
    return time.process_time() - start


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


def _cronsim(pattern: str, zone: ZoneInfo) -> Iterator[datetime]:
    for fire in CronSim(pattern, (START - timedelta(seconds=1)).astimezone(zone)):
        if fire >= END:
            return
        yield fire


def _keywords(pattern: str) -> dict[str, str]:
    names = ("minute", "hour", "day", "month", "day_of_week")
    return dict(zip(names, pattern.split(), strict=True))


CRONS: tuple[Make, ...] = (_croniter, _cronsim)
PEERS: dict[Make, tuple[str, float]] = {
    _croniter: ("croniter 7.0", 4),
    _cronsim: ("cronsim 2.8", 1.5),
    _plain: ("APScheduler's CronTrigger", 1),
}
