"""Which times on the wall the fields of a cron trigger match, whatever the zone does."""

from bisect import bisect_left
from calendar import monthrange
from datetime import date, datetime, time
from typing import Any

from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.cron.expressions import AllExpression, RangeExpression

from clockdyno.schedule.field_ranges import RANGES

# The leap day of 2096 is followed by that of 2104; whatever is rarer counts as never.
YEARS_AHEAD = 8


def field(trigger: CronTrigger, name: str) -> Any:
    """Return one of a cron trigger's fields."""
    return trigger.fields[CronTrigger.FIELD_NAMES.index(name)]


def values(trigger: CronTrigger, name: str) -> list[int]:
    """Return the numbers that a field matches; weekdays count from 0, Monday."""
    found: set[int] = set()
    for e in field(trigger, name).expressions:
        if _is_numeric(e):
            first, last = span(e, name)
            found.update(range(first, last + 1, e.step or 1))
    return sorted(found)


def places(trigger: CronTrigger) -> list[Any]:
    """Return the expressions of the day field that are no numbers: `last`, `1st mon`."""
    return [e for e in field(trigger, "day").expressions if not _is_numeric(e)]


def is_plain(trigger: CronTrigger, name: str) -> bool:
    """Tell whether a field matches everything because nobody limited it."""
    expressions = field(trigger, name).expressions
    return any(type(e) is AllExpression and e.step in (None, 1) for e in expressions)


def is_open(trigger: CronTrigger, name: str) -> bool:
    """Tell whether a field covers its whole range, in steps or not: `*`, `*/15`, `0-59/15`."""
    low, high = RANGES[name]
    spans = [span(e, name) for e in field(trigger, name).expressions]
    return (low, high) in spans or len(values(trigger, name)) == high - low + 1


def span(e: Any, name: str) -> tuple[int, int]:
    """Return the first and the last number that an expression covers."""
    low, high = RANGES[name]
    first, last = getattr(e, "first", low), getattr(e, "last", None)
    return first, high if last is None else last


def _is_numeric(e: Any) -> bool:
    # RangeExpression is a subclass of AllExpression, and so is `1st mon`.
    return type(e) is AllExpression or isinstance(e, RangeExpression)


class Pattern:
    """The times on the wall that all fields of a cron trigger match, in order."""

    def __init__(self, trigger: CronTrigger) -> None:
        self._months, self._hours, self._minutes, self._seconds = (
            values(trigger, name) for name in ("month", "hour", "minute", "second")
        )
        self._days, self._places = values(trigger, "day"), places(trigger)
        self._years, self._weeks, self._weekdays = (
            None if is_plain(trigger, name) else values(trigger, name)
            for name in ("year", "week", "day_of_week")
        )
        self._found: dict[tuple[int, int], list[int]] = {}

    def next(self, shown: datetime, last_year: int | None = None) -> datetime | None:
        """Return the first match at `shown` or later, None beyond the last year."""
        year, month, day = shown.year, shown.month, shown.day
        if day in self._days_of(year, month):
            if found := self._next_time(shown):
                return datetime.combine(shown, found)
            day += 1
        while year <= (last_year or shown.year + YEARS_AHEAD):
            if days := _from(self._days_of(year, month), day):
                first = time(self._hours[0], self._minutes[0], self._seconds[0])
                return datetime.combine(date(year, month, days[0]), first)
            year, month, day = (year + 1, 1, 1) if month == 12 else (year, month + 1, 1)
        return None

    def _next_time(self, shown: datetime) -> time | None:
        for hour in _from(self._hours, shown.hour):
            same_hour = hour == shown.hour
            for minute in _from(self._minutes, shown.minute if same_hour else 0):
                same_minute = same_hour and minute == shown.minute
                for second in _from(self._seconds, shown.second if same_minute else 0):
                    return time(hour, minute, second)
        return None

    def _days_of(self, year: int, month: int) -> list[int]:
        """Return the days of a month that match; remembered, for people ask in order."""
        found = self._found.get((year, month))
        if found is None:
            if len(self._found) > 24:
                self._found = {}
            found = self._found[year, month] = self._find_days(year, month)
        return found

    def _find_days(self, year: int, month: int) -> list[int]:
        if month not in self._months or (self._years is not None and year not in self._years):
            return []
        weekday, length = monthrange(year, month)
        placed = (e.get_next_value(date(year, month, 1), None) for e in self._places)
        return [
            day
            for day in sorted({*self._days, *filter(None, placed)})
            if day <= length
            and (self._weekdays is None or (weekday + day - 1) % 7 in self._weekdays)
            and (self._weeks is None or date(year, month, day).isocalendar().week in self._weeks)
        ]


def _from(values: list[int], low: int) -> list[int]:
    return values[bisect_left(values, low) :]
