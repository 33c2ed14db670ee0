"""How often a schedule runs: on a day, in a week, in a year."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from typing import Any

DAY = timedelta(days=1)
YEAR, LEAP_CYCLE = 52 * 7, 1461
# Four years of what runs three times a day, a year of ten times, a week of every two minutes.
COUNTED = 5_100


@dataclass(frozen=True)
class Rate:
    """Most runs on one day, runs in a week on average, and both in words."""

    per_day: int
    per_week: float
    words: str


def rate(trigger: Any, now: datetime, *, weekly: bool = False) -> Rate:
    """Count from the day of the next fire on; the trigger should be one of UTC, without DST.

    Where one week is as any other, `weekly` spares counting the years.
    """
    first = trigger.get_next_fire_time(None, now)
    if first is None:
        return Rate(0, 0, "never")
    start = first.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if weekly:
        week = [start + day * DAY for day in range(7)]
        return _of_a_week([sum(1 for _ in _fires(trigger, day, day + DAY)) for day in week])
    fires = list(islice(_fires(trigger, start, start + LEAP_CYCLE * DAY), COUNTED))
    whole = LEAP_CYCLE if len(fires) < COUNTED else (fires[-1] - start) // DAY
    found = Counter((fire - start) // DAY for fire in fires if fire < start + whole * DAY)
    after = trigger.get_next_fire_time(fires[-1], fires[-1])
    if after is None:
        return Rate(max(found.values()), len(fires) / 52, f"{_runs(len(fires))} in all")
    if whole >= YEAR:
        return _of_a_year(found, len(fires) * DAY / (after - fires[0]))
    if whole >= 7:
        return _of_a_week([found[day] for day in range(7)])
    if interval := getattr(trigger, "interval", None):
        marks = [(first - start - day * DAY) // interval for day in range(8)]
        return _of_a_week([before - after for before, after in pairwise(marks)])
    # So many that one day has to stand for the others.
    count = sum(1 for _ in _fires(trigger, start, start + DAY))
    days = (start + day * DAY for day in range(7))
    return _of_a_week([count if any(_fires(trigger, day, day + DAY)) else 0 for day in days])


def _fires(trigger: Any, start: datetime, end: datetime) -> Iterator[datetime]:
    fire = trigger.get_next_fire_time(None, start)
    while fire and fire < end:
        yield fire
        fire = trigger.get_next_fire_time(fire, fire)


def _of_a_week(days: list[int]) -> Rate:
    busy, total = [count for count in days if count], sum(days)
    most = max(busy)
    if len(busy) == 1:
        words = f"{_runs(total)} a week"
    elif min(busy) != most:
        words = f"{_runs(total)} a week, {min(busy):,} to {most:,} a day"
    else:
        words = f"{_runs(most)} a day" + (f" on {len(busy)} days a week" if len(busy) < 7 else "")
        words += f", {total:,} a week" if most > 1 else ""
    return Rate(most, total, words)


def _of_a_year(found: Counter[int], a_day: float) -> Rate:
    weeks = {tuple(found[day + week] for day in range(7)) for week in range(0, YEAR, 7)}
    if len(weeks) == 1:
        return _of_a_week(list(weeks.pop()))
    most, a_week, a_year = max(found.values()), a_day * 7, round(a_day * LEAP_CYCLE / 4, 1)
    if a_year < 1:
        words = f"1 run in {4 / (a_day * LEAP_CYCLE):.0f} years"
    elif a_year < 100:
        words = _runs(int(a_year)) + " a year" if a_year % 1 == 0 else f"about {a_year} runs a year"
    else:
        words = f"about {a_week:.1f} runs a week"
    return Rate(most, a_week, f"{words}, {most:,} a day" if most > 1 else words)


def _runs(count: int) -> str:
    return "1 run" if count == 1 else f"{count:,} runs"
