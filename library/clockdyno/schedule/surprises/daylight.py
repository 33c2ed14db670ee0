"""What the next changes of the clocks do to a schedule: times skipped, repeated or moved."""

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from typing import Any

from clockdyno.schedule import local_time
from clockdyno.schedule.cron_times import values
from clockdyno.schedule.local_time import DAY
from clockdyno.schedule.surprises.fixes import Surprise, line, ranges, steps
from clockdyno.schedule.triggers import GridInterval, OnDate, WallCron

HOUR, YEAR = timedelta(hours=1), 365 * DAY


def daylight(trigger: Any, now: datetime, home: tzinfo | None) -> list[Surprise]:
    """Warn of what the next year's changes of the clocks do to the fires of a trigger."""
    if isinstance(trigger, WallCron) and len(values(trigger, "hour")) == 24:
        return []
    if isinstance(trigger, GridInterval) and trigger.interval % DAY:
        return _moved_grid(trigger, now, home)
    zone = getattr(trigger, "timezone", None) or trigger.run_date.tzinfo
    found: dict[str, Surprise] = {}
    windows = [
        (_window(change, shift, zone), change, shift)
        for change, shift in local_time.changes(zone, now, now + YEAR)
    ]
    touched = {hour for window, *_ in windows for hour in _hours(*window)}
    for (low, high), change, shift in windows:
        shown = [at for at in _shown(trigger, low, high) if _is_due(trigger, change)]
        if shown:
            fix = _calm(trigger, shown[0], high, touched, home)
            surprise = _of_change(trigger, shown, high, shift > timedelta(0), fix)
            found.setdefault(surprise.code, surprise)
    return list(found.values())


def _moved_grid(trigger: GridInterval, now: datetime, home: tzinfo | None) -> list[Surprise]:
    """Warn of every 6 hours: half the year at other hours than in the other half."""
    for change, shift in local_time.changes(trigger.timezone, now, now + YEAR):
        if abs(shift) % trigger.interval and DAY % trigger.interval == timedelta(0):
            fire = trigger.get_next_fire_time(None, change)
            first = trigger.get_next_fire_time(None, now)
            if fire is None or first is None:
                return []
            text = f"From {fire:%Y-%m-%d} on it runs at {fire:%H:%M}, no longer at"
            text = f"{text} {fire - shift:%H:%M}: the clocks change, its steps do not."
            return [Surprise("dst-grid", text, steps(trigger, first, home))]
    return []


def _window(change: datetime, shift: timedelta, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return the times on the wall between which a gap or a repeat lies."""
    after = change.astimezone(zone).replace(tzinfo=None, fold=0)
    return (after - shift, after) if shift > timedelta(0) else (after, after - shift)


def _hours(low: datetime, high: datetime) -> Iterator[int]:
    return ((low + n * HOUR / 4).hour for n in range(int((high - low) / (HOUR / 4))))


def _of_change(
    trigger: Any, shown: list[datetime], end: datetime, is_gap: bool, fix: str
) -> Surprise:
    in_real_time = isinstance(trigger, WallCron) and trigger.follows_real_time
    times = f"{shown[0]:%H:%M}" + (f" to {shown[-1]:%H:%M}" if len(shown) > 1 else "")
    if is_gap:
        runs = "no run then" if in_real_time else f"it runs at {end:%H:%M}"
        text = f"On {shown[0]:%Y-%m-%d} there is no {times}: {runs}."
    else:
        runs = "both times" if in_real_time else "the first time"
        text = f"On {shown[0]:%Y-%m-%d} {times} comes twice: it runs {runs}."
    return Surprise("dst-gap" if is_gap else "dst-repeat", text, fix)


def _calm(
    trigger: Any, shown: datetime, end: datetime, touched: set[int], home: tzinfo | None
) -> str:
    """Write the trigger with the next hour that no change touches for those that one does."""
    calm = next((h % 24 for h in range(end.hour, end.hour + 24) if h % 24 not in touched), 12)
    if isinstance(trigger, WallCron):
        hours = {calm if hour in touched else hour for hour in values(trigger, "hour")}
        return line(trigger, home, hour=ranges(hours))
    at = shown.replace(hour=calm)
    return line(trigger, home, **{"run_date" if isinstance(trigger, OnDate) else "start_date": at})


def _shown(trigger: Any, low: datetime, high: datetime) -> list[datetime]:
    """Return the times on the wall from `low` up to `high` that the trigger is meant for."""
    found: list[datetime] = []
    if isinstance(trigger, OnDate):
        found = [] if trigger.run_date.fold else [trigger.run_date.replace(tzinfo=None)]
    elif isinstance(trigger, GridInterval):
        found = [trigger.next_shown(low)]
    else:
        at = trigger.pattern.next(low)
        while at and at < high:
            found.append(at)
            at = trigger.pattern.next(at + local_time.SECOND)
    return [at for at in found if low <= at < high]


def _is_due(trigger: Any, at: datetime) -> bool:
    start, end = getattr(trigger, "start_date", None), getattr(trigger, "end_date", None)
    return not ((start and at < start) or (end and at > end))
