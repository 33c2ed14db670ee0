"""When a job fires: cron on the wall clock, intervals on a grid; alike in every process.

Daylight saving is decided, not left to luck. Where the hour or the minute of a cron trigger is
left open (`*`, `*/n` or the full range), it follows real time: nothing fires in the hour that a
spring change skips, and the hour that an autumn change repeats fires twice. Otherwise each wall
time fires once: a skipped one at the first moment after the gap, a repeated one the first time.
"""

import re
from bisect import bisect_left
from calendar import monthrange
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Any

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.combining import AndTrigger, OrTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.cron.expressions import AllExpression, RangeExpression
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
# The leap day of 2096 is followed by that of 2104; whatever is rarer counts as never.
YEARS_AHEAD = 8
# A Monday. Intervals without a start date count from its midnight in their own zone.
GRID = datetime(2024, 1, 1)


class WallCron(CronTrigger):
    """APScheduler's CronTrigger, its fields and its syntax, with fires that survive DST."""

    def __init__(self, *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self._prepare()

    def __setstate__(self, state: Any) -> None:
        super().__setstate__(state)
        self._prepare()

    def _prepare(self) -> None:
        by_name = {field.name: field for field in self.fields}
        self._day = by_name["day"]
        self._weekly = [by_name[n] for n in ("week", "day_of_week") if _limits(by_name[n])]
        self._years = by_name["year"] if _limits(by_name["year"]) else None
        clocks = [by_name[name] for name in ("hour", "minute", "second")]
        self._months = _values(by_name["month"])
        self._hours, self._minutes, self._seconds = map(_values, clocks)
        self._first_time = time(self._hours[0], self._minutes[0], self._seconds[0])
        self._follows_real_time = any(_is_open(field) for field in clocks[:2])
        self._days: dict[tuple[int, int], list[int]] = {}

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime | None:
        """Return the first fire at `now` or later and after `previous`, None beyond 8 years."""
        start = _start(previous, now, self.start_date)
        find = self._next_in_real_time if self._follows_real_time else self._next_on_the_wall
        fire = find(start)
        return None if fire is None or (self.end_date and fire > self.end_date) else fire

    def _next_in_real_time(self, at: datetime) -> datetime | None:
        zone = self.timezone
        while True:
            here = at.astimezone(zone)
            wall = self._next_wall(here.replace(tzinfo=None))
            if wall is None:
                return None
            offset: Any = here.utcoffset()
            there = (wall - offset).replace(tzinfo=UTC)
            near = min(there, at + DAY)
            if near.astimezone(zone).utcoffset() != offset:
                at = _change(at, near, zone)
            elif near == there:
                return there.astimezone(zone)
            else:
                at = max(near, there - DAY)

    def _next_on_the_wall(self, at: datetime) -> datetime | None:
        # A second earlier, for a fire at the first moment after a gap has its wall time before.
        wall = (at - SECOND).astimezone(self.timezone).replace(tzinfo=None) + SECOND
        while (found := self._next_wall(wall)) is not None:
            fire = on_the_wall(found, self.timezone)
            if fire >= at:
                return fire
            wall = found + SECOND
        return None

    def _next_wall(self, wall: datetime) -> datetime | None:
        """Return the first wall time at `wall` or later that all fields match."""
        days = self._days_of(wall.year, wall.month)
        if wall.day in days and (found := self._next_time(wall)):
            return datetime.combine(wall, found)
        year, month, after = wall.year, wall.month, wall.day
        while year <= wall.year + YEARS_AHEAD and year < 9999:
            index = bisect_left(days, after + 1)
            if index < len(days):
                return datetime.combine(datetime(year, month, days[index]), self._first_time)
            year, month, after = (year + 1, 1, 0) if month == 12 else (year, month + 1, 0)
            days = self._days_of(year, month)
        return None

    def _next_time(self, wall: datetime) -> time | None:
        """Return the first matching time of day at that of `wall` or later."""
        hours, minutes, seconds = self._hours, self._minutes, self._seconds
        h = bisect_left(hours, wall.hour)
        if h == len(hours):
            return None
        if hours[h] > wall.hour:
            return time(hours[h], minutes[0], seconds[0])
        m = bisect_left(minutes, wall.minute)
        if m < len(minutes) and minutes[m] == wall.minute:
            s = bisect_left(seconds, wall.second)
            if s < len(seconds):
                return time(wall.hour, wall.minute, seconds[s])
            m += 1
        if m < len(minutes):
            return time(wall.hour, minutes[m], seconds[0])
        return time(hours[h + 1], minutes[0], seconds[0]) if h + 1 < len(hours) else None

    def _days_of(self, year: int, month: int) -> list[int]:
        """Return the days of a month that match; remembered, for fires come in order."""
        days = self._days.get((year, month))
        if days is None:
            if len(self._days) > 24:
                self._days.clear()
            days = self._days[year, month] = self._find_days(year, month)
        return days

    def _find_days(self, year: int, month: int) -> list[int]:
        first = datetime(year, month, 1)
        if month not in self._months or (self._years and not _matches(self._years, first)):
            return []
        last, days, date = monthrange(year, month)[1], [], first
        while day := self._day.get_next_value(date):
            date = date.replace(day=day)
            if all(_matches(field, date) for field in self._weekly):
                days.append(day)
            if day == last:
                break
            date += DAY
        return days


class GridInterval(IntervalTrigger):
    """APScheduler's IntervalTrigger on a grid that no process start can shift.

    The grid begins at `start_date`; without one at a Monday's midnight in the trigger's zone, so
    that every 15 minutes means :00, :15, :30 and :45. Whole days and weeks are counted on the wall
    clock and keep their time of day; anything smaller is counted in real time.
    """

    def __init__(self, *args: Any, timezone: Any = None, start_date: Any = None, **more: Any):
        super().__init__(*args, timezone=timezone, start_date=start_date or GRID, **more)
        if not any([*args, *more.values()]) or self.interval <= timedelta(0):
            raise ValueError("an interval of zero or less is none")
        self.begins = start_date is not None

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "begins": self.begins}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self.begins = state.get("begins", True)

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime | None:
        """Return the first fire at `now` or later and after `previous`."""
        start = _start(previous, now, self.start_date if self.begins else None)
        find = self._next_in_real_time if self.interval % DAY else self._next_on_the_wall
        fire = find(start)
        return None if self.end_date and fire > self.end_date else fire

    def _next_in_real_time(self, at: datetime) -> datetime:
        since = at - self.start_date.astimezone(UTC)
        return (at + (-since % self.interval)).astimezone(self.timezone)

    def _next_on_the_wall(self, at: datetime) -> datetime:
        wall = (at - SECOND).astimezone(self.timezone).replace(tzinfo=None) + SECOND
        wall += -(wall - self.start_date.replace(tzinfo=None)) % self.interval
        while (fire := on_the_wall(wall, self.timezone)) < at:
            wall += self.interval
        return fire


