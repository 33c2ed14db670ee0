"""A surprise, and the line that mends it: arguments of the decorator, as a person writes them."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any, NamedTuple

from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger

from clockdyno.schedule.local_time import DAY
from clockdyno.schedule.triggers import KINDS, UNITS

SIZES = {unit: timedelta(**{unit: 1}) for unit in UNITS}


class Surprise(NamedTuple):
    """A surprise: a stable code for programs, what happens, and the lines that change it.

    `fix` can be pasted between the decorator's brackets, or typed as a schedule. A line each stands
    for another way out; "; " divides schedules that belong on one function together.
    """

    code: str
    text: str
    fix: str


def keywords(trigger: Any) -> tuple[str, dict[str, Any]]:
    """Return a trigger's kind and keywords, with its zone; what nobody limited is left out."""
    zone = {"timezone": getattr(trigger, "timezone", None) or trigger.run_date.tzinfo}
    if isinstance(trigger, DateTrigger):
        return "date", {"run_date": trigger.run_date.replace(tzinfo=None), **zone}
    bounds = {"start_date": trigger.start_date, "end_date": trigger.end_date}
    own = {k: v.astimezone(trigger.timezone).replace(tzinfo=None) for k, v in bounds.items() if v}
    own |= {"jitter": trigger.jitter} if trigger.jitter else {}
    if not isinstance(trigger, CronTrigger):
        unit = next(u for u in SIZES if u == "seconds" or not trigger.interval % SIZES[u])
        return "interval", {unit: f"{trigger.interval / SIZES[unit]:g}", **own, **zone}
    given = {f.name: str(f) for f in trigger.fields if not f.is_default}
    lowest = next(reversed(given), None)
    limited = {name: text for name, text in given.items() if text != "*" or name == lowest}
    return "cron", {**limited, **own, **zone}


def line(trigger: Any, home: tzinfo | None = None, **changes: Any) -> str:
    """Write a trigger with some keywords changed, None: left out; `home` need not be said."""
    kind, given = keywords(trigger)
    return written(kind, given | changes, home)


def written(kind: str, given: dict[str, Any], home: tzinfo | None = None) -> str:
    """Write a trigger's kind and keywords in APScheduler's order."""
    shown = {name: given[name] for name in KINDS[kind][1] if given.get(name) is not None}
    if str(shown.get("timezone")) == str(home):
        del shown["timezone"]
    return ", ".join([f'"{kind}"', *(f"{name}={_value(v)}" for name, v in shown.items())])


def ranges(numbers: Iterable[int], names: Sequence[str] = ()) -> str:
    """Write numbers as a field: "0-2,22,23", or by their names."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    shown = [[names[n] if names else str(n) for n in run] for run in runs]
    return ",".join([f"{run[0]}-{run[-1]}" if len(run) > 2 else ",".join(run) for run in shown])


def steps(trigger: Any, start: datetime, home: tzinfo | None) -> str:
    """Write an interval that divides the day as the times of day on the wall that it has now."""
    day = start.replace(hour=0, minute=0, second=0, microsecond=0)
    hours: dict[tuple[int, int], list[int]] = {}
    for n in range(DAY // trigger.interval):
        at = day + (start - day + n * trigger.interval) % DAY
        hours.setdefault((at.minute, at.second), []).append(at.hour)
    if len(hours) > 4:
        return '"cron" with the times of day that it should keep to'
    _, given = keywords(trigger)
    rest = {name: value for name, value in given.items() if name not in UNITS}
    lines = []
    for (minute, second), found in sorted(hours.items()):
        clock = {"hour": _stepped(sorted(found)), "minute": minute, "second": second or None}
        lines.append(written("cron", rest | clock, home))
    return "; ".join(lines)


def _stepped(hours: list[int]) -> str | None:
    step = 24 // len(hours)
    if hours != list(range(hours[0], 24, step)):
        return ranges(hours)
    start = f"{hours[0]}-{hours[-1]}" if hours[0] else "*"
    return (f"{start}/{step}" if len(hours) > 1 else str(hours[0])) if step > 1 else None


def _value(value: Any) -> str:
    return str(value) if str(value).isdecimal() else f'"{value}"'
