"""A job's schedule as Sentry's monitors have it: a crontab or an interval, and what is allowed.

The source is develop.sentry.dev/sdk/telemetry/check-ins: minutes are the smallest unit, margin and
longest run are whole minutes, and a slug has at most 50 letters of [a-z0-9_-].
"""

import math
import re
import zlib
from datetime import timedelta
from typing import Any

from clockdyno.schedule import cron_times
from clockdyno.schedule.field_ranges import RANGES
from clockdyno.schedule.triggers import GridInterval, WallCron

LONGEST_SLUG = 50
MOST_MINUTES = 40_320  # four weeks, for the margin and for a run
UNITS = (("week", 604_800), ("day", 86_400), ("hour", 3600), ("minute", 60))
FIELDS = ("minute", "hour", "day", "month", "day_of_week")


def slug(job: str) -> str:
    """Return the name of a job's monitor; two jobs never share one."""
    plain = re.sub(r"[^a-z0-9_-]+", "-", job.lower()).strip("-")
    if plain == job and len(plain) <= LONGEST_SLUG:
        return plain
    mark = f"{zlib.crc32(job.encode(errors='backslashreplace')):08x}"
    return f"{plain[: LONGEST_SLUG - 9]}-{mark}".strip("-")


def config(
    trigger: Any, zone: Any, grace: timedelta | None, timeout: float | None
) -> dict[str, Any] | None:
    """Return the monitor of a job; None where its schedule is neither crontab nor interval.

    That is: several schedules, a date, one that ends, seconds, `last` or `1st mon`, and a day of
    the month together with a weekday, which crontab would read as either of them.
    """
    schedule = _schedule(trigger)
    if schedule is None:
        return None
    found: dict[str, Any] = {
        "schedule": schedule,
        "timezone": str(getattr(trigger, "timezone", zone)),
    }
    if grace is not None:
        found["checkin_margin"] = _minutes(grace.total_seconds())
    if timeout is not None:
        found["max_runtime"] = _minutes(timeout)
    return found


def _schedule(trigger: Any) -> dict[str, Any] | None:
    if getattr(trigger, "end_date", None):
        return None
    if isinstance(trigger, WallCron):
        value = _crontab(trigger)
        return {"type": "crontab", "value": value} if value else None
    if isinstance(trigger, GridInterval):
        seconds = trigger.interval.total_seconds()
        for unit, length in UNITS:
            if seconds % length == 0:
                return {"type": "interval", "value": int(seconds // length), "unit": unit}
    return None


def _crontab(trigger: WallCron) -> str | None:
    is_limited = {name: not cron_times.is_plain(trigger, name) for name in RANGES}
    if is_limited["year"] or is_limited["week"] or cron_times.places(trigger):
        return None
    if (is_limited["day"] and is_limited["day_of_week"]) or len(
        cron_times.values(trigger, "second")
    ) != 1:
        return None
    return " ".join(_field(trigger, name) for name in FIELDS)


def _field(trigger: WallCron, name: str) -> str:
    numbers, (low, high) = cron_times.values(trigger, name), RANGES[name]
    if name == "day_of_week":  # Crontab counts from Sunday.
        numbers, low, high = sorted((day + 1) % 7 for day in numbers), 0, 6
    if len(numbers) == high - low + 1:
        return "*"
    step = numbers[1] - numbers[0] if len(numbers) > 2 else 0
    if step > 1 and numbers == list(range(low, high + 1, step)):
        return f"*/{step}"
    return ",".join(_spans(numbers))


def _spans(numbers: list[int]) -> list[str]:
    found: list[list[int]] = []
    for number in numbers:
        if found and number == found[-1][-1] + 1:
            found[-1].append(number)
        else:
            found.append([number])
    return [f"{s[0]}-{s[-1]}" if len(s) > 2 else ",".join(map(str, s)) for s in found]


def _minutes(seconds: float) -> int:
    return min(max(1, math.ceil(seconds / 60)), MOST_MINUTES)