def on_the_wall(wall: datetime, zone: tzinfo) -> datetime:
    """Return when a clock on the wall first shows this time, or has just jumped over it."""
    fire = wall.replace(tzinfo=zone).astimezone(UTC)
    shown = fire.astimezone(zone)
    if shown.replace(tzinfo=None) == wall:
        return shown
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return _change(before, fire, zone).astimezone(zone)


def _change(start: datetime, end: datetime, zone: tzinfo) -> datetime:
    """Return the moment after `start`, up to `end`, at which the zone changes its offset."""
    offset = start.astimezone(zone).utcoffset()
    low, high = 0, int((end - start) / SECOND)
    while high - low > 1:
        middle = (low + high) // 2
        same = (start + middle * SECOND).astimezone(zone).utcoffset() == offset
        low, high = (middle, high) if same else (low, middle)
    return start + high * SECOND


def _start(previous: datetime | None, now: datetime, begin: datetime | None) -> datetime:
    """Return the first whole second that may fire, in UTC; as in APScheduler, `previous` leads."""
    start = previous.astimezone(UTC) + timedelta(microseconds=1) if previous else now
    if begin:
        start = max(start, begin)
    start = start.astimezone(UTC)
    return start if not start.microsecond else start.replace(microsecond=0) + SECOND


def _limits(field: Any) -> bool:
    return any(type(e) is not AllExpression or e.step for e in field.expressions)


def _is_open(field: Any) -> bool:
    """Tell whether a field covers its whole range, in steps or not: `*`, `*/15`, `0-59/15`."""
    low, high = RANGES[field.name]
    for expression in field.expressions:
        if type(expression) is AllExpression:
            return True
        # RangeExpression is a subclass of AllExpression, so isinstance would not tell them apart.
        if type(expression) is RangeExpression and expression.first == low:
            if expression.last in (None, high):
                return True
    return False


