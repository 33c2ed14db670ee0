"""AWS EventBridge: `cron(...)` with weekdays from 1, Sunday; `rate(...)` and `at(...)`."""

import re

from clockdyno.schedule.dialects import crontab, dates, quartz
from clockdyno.schedule.dialects.cron_field import FieldError
from clockdyno.schedule.dialects.reading import (
    UTC_ELSEWHERE,
    Reading,
    cron,
    mended,
    only_certain,
)
from clockdyno.schedule.refusal import Misread, quote

NAMES = ("minute", "hour", "day", "month", "day_of_week", "year")
SHAPE = re.compile(r"(cron|rate|at) ?\( *([^()]*?) *\)", re.IGNORECASE)
RATE = re.compile(r"([0-9]+) (minute|hour|day)s?")
NOTE = "Read as AWS EventBridge: weekdays count from 1, Sunday, and a year stands last."
FIVE = (
    "five fields are crontab's, and AWS, whose brackets these are, counts weekdays from 1, Sunday"
)


def looks_like(text: str) -> bool:
    """Whether this is one of AWS's expressions, or its six fields without their brackets."""
    words = text.split()
    bare = len(words) == 6 and "?" in (words[2], words[4]) and "?" not in (words[3], words[5])
    found = SHAPE.fullmatch(text)
    # `cron(hour=9)` is APScheduler's.
    return bare or bool(found and "=" not in found[2])


def read(text: str) -> Reading:
    """The trigger of an expression of EventBridge."""
    found = SHAPE.fullmatch(text)
    kind, inner = (found[1].lower(), found[2]) if found else ("cron", text)
    if kind == "cron":
        return _cron(inner)
    if kind == "rate":
        return _rate(inner)
    moment = dates.read("at", inner)
    return Reading([("date", {"run_date": moment})], ("Read as AWS EventBridge.", UTC_ELSEWHERE))


def _cron(text: str) -> Reading:
    words = text.lower().split()
    if len(words) == 5:
        return only_certain(FIVE, [lambda: crontab.read(text), lambda: crontab.from_one(words)])
    if len(words) != 6:
        raise Misread(f"cron(...): AWS has six fields; here are {len(words)}")
    line = dict(zip(NAMES, words, strict=True))
    try:
        return Reading(cron(quartz.translated(line)), (NOTE, UTC_ELSEWHERE))
    except FieldError as error:
        raise mended(error, line, "cron({})") from None


def _rate(text: str) -> Reading:
    found = RATE.fullmatch(text.lower())
    if not found:
        raise Misread(f"rate(...): {quote(text)} is not a number of minutes, hours or days")
    note = (
        "Read as AWS EventBridge, which counts from its creation; here it stands on a fixed grid."
    )
    return Reading([("interval", {f"{found[2]}s": int(found[1])})], (note,))
