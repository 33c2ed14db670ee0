"""APScheduler's own way to write a schedule, as typed or as copied out of Python."""

import re
from collections.abc import Iterator, Mapping
from typing import NoReturn

from clockdyno.patterns import pattern
from clockdyno.schedule import zones
from clockdyno.schedule.dialects import cron_field, dates
from clockdyno.schedule.field_ranges import RANGES
from clockdyno.schedule.refusal import Misread, closest, quote

Value = str | int
Trigger = tuple[str, dict[str, Value]]
UNITS = {"weeks": 604_800, "days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}
LIMITS = ("start_date", "end_date", "timezone", "jitter")
KEYWORDS = {
    "cron": (*RANGES, *LIMITS),
    "interval": (*UNITS, *LIMITS),
    "date": ("run_date", "timezone"),
}
FIRST_STEPS = {
    "cron": ("cron hour=9 minute=30", "cron day_of_week=mon-fri hour=17"),
    "interval": ("interval minutes=15", "interval hours=2"),
    "date": ('date run_date="2027-01-05 09:00"', 'date run_date="2027-01-05"'),
}
# Options of the job, not of its schedule: they follow it in the same decorator.
JOB_OPTIONS = (
    *("id", "name", "args", "kwargs", "max_instances", "coalesce", "misfire_grace_time"),
    *("next_run_time", "replace_existing", "jobstore", "executor", "timeout", "retries", "on_lost"),
    "queue",
)
ALIASES = {
    **dict.fromkeys(("weekday", "weekdays", "dow", "dayofweek", "wday"), "day_of_week"),
    "dom": "day",
    "day_of_month": "day",
    "mday": "day",
    "tz": "timezone",
}
# The clock looks no further ahead, so nothing longer would ever fire.
LONGEST = 8 * 365 * 86_400
LONGEST_JITTER = 86_400

CALL = pattern(r"@?\s*([A-Za-z_][A-Za-z0-9_.]*)?\s*\(\s*")
FUNCTION = pattern(r"[A-Za-z_][A-Za-z0-9_.]*\s*,\s*")
KIND = pattern(r"""(?:trigger\s*=\s*)?(["']?)([A-Za-z]+)\1\s*(?:,|\s|$)\s*""")
ZONE_FIRST = pattern(r"(?:CRON_)?TZ\s*=", re.IGNORECASE)
KEY = pattern(r"\s*([A-Za-z_]+)\s*=\s*")
QUOTED = pattern(r"""(["'])([^"'\\]*)\1\s*(?=,|\s|$)""")
BRACKETED = pattern(r"(\[[^][]*\]|\{[^{}]*\})\s*(?=,|\s|$)")
CALLED = pattern(r"([A-Za-z_.]+)\(\s*([^()]*)\)\s*(?=,|\s|$)")
PLAIN = pattern(r"""[^"'()=]*?(?=[\s,]+[A-Za-z_]+\s*=|,?\s*$)""")


def looks_like(text: str) -> bool:
    """Whether somebody who typed this meant APScheduler's keywords."""
    word = re.match(r"[A-Za-z_]*", text)
    return bool(word and word[0].lower() in KEYWORDS) or (
        "=" in text and not ZONE_FIRST.match(text)
    )


def read(text: str) -> tuple[str, dict[str, Value]]:
    """`cron hour=9`, `'cron', hour='9'` or `@sched.scheduled_job("cron", hour=9)`."""
    kind, rest = _head(text)
    given: dict[str, str] = {}
    for key, value in _pairs(rest, len(text) - len(rest)):
        if key in given:
            raise Misread(f"{key} is given twice")
        if value != "None":
            given[key] = value
    return kind, checked(kind, given)


def checked(kind: str, given: Mapping[str, str]) -> dict[str, Value]:
    """As `check`; a refusal offers the whole of it with the one field mended."""
    try:
        return check(kind, given)
    except cron_field.FieldError as error:
        raise Misread(error.reason, [written(kind, {**given, error.field: error.better})]) from None


def check(kind: str, given: Mapping[str, Value]) -> dict[str, Value]:
    """The keywords in APScheduler's order, each of them checked; every kind of text ends here."""
    for key in given:
        if key not in KEYWORDS[kind]:
            _refuse_keyword(kind, key, given)
    result = {key: _value(key, str(given[key])) for key in KEYWORDS[kind] if key in given}
    if not set(result) - set(LIMITS):
        raise Misread(f"{kind}: it does not say when", FIRST_STEPS[kind])
    if kind == "interval":
        _check_length(result)
    return result


def written(kind: str, keywords: Mapping[str, object]) -> str:
    """The schedule as a person would type it."""
    shown = (str(value) for value in keywords.values())
    values = (f'"{value}"' if " " in value else value for value in shown)
    return " ".join([kind, *map("=".join, zip(keywords, values, strict=True))])


def _head(text: str) -> tuple[str, str]:
    call = CALL.match(text)
    rest = text[call.end() :].rstrip(" ,").removesuffix(")") if call else text
    name = (call[1] or "") if call else ""
    for kind in KEYWORDS:
        if name.endswith(f"{kind.title()}Trigger"):
            return kind, rest
    if name.endswith("add_job"):
        rest = FUNCTION.sub("", rest, count=1)
    match = KIND.match(rest)
    if match and match[2].lower() in KEYWORDS:
        return match[2].lower(), rest[match.end() :]
    if match:
        near = closest(match[2], tuple(KEYWORDS))
        readings = [f"{kind} {rest[match.end() :]}" for kind in near]
        raise Misread(f"{quote(match[2])} is not interval, cron or date", readings)
    readings = [*(f"{kind} {rest}" for kind in KEYWORDS), rest]
    raise Misread("the kind is missing: interval, cron or date", readings)


def _pairs(rest: str, offset: int) -> Iterator[tuple[str, str]]:
    position = 0
    while rest[position:].strip(" ,"):
        key = KEY.match(rest, position)
        if not key:
            what = quote(rest[position:].strip())
            where = f"character {offset + position + 1}"
            raise Misread(f"{where}: {what} is not keyword=value", [f"every {rest}", rest])
        value, position = _quoted_or_plain(rest, key.end(), key[1])
        position += len(rest[position:]) - len(rest[position:].lstrip(" ,"))
        yield key[1].lower(), value


def _quoted_or_plain(rest: str, start: int, key: str) -> tuple[str, int]:
    if quoted := QUOTED.match(rest, start):
        return quoted[2].strip(), quoted.end()
    if called := CALLED.match(rest, start):
        # ZoneInfo("Europe/Berlin") is the name in it; datetime(2027, 1, 5) is read as a date.
        inner = called[2].strip().strip("\"'")
        return (inner if key == "timezone" else called[0].strip()), called.end()
    plain = BRACKETED.match(rest, start) or PLAIN.match(rest, start)
    if not plain or not plain[0].strip():
        raise Misread(f"{key}: {quote(rest[start:])} is not a value that can be read")
    return plain[0].strip(), plain.end()


def _value(key: str, text: str) -> Value:
    if key in RANGES:
        return cron_field.normalise(key, text)
    if key == "timezone":
        return zones.find(text.removeprefix("timezone.").removeprefix("pytz."))
    if key.endswith("_date"):
        return dates.read(key, text)
    return _whole(key, text)


def _whole(key: str, text: str) -> int:
    if not re.fullmatch(r"[0-9]+", text):
        meant = re.fullmatch(r"-?([0-9]{1,9})[a-z]*", text)
        reason = f"{quote(text)} is not a whole number"
        raise cron_field.FieldError(key, reason, meant[1] if meant else "")
    limit = LONGEST_JITTER if key == "jitter" else LONGEST // UNITS[key]
    if int(text) > limit:
        reason = f"{quote(text)[1:-1]} is not between 0 and {limit}"
        raise cron_field.FieldError(key, reason, str(limit))
    return int(text)


def _check_length(keywords: Mapping[str, Value]) -> None:
    seconds = sum(int(keywords.get(unit, 0)) * size for unit, size in UNITS.items())
    if seconds == 0:
        raise Misread("interval: its length is 0", FIRST_STEPS["interval"])
    if seconds > LONGEST:
        raise Misread("interval: it is longer than 8 years", FIRST_STEPS["interval"])


def _refuse_keyword(kind: str, key: str, given: Mapping[str, Value]) -> NoReturn:
    if key in JOB_OPTIONS:
        reason = f"{key} is an option of the job, not of its schedule: set it in jobs.py"
        rest = {name: value for name, value in given.items() if name not in JOB_OPTIONS}
        raise Misread(reason, [written(kind, check(kind, rest))])
    # The units of an interval are plural, the fields of cron are not.
    readings = [written(other, given) for other in KEYWORDS if key in KEYWORDS[other]]
    near = [ALIASES[key]] if key in ALIASES else closest(key, KEYWORDS[kind])
    for known in near:
        renamed = {known if name == key else name: value for name, value in given.items()}
        readings.insert(0, written(kind, renamed))
    raise Misread(f"{kind} has no keyword {quote(key)}", readings)