def _values(field: Any) -> list[int]:
    low, high = RANGES[field.name]
    first: Any = datetime(2000, 1, 1)
    dates = (first.replace(**{field.name: value}) for value in range(low, high + 1))
    return [getattr(date, field.name) for date in dates if _matches(field, date)]


def _matches(field: Any, date: datetime) -> bool:
    return bool(field.get_next_value(date) == field.get_value(date))


def make(kind: str, keywords: dict[str, Any], timezone: tzinfo) -> BaseTrigger:
    """Build a trigger from APScheduler's keywords; ValueError says what is wrong with them.

    Ranges may wrap around (`sun-wed`, hour `22-2`), and dashes may be typographic.
    """
    given = {"timezone": timezone, **{k: v for k, v in keywords.items() if v is not None}}
    try:
        if kind == "cron":
            return WallCron(**{name: _expanded(name, value) for name, value in given.items()})
        if kind == "interval":
            return GridInterval(**given)
        if kind == "date":
            return _date(**given)
    except (KeyError, TypeError) as error:
        raise ValueError(f"{kind}: {error.args[0]}") from None
    raise ValueError(f"{kind!r} is no trigger: use cron, interval or date")


def adopt(trigger: BaseTrigger) -> BaseTrigger:
    """Return our own trigger for one that was made of APScheduler's classes."""
    if type(trigger) in (OrTrigger, AndTrigger):
        return type(trigger)([adopt(part) for part in trigger.triggers], trigger.jitter)
    if type(trigger) is CronTrigger:
        return _converted(trigger, WallCron)
    if type(trigger) is IntervalTrigger:
        ours = _converted(trigger, GridInterval)
        # APScheduler puts one interval from now where no start date was given.
        unset = trigger.start_date - trigger.interval
        if abs(datetime.now(UTC) - unset) < 5 * SECOND:
            ours.start_date, ours.begins = GRID.replace(tzinfo=trigger.timezone), False
        return ours
    return trigger


def _converted(trigger: BaseTrigger, ours: Any) -> Any:
    made = ours.__new__(ours)
    made.__setstate__(trigger.__getstate__())
    return made


def _date(run_date: Any = None, timezone: Any = None) -> BaseTrigger:
    try:
        trigger = DateTrigger(run_date, timezone)
    except ValueError as error:
        raise ValueError(f"run_date: {run_date!r} is no date ({error})") from None
    wall = trigger.run_date.replace(tzinfo=None, fold=0)
    return DateTrigger(on_the_wall(wall, trigger.run_date.tzinfo))


def _expanded(name: str, value: Any) -> Any:
    """Return a cron field as APScheduler takes it: plain dashes, no range that wraps around."""
    if name not in RANGES or not isinstance(value, int | str):
        return value
    plain = re.sub("[\u2010-\u2015\u2212]", "-", str(value)).replace(" ", "").lower()
    return ",".join(_unwrapped(name, part) for part in plain.split(","))


def _unwrapped(name: str, part: str) -> str:
    low, high = RANGES[name]
    match = re.fullmatch(r"(\w+)-(\w+)(?:/(\d+))?", part)
    ends = [_number(name, text) for text in match.groups()[:2]] if match else []
    for number in ends or [_number(name, part)]:
        if number is not None and not low <= number <= high:
            raise ValueError(f"{name}: {number} is not between {low} and {high}")
    first, last = ends if match else (None, None)
    if match is None or first is None or last is None or first <= last:
        return part
    step, size = int(match[3] or 1), high - low + 1
    wrapped = [low + (first - low + n) % size for n in range(0, last - first + size + 1, step)]
    return ",".join(NAMES[name][value - low] if name in NAMES else str(value) for value in wrapped)


def _number(name: str, text: str) -> int | None:
    if text in NAMES.get(name, ()):
        return NAMES[name].index(text) + RANGES[name][0]
    return int(text) if text.isdecimal() else None


RANGES = {"month": (1, 12), "day_of_week": (0, 6), "hour": (0, 23)}
RANGES |= {"minute": (0, 59), "second": (0, 59)}
NAMES = {
    "month": "jan feb mar apr may jun jul aug sep oct nov dec".split(),
    "day_of_week": "mon tue wed thu fri sat sun".split(),
}
