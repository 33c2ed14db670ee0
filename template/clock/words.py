"""A trigger in plain words, and the times at which it fires next."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from itertools import pairwise
from typing import Any

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.combining import AndTrigger, OrTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.cron.expressions import (
    AllExpression,
    LastDayOfMonthExpression,
    RangeExpression,
    WeekdayPositionExpression,
)
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONTHS = (
    "January February March April May June July August September October November December".split()
)
ORDINALS = "first second third fourth fifth last".split()
# The lowest value of each field of a cron trigger, and the highest.
RANGES = {"month": (1, 12), "day": (1, 31), "week": (1, 53), "day_of_week": (0, 6)}
RANGES |= {"hour": (0, 23), "minute": (0, 59), "second": (0, 59)}
UNITS = (("week", 604800), ("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))


def fires(trigger: BaseTrigger, start: datetime, count: int) -> list[datetime]:
    """Return the next `count` fires from `start` on, fewer where the trigger ends."""
    found: list[datetime] = []
    fire = trigger.get_next_fire_time(None, start)
    while fire is not None and len(found) < count:
        found.append(fire)
        fire = trigger.get_next_fire_time(fire, fire)
    return found


def describe(trigger: BaseTrigger) -> str:
    """Say in words when a trigger fires, and on whose clock."""
    if isinstance(trigger, OrTrigger):
        return "; and ".join(describe(part) for part in trigger.triggers)
    if isinstance(trigger, AndTrigger):
        return "; only together with: ".join(describe(part) for part in trigger.triggers)
    if isinstance(trigger, DateTrigger):
        return f"Once, on {_moment(trigger.run_date)}, {zone_words(trigger.run_date.tzinfo)}"
    if isinstance(trigger, CronTrigger):
        parts = [_times(trigger), *_dates(trigger), *_bounds(trigger)]
        if len(parts) == 1 and len(values(trigger, "hour")) < 24:
            parts[0] += " every day"
    elif isinstance(trigger, IntervalTrigger):
        began = getattr(trigger, "begins", True)
        parts = [_interval(trigger), *_bounds(trigger, began=began)]
    else:
        return str(trigger)
    return ", ".join([*parts, zone_words(trigger.timezone)])


def zone_words(zone: tzinfo | None) -> str:
    """Name a zone as people do: "New York time"."""
    key = getattr(zone, "key", None) or str(zone)
    if key in ("UTC", "GMT") or key.startswith("Etc/"):
        return key.removeprefix("Etc/")
    return f"{key.rsplit('/', 1)[-1].replace('_', ' ')} time"


def joined(words: Sequence[str]) -> str:
    """Join words as in "a, b and c"."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def values(trigger: CronTrigger, name: str) -> list[int]:
    """Return what a field of a cron trigger matches: months, weekdays (0 is Monday), hours ..."""
    field = field_of(trigger, name)
    low, high = RANGES[name]
    if name == "day_of_week":
        dates = [datetime(2024, 1, 1) + timedelta(days=n) for n in range(7)]
    elif name == "week":
        dates = [datetime(2020, 1, 1) + timedelta(weeks=n) for n in range(53)]
    else:
        first: Any = datetime(2000, 1, 1)
        dates = [first.replace(**{name: value}) for value in range(low, high + 1)]
    pairs = [(field.get_value(date), field.get_next_value(date)) for date in dates]
    return [value for value, following in pairs if value == following]


def field_of(trigger: CronTrigger, name: str) -> Any:
    """Return one of a cron trigger's fields."""
    return next(field for field in trigger.fields if field.name == name)


def is_limited(trigger: CronTrigger, name: str) -> bool:
    """Tell whether a field is anything but a plain `*`."""
    expressions = field_of(trigger, name).expressions
    return any(type(e) is not AllExpression or e.step for e in expressions)


def step_of(found: list[int]) -> int | None:
    """Return the even distance between three values or more, None where there is none."""
    steps = {b - a for a, b in pairwise(found)}
    return steps.pop() if len(found) > 2 and len(steps) == 1 else None


def _times(trigger: CronTrigger) -> str:
    hours, minutes, seconds = (values(trigger, name) for name in ("hour", "minute", "second"))
    if seconds != [0]:
        return f"{_second_words(seconds)}{_minute_words(hours, minutes)}"
    if len(hours) * len(minutes) <= 6 and len(hours) < 24:
        return f"At {joined([f'{h:02}:{m:02}' for h in hours for m in minutes])}"
    if len(minutes) == 1 and len(hours) < 24 and (step := step_of(hours)):
        often = "hour" if step == 1 else f"{step} hours"
        return f"Every {often} from {hours[0]:02}:{minutes[0]:02} to {hours[-1]:02}:{minutes[0]:02}"
    marks = _marks(minutes, "minute")
    return marks if len(hours) == 24 and marks[:2] != "At" else f"{marks}{_hour_words(hours)}"


def _second_words(seconds: list[int]) -> str:
    step = step_of(seconds)
    if step and seconds[0] == 0 and seconds[-1] + step == 60:
        return "Every second" if step == 1 else f"Every {step} seconds"
    return f"At second{'s' if len(seconds) > 1 else ''} {joined([str(s) for s in seconds])}"


