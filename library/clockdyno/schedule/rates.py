"""How often a schedule runs: on a day, in a week, in a year."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise, product
from typing import Any, NamedTuple

from clockdyno.schedule import cron_times

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
YEAR, LEAP_CYCLE = 52 * 7, 1461
# Four years of what runs three times a day, a year of ten times, a week of every two minutes.
COUNTED = 5_100
FINER = ("hour", "minute", "second")


class Rate(NamedTuple):
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
    parts = getattr(trigger, "triggers", [trigger])
    if all(hasattr(part, "pattern") for part in parts):
        return _of_days(trigger, parts, start, 7 if weekly else LEAP_CYCLE)
    interval = getattr(trigger, "interval", None)
    if interval and (interval <= HOUR or DAY % interval == timedelta(0)):
        marks = [(first - start - day * DAY) // interval for day in range(8)]
        return _of_a_week([before - after for before, after in pairwise(marks)])
    fires = list(islice(_fires(trigger, start, start + LEAP_CYCLE * DAY), COUNTED))
    whole = LEAP_CYCLE if len(fires) < COUNTED else (fires[-1] - start) // DAY
    found = Counter((fire - start) // DAY for fire in fires if fire < start + whole * DAY)
    after = trigger.get_next_fire_time(fires[-1], fires[-1])
    if after is None:
        return _in_all(found)
    if whole >= YEAR:
        return _of_a_year(found, len(fires) * DAY / (after - fires[0]))
    if whole >= 7:
        return _of_a_week([found[day] for day in range(7)])
    # So many that what its parts share is not worth the time to find it.
    most = sum(rate(part, now).per_day for part in parts)
    return Rate(most, most * 7, f"up to {most:,} runs a day")


def _of_days(trigger: Any, parts: Sequence[Any], start: datetime, days: int) -> Rate:
    """Count day by day, without following each run; what parts share is one run."""
    times = [_times(part) for part in parts]
    end, on = start + days * DAY, defaultdict(list)
    for number, part in enumerate(parts):
        for day in _days_of(part, start, end):
            on[day].append(number)
    alike = {tuple(those) for those in on.values()}
    counts = {those: len(set().union(*(times[n] for n in those))) for those in alike}
    found = Counter({day: counts[tuple(those)] for day, those in on.items()})
    if days == 7:
        return _of_a_week([found[day] for day in range(7)])
    first, after = (trigger.get_next_fire_time(None, at) for at in (start, end))
    if after is None:
        return _in_all(found)
    return _of_a_year(found, found.total() * DAY / (after - first))


def _times(trigger: Any) -> set[tuple[int, int, int]]:
    """Return the times of day at which a cron trigger fires."""
    hours, minutes, seconds = (cron_times.values(trigger, unit) for unit in FINER)
    return set(product(hours, minutes, seconds))


def _days_of(trigger: Any, start: datetime, end: datetime) -> Iterator[int]:
    fire = trigger.get_next_fire_time(None, start)
    while fire and fire < end:
        day = (fire - start) // DAY
        yield day
        fire = trigger.get_next_fire_time(None, start + (day + 1) * DAY)


def _fires(trigger: Any, start: datetime, end: datetime) -> Iterator[datetime]:
    fire = trigger.get_next_fire_time(None, start)
    while fire and fire < end:
        yield fire
        fire = trigger.get_next_fire_time(fire, fire)


def _in_all(found: Counter[int]) -> Rate:
    return Rate(max(found.values()), found.total() / 52, f"{_runs(found.total())} in all")


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
