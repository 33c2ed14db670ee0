"""A trigger in plain words, and the times at which it fires next."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from itertools import pairwise
from typing import Any

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.combining import AndTrigger, OrTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.cron.expressions import LastDayOfMonthExpression
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from clockdyno.schedule import zones
from clockdyno.schedule.arguments import DAYS, MONTHS
from clockdyno.schedule.at_start import AtStart
from clockdyno.schedule.cron_times import field, is_plain, places, values
from clockdyno.schedule.local_time import instant
from clockdyno.schedule.triggers import GRID

# More than these are said as a step or as a range.
FEW = 6
YEARLY = ("day", "day_of_week", "week", "month", "year")
PLACES = "first second third fourth fifth last".split()
UNITS = {"week": 604_800, "day": 86_400, "hour": 3_600, "minute": 60, "second": 1}


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
    if not isinstance(trigger, (OrTrigger, AndTrigger)):
        return ", ".join([_words(trigger), *_zone(trigger)])
    parts, zones = [_words(part) for part in trigger.triggers], [*map(_zone, trigger.triggers)]
    if any(zone != zones[0] for zone in zones):
        parts = [describe(part) for part in trigger.triggers]
        zones = [[]]
    link = "; and " if isinstance(trigger, OrTrigger) else "; only together with "
    rest = [part[:1].lower() + part[1:] for part in parts[1:]]
    return ", ".join([link.join([*parts[:1], *rest]), *zones[0]])


def joined(words: Sequence[str]) -> str:
    """Join words as in "a, b and c"."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def day_words(at: datetime) -> str:
    """Write a date as in "Tuesday 5 January 2027"."""
    return f"{DAYS[at.weekday()]} {at.day} {MONTHS[at.month - 1]} {at.year}"


def _words(trigger: Any) -> str:
    if isinstance(trigger, AtStart):
        return "At each start of the clock"
    if isinstance(trigger, DateTrigger):
        at = instant(trigger.run_date).astimezone(trigger.run_date.tzinfo)
        return f"Once, on {_moment(at)}"
    if isinstance(trigger, CronTrigger):
        dates = _dates(trigger)
        times = _times(trigger, any_day=not dates)
        if not dates and len(values(trigger, "hour")) < 24:
            times += " every day"
        return ", ".join([times, *dates, *_bounds(trigger)])
    if isinstance(trigger, IntervalTrigger):
        return ", ".join([_interval(trigger), *_bounds(trigger)])
    if isinstance(trigger, (OrTrigger, AndTrigger)):
        return describe(trigger)
    return str(trigger)


def _zone(trigger: Any) -> list[str]:
    if isinstance(trigger, AtStart):
        return []
    zone = getattr(trigger, "timezone", None) or getattr(trigger, "run_date", trigger)
    zone = getattr(zone, "tzinfo", zone)
    return [zones.words(zone)] if isinstance(zone, tzinfo) else []


def _times(trigger: CronTrigger, any_day: bool) -> str:
    hours, minutes, seconds = (values(trigger, name) for name in ("hour", "minute", "second"))
    if seconds != [0]:
        return f"{_marks(seconds, 'second')}{_of_minutes(hours, minutes, any_day)}"
    if len(hours) * len(minutes) <= FEW and len(hours) < 24:
        return f"At {_clock_times(hours, minutes)}"
    if len(minutes) == 1 and len(hours) < 24:
        turned = _turned(hours, any_day)
        step, first, last = _step(turned), f"{turned[0]:02}", f"{turned[-1]:02}"
        if not step:
            return f"At {_clock_times(hours, minutes)}"
        often = "hour" if step == 1 else f"{step} hours"
        return f"Every {often} from {first}:{minutes[0]:02} to {last}:{minutes[0]:02}"
    return f"{_marks(minutes, 'minute')}{_of_hours(hours, _is_step(minutes), any_day)}"


def _clock_times(hours: list[int], minutes: list[int]) -> str:
    return joined([f"{hour:02}:{minute:02}" for hour in hours for minute in minutes])


def _marks(found: list[int], unit: str) -> str:
    """Say which minutes or seconds: one by one where they are few, else as a step."""
    step = _step(found)
    is_whole = step is not None and found[0] == 0 and found[-1] + step == 60
    if step and (is_whole if unit == "second" else _is_step(found)):
        often = f"Every {unit}" if step == 1 else f"Every {step} {unit}s"
        return often if is_whole else f"{often} from :{found[0]:02} to :{found[-1]:02}"
    if unit == "second":
        return f"At second{'s' if len(found) > 1 else ''} {_runs(found)}"
    return f"At {_runs(found, {value: f':{value:02}' for value in range(60)})}"


def _of_minutes(hours: list[int], minutes: list[int], any_day: bool) -> str:
    if len(minutes) == 60:
        return "" if len(hours) == 24 else f" of every minute{_of_hours(hours, True, any_day)}"
    if len(hours) * len(minutes) <= FEW and len(hours) < 24:
        return f" of {_clock_times(hours, minutes)}"
    marks = _marks(minutes, "minute")
    return f" of {marks.removeprefix('At ').lower()}{_of_hours(hours, _is_step(minutes), any_day)}"