def _minute_words(hours: list[int], minutes: list[int]) -> str:
    if len(minutes) == 60:
        return "" if len(hours) == 24 else f" of every minute{_hour_words(hours)}"
    if len(hours) * len(minutes) <= 6 and len(hours) < 24:
        return f" of {joined([f'{h:02}:{m:02}' for h in hours for m in minutes])}"
    return f" of {joined([f':{m:02}' for m in minutes])}{_hour_words(hours)}"


def _marks(found: list[int], unit: str) -> str:
    """Say which minutes or seconds: one by one where they are few, else as a step."""
    step = step_of(found)
    if len(found) == 60:
        return f"Every {unit}"
    if len(found) > 6 and step:
        whole = found[0] < step and found[-1] + step > 59
        often = f"Every {unit}" if step == 1 else f"Every {step} {unit}s"
        if whole and found[0] == 0:
            return often
        return f"{often} from :{found[0]:02} to :{found[-1]:02}"
    return f"At {joined([f':{value:02}' for value in found])}"


def _hour_words(hours: list[int]) -> str:
    if len(hours) == 24:
        return " past every hour"
    if len(hours) > 1 and hours[-1] - hours[0] == len(hours) - 1:
        return f" past every hour from {hours[0]:02}:00 to {hours[-1]:02}:59"
    if len(hours) == 1:
        return f" from {hours[0]:02}:00 to {hours[0]:02}:59"
    return f" past {joined([f'{hour:02}:00' for hour in hours])}"


def _dates(trigger: CronTrigger) -> list[str]:
    found = []
    day, weekday = _day_words(trigger), ""
    if is_limited(trigger, "day_of_week"):
        weekday = _runs(values(trigger, "day_of_week"), DAYS)
    if day and weekday:
        found.append(f"{day} where it is {weekday}")
    elif day or weekday:
        found.append(day or (weekday if " to " in weekday else f"on {weekday}"))
    if is_limited(trigger, "week"):
        found.append(f"in the ISO weeks {_runs(values(trigger, 'week'))}")
    if is_limited(trigger, "month"):
        found.append(f"in {_runs([m - 1 for m in values(trigger, 'month')], MONTHS)}")
    elif day:
        found[0] = found[0].replace(day, f"{day} of the month", 1)
    if is_limited(trigger, "year"):
        found.append(f"in {field_of(trigger, 'year')}")
    return found


def _day_words(trigger: CronTrigger) -> str:
    if not is_limited(trigger, "day"):
        return ""
    words: list[str] = []
    for e in field_of(trigger, "day").expressions:
        if isinstance(e, LastDayOfMonthExpression):
            words.append("the last day")
        elif isinstance(e, WeekdayPositionExpression):
            words.append(f"the {ORDINALS[e.option_num]} {DAYS[e.weekday]}")
    numbers = _numbers_of_days(trigger)
    if numbers:
        words.insert(0, f"day{'s' if len(numbers) > 1 else ''} {_runs(numbers)}")
    return f"on {joined(words)}"


def _numbers_of_days(trigger: CronTrigger) -> list[int]:
    field = field_of(trigger, "day")
    plain = [e for e in field.expressions if type(e) in (AllExpression, RangeExpression)]
    dates = [datetime(2000, 1, day) for day in range(1, 32)]
    return [d.day for d in dates if any(e.get_next_value(d, field) == d.day for e in plain)]


def _runs(found: list[int], names: Sequence[str] | None = None) -> str:
    """List values, three neighbours or more as a range; weekdays may run over the weekend."""
    parts: list[list[int]] = []
    for value in found:
        if parts and parts[-1][-1] == value - 1:
            parts[-1].append(value)
        else:
            parts.append([value])
    if names and len(parts) > 1 and (parts[0][0], parts[-1][-1]) == (0, len(names) - 1):
        parts = [*parts[1:-1], parts[-1] + parts[0]]
    shown = [[names[value] if names else str(value) for value in part] for part in parts]
    flat = [w for p in shown for w in ([f"{p[0]} to {p[-1]}"] if len(p) > 2 else p)]
    return joined(flat)


def _interval(trigger: IntervalTrigger) -> str:
    seconds = int(trigger.interval.total_seconds())
    unit, size = next((u, s) for u, s in UNITS if seconds % s == 0)
    count = seconds // size
    often = f"Every {unit}" if count == 1 else f"Every {count} {unit}s"
    if unit in ("week", "day"):
        often += f" at {trigger.start_date:%H:%M}"
        often += f" on {DAYS[trigger.start_date.weekday()]}" if unit == "week" else ""
    return often


def _bounds(trigger: Any, *, began: bool = True) -> list[str]:
    start, end = trigger.start_date if began else None, trigger.end_date
    found = [f"from {_moment(start)}"] if start else []
    return found + ([f"until {_moment(end)}"] if end else [])


def _moment(at: datetime) -> str:
    clock = f"{at:%H:%M:%S}" if at.second else f"{at:%H:%M}"
    return f"{DAYS[at.weekday()]} {at.day} {MONTHS[at.month - 1]} {at.year} at {clock}"
