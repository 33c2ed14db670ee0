"""What people write for a trigger, keyword by keyword: read and checked."""

import re
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any

from apscheduler.util import astimezone, convert_to_datetime

from clockdyno.patterns import pattern
from clockdyno.schedule.field_ranges import RANGES

DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONTHS = (
    "January February March April May June July August September October November December".split()
)
NAMES = {"month": MONTHS, "day_of_week": DAYS}

# Marks a date that was written without an offset.
WALL = timezone(timedelta(0), "wall")
ITEM = pattern(r"(\*|\w+)(?:-(\w+))?(?:/(\d+))?", re.ASCII)
PLACE = pattern(r"last|(1st|2nd|3rd|4th|5th|last) (mon|tue|wed|thu|fri|sat|sun)")


def expression(name: str, value: object) -> str:
    """Return what stands in a field as APScheduler takes it; ValueError says what is wrong.

    Dashes may be typographic, ranges may wrap around (`sun-wed`, `22-2`), names may have a step.
    """
    text = re.sub("[\u2010-\u2015\u2212]", "-", str(value)).lower()
    text = re.sub(r" ?([-,/]) ?", r"\1", " ".join(text.split()))
    return ",".join(_item(name, item) for item in text.split(","))


def zone(value: object) -> tzinfo:
    """Return a time zone that was named or given; ValueError if it is none."""
    try:
        found: tzinfo = astimezone(value)
    except (LookupError, OSError, TypeError, ValueError):
        raise ValueError(f"timezone: {value!r} is not a zone such as Europe/Berlin") from None
    return found


def read(name: str, value: Any, zone: tzinfo) -> Any:
    """Return a trigger's keyword as APScheduler takes it; ValueError says what is wrong."""
    if name == "timezone":
        return zone
    if name in RANGES:
        return expression(name, value)
    if name.endswith("_date"):
        return _date(name, value, zone)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{name}: {value!r} is not a number")  # noqa: TRY004, it was typed
    if not 0 <= value < 1e9:
        raise ValueError(f"{name}: {value} is {'below 0' if value < 0 else 'more than 8 years'}")
    return value


def _date(name: str, value: Any, zone: tzinfo) -> datetime:
    try:
        if isinstance(value, str) and len(value) > 10:
            value = datetime.fromisoformat(value)
        found: datetime = convert_to_datetime(value, WALL, name)
    except (TypeError, ValueError):
        raise ValueError(f"{name}: {value!r} is not a date such as 2027-01-05 09:00") from None
    return found.replace(tzinfo=zone) if found.tzinfo is WALL else found


def _item(name: str, item: str) -> str:
    if name == "day" and PLACE.fullmatch(item):
        return item
    found = ITEM.fullmatch(item)
    if not found or (found[1] == "*" and found[2]):
        raise _refusal(name, item)
    low, high = RANGES[name]
    step = _step(name, found[3])
    first = low if found[1] == "*" else _number(name, found[1])
    last = _number(name, found[2]) if found[2] else high if step or found[1] == "*" else first
    if first > last and (name == "year" or (step and name in ("day", "week"))):
        raise ValueError(f"{name}: {item} runs backwards")
    reach = last - first + (high - low + 1 if first > last else 0)
    if step > reach:
        raise ValueError(
            f"{name}: the step {step} goes beyond {first}-{last}, so only {first} would match"
        )
    if found[1] == "*":
        return item
    is_named = not (found[1] + (found[2] or "")).isdecimal()
    if step and (is_named or first > last):
        numbers = range(first, first + reach + 1, step)
        return ",".join(_shown(name, low + (n - low) % (high - low + 1), is_named) for n in numbers)
    ends = [(first, high), (low, last)] if first > last else [(first, last)]
    shown = [[_shown(name, n, is_named) for n in (pair if found[2] else pair[:1])] for pair in ends]
    return ",".join("-".join(dict.fromkeys(pair)) for pair in shown) + (f"/{step}" if step else "")


def _shown(name: str, number: int, is_named: bool) -> str:
    return NAMES[name][number - RANGES[name][0]][:3].lower() if is_named else str(number)


def _number(name: str, text: str) -> int:
    low, high = RANGES[name]
    if not text.isdecimal():
        names = [n.lower() for n in NAMES.get(name, ())]
        near = [low + i for i, n in enumerate(names) if n.startswith(text) and len(text) > 2]
        if not near:
            raise _refusal(name, text)
        return near[0]
    if len(text) > 4 or not low <= int(text) <= high:
        raise ValueError(f"{name}: {text[:20]} is not between {low} and {high}")
    return int(text)


def _step(name: str, text: str | None) -> int:
    if text and not text.strip("0"):
        raise ValueError(f"{name}: a step of 0 never moves on")
    return int(text[:9]) if text else 0


def _refusal(name: str, text: str) -> ValueError:
    low, high = RANGES[name]
    named = f", names such as {NAMES[name][0][:3].lower()}" if name in NAMES else ""
    named = ", 'last' or '1st mon'" if name == "day" else named
    return ValueError(f"{name}: {text[:30]!r} is not understood; numbers {low} to {high}{named}")