def _turned(hours: list[int], any_day: bool) -> list[int]:
    """Begin 22-2 with 22, where the days go on; else the hours after midnight come first."""
    gap = next((n for n, (a, b) in enumerate(pairwise(hours), 1) if b - a > 1), 0)
    return [*hours[gap:], *hours[:gap]] if any_day and (hours[0] - hours[-1]) % 24 == 1 else hours


def _of_hours(hours: list[int], is_step: bool, any_day: bool) -> str:
    """Say past which hours; "every 5 minutes" goes on from one hour to the next by itself."""
    if len(hours) == 24:
        return "" if is_step else " past every hour"
    turned = _turned(hours, any_day)
    if all((b - a) % 24 == 1 for a, b in pairwise(turned)):
        past = "" if is_step or len(hours) == 1 else " past every hour"
        return f"{past} from {turned[0]:02}:00 to {turned[-1]:02}:59"
    return f" past {joined([f'{hour:02}:00' for hour in hours])}"


def _dates(trigger: CronTrigger) -> list[str]:
    limited = {name: values(trigger, name) for name in YEARLY if not is_plain(trigger, name)}
    day, month, year = (limited.get(name, []) for name in ("day", "month", "year"))
    names = _runs(limited.get("day_of_week", []), dict(enumerate(DAYS)), ring=True)
    if len(day) == len(month) == 1 and len(year) < 2 and not names and not places(trigger):
        return [" ".join([f"on {day[0]} {MONTHS[month[0] - 1]}", *map(str, year)])]
    days = _days(trigger) if "day" in limited else ""
    found = [f"{days} of the month" if days and not month else days]
    if days and names:
        found[0] += f" if that is {names}"
    elif names:
        found = [names if " to " in names and " and " not in names else f"on {names}"]
    months = _runs(month, dict(enumerate(MONTHS, 1)), ring=True)
    years = _runs(year) if len(year) < 50 else f"the years {field(trigger, 'year')}"
    weeks = [f"ISO week {_runs(limited['week'])}"] if "week" in limited else []
    for words in filter(None, (months, *weeks, years)):
        is_range = " to " in words and " and " not in words and "week" not in words
        found.append(f"from {words}" if is_range else f"in {words}")
    return list(filter(None, found))


def _days(trigger: CronTrigger) -> str:
    numbers, words = values(trigger, "day"), []
    step = _step(numbers)
    if step and step > 1 and len(numbers) > FEW:
        words.append(f"day {numbers[0]} and every {step} days from then to day {numbers[-1]}")
    elif numbers:
        words.append(f"day{'s' if len(numbers) > 1 else ''} {_runs(numbers)}")
    for e in places(trigger):
        is_last = isinstance(e, LastDayOfMonthExpression)
        words.append("the last day" if is_last else f"the {PLACES[e.option_num]} {DAYS[e.weekday]}")
    return f"on {joined(words)}"


def _runs(found: list[int], names: Mapping[int, str] | None = None, *, ring: bool = False) -> str:
    """List values, three neighbours or more as a range; in a ring the first follows the last."""
    parts: list[list[int]] = []
    for value in found:
        if parts and parts[-1][-1] == value - 1:
            parts[-1].append(value)
        else:
            parts.append([value])
    if names and ring and len(parts) > 1 and {min(names), max(names)} <= set(found):
        parts = [*parts[1:-1], parts[-1] + parts[0]]
    shown = [[names[value] if names else str(value) for value in part] for part in parts]
    return joined([w for p in shown for w in ([f"{p[0]} to {p[-1]}"] if len(p) > 2 else p)])


def _step(found: list[int]) -> int | None:
    """Return the even distance between three values or more, None where there is none."""
    steps = {b - a if b > a else b - a + 24 for a, b in pairwise(found)}
    return steps.pop() if len(found) > 2 and len(steps) == 1 else None


def _is_step(found: list[int]) -> bool:
    return len(found) > FEW and _step(found) is not None


def _interval(trigger: Any) -> str:
    seconds = trigger.interval.total_seconds()
    unit, size = next(((u, s) for u, s in UNITS.items() if seconds % s == 0), ("second", 1))
    often = f"Every {unit}" if seconds == size else f"Every {seconds / size:g} {unit}s"
    if unit in ("second", "minute") and seconds / size > 120:
        often = f"Every {_parts(seconds)}"
    start = trigger.start_date.astimezone(trigger.timezone) if trigger.start_date else GRID
    day = f" on {DAYS[start.weekday()]}" if unit == "week" else ""
    return f"{often}{day} at {start:%H:%M}" if unit in ("week", "day") else often


def _parts(seconds: float) -> str:
    parts = []
    for unit in ("day", "hour", "minute", "second"):
        count, seconds = divmod(seconds, UNITS[unit])
        if count:
            parts.append(f"{count:g} {unit}{'s' if count > 1 else ''}")
    return joined(parts)


def _bounds(trigger: Any) -> list[str]:
    found = []
    if trigger.start_date:
        is_day = isinstance(trigger, IntervalTrigger) and not trigger.interval % timedelta(days=1)
        start = trigger.start_date.astimezone(trigger.timezone)
        found.append(f"from {day_words(start) if is_day else _moment(start)}")
    if trigger.end_date:
        found.append(f"until {_moment(trigger.end_date.astimezone(trigger.timezone))}")
    return found


def _moment(at: datetime) -> str:
    return f"{day_words(at)} at {at:%H:%M:%S}" if at.second else f"{day_words(at)} at {at:%H:%M}"
