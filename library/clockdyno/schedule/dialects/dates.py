"""Dates as people and Python write them, as the text that APScheduler reads."""

from calendar import monthrange
from datetime import datetime

from clockdyno.patterns import pattern
from clockdyno.schedule.refusal import Misread, quote

DAY = r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"
TIME = r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,6}))?)?"
ISO = pattern(rf"{DAY}(?:[ Tt]{TIME} ?(Z|z|[+-][0-9]{{2}}:[0-9]{{2}})?)?")
# As in run_date=datetime(2027, 1, 5, 9), copied out of Python.
CALL = pattern(r"(?:datetime\.)?(?:date|datetime)\(([0-9, ]{1,40})\)")
YEARS = (1970, 9998)


def read(name: str, text: str) -> str:
    """'2027-1-5 9:00' as '2027-01-05 09:00:00'; an offset and microseconds stay."""
    text = _iso_of_call(text.strip())
    match = ISO.fullmatch(text)
    if not match:
        hint = 'Write it as "2027-01-05" or "2027-01-05 09:00".'
        raise Misread(f"{name}: {quote(text)} is not a date", hint=hint)
    *numbers, fraction, offset = match.groups()
    year, month, day, *clock = (int(number or 0) for number in numbers)
    result = day_text(name, year, month, day)
    if numbers[3] is None:
        return result
    return (
        f"{result} {_time(name, clock)}{'.' + fraction if fraction else ''}{_offset(name, offset)}"
    )


def day_text(name: str, year: int, month: int, day: int) -> str:
    """'2027-01-05'; refuses a day that the calendar does not have, and names the nearest one."""
    for unit, value, low, high in (("year", year, *YEARS), ("month", month, 1, 12)):
        if not low <= value <= high:
            hint = 'Write it as "2027-01-05".'
            raise Misread(f"{name}: the {unit} {value} is not between {low} and {high}", hint=hint)
    last = monthrange(year, month)[1]
    if not 1 <= day <= last:
        hint = f'Did you mean "{year}-{month:02}-{min(max(day, 1), last):02}"?'
        raise Misread(f"{name}: the day {day} is not between 1 and {last}", hint=hint)
    return f"{year:04}-{month:02}-{day:02}"


def _iso_of_call(text: str) -> str:
    call = CALL.fullmatch(text)
    if not call:
        return text
    numbers = [int(part) for part in call[1].replace(" ", "").split(",") if part]
    try:
        moment = datetime(*numbers)  # type: ignore[arg-type]  # noqa: DTZ001, of a zone to come
    except (TypeError, ValueError, OverflowError):
        return text
    return str(moment) if len(numbers) > 3 else str(moment.date())


def _time(name: str, clock: list[int]) -> str:
    for value, (unit, limit) in zip(
        clock, {"hour": 23, "minute": 59, "second": 59}.items(), strict=True
    ):
        if value > limit:
            hint = f"Write the {unit} as a number from 0 to {limit}."
            raise Misread(f"{name}: the {unit} {value} is not between 0 and {limit}", hint=hint)
    return "{:02}:{:02}:{:02}".format(*clock)


def _offset(name: str, offset: str | None) -> str:
    if offset is None or offset in "Zz":
        return (offset or "").upper()
    if int(offset[1:3]) > 23 or int(offset[4:]) > 59:
        raise Misread(f"{name}: the offset {offset} is not one", hint='Write it as "+02:00".')
    return offset
