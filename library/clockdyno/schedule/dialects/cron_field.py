"""One field of a cron schedule: what people write, as an expression that APScheduler accepts."""

import re
from collections.abc import Callable
from typing import TypeVar

from clockdyno.patterns import pattern
from clockdyno.schedule.field_ranges import RANGES
from clockdyno.schedule.refusal import Misread, quote

Value = TypeVar("Value")

MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
NAMES = {"month": MONTHS, "day_of_week": WEEKDAYS}
POSITIONS = ("1st", "2nd", "3rd", "4th", "5th", "last")
# Their lengths differ, so a step across the end of one has no single meaning.
UNEVEN = ("year", "day", "week")

ITEM = pattern(r"(\*|[0-9]+|[a-z]+)(?:-([0-9]+|[a-z]+))?(?:/([0-9]+))?")
POSITION = pattern(r"([1-5](?:st|nd|rd|th)|last) ([a-z]+)")


class FieldError(Misread):
    """One field is wrong; `better` is the nearest expression that would be right."""

    def __init__(self, field: str, reason: str, better: str = "", *, hint: str = "") -> None:
        super().__init__(f"{field}: {reason}", hint=hint)
        self.field, self.better = field, better


def name_index(names: tuple[str, ...], word: str) -> int | None:
    """Where 'mon', 'Thurs' or 'mondays' stands in the list of names."""
    for candidate in (word, word.removesuffix("s")):
        for index, name in enumerate(names):
            if len(candidate) >= 3 and name.startswith(candidate):
                return index
    return None


def normalise(field: str, text: str) -> str | int:
    """The expression in APScheduler's terms: the user's own where that works, else expanded."""
    compact = re.sub(r" ?([-/,]) ?", r"\1", " ".join(text.lower().split()))
    joined = ",".join(each_item(compact, lambda item: _item(field, item)))
    return int(joined) if joined.isdecimal() else joined


def each_item(text: str, read: Callable[[str], Value]) -> list[Value]:
    """Read the items between the commas; an item's better reading becomes the whole text's."""
    items = text.split(",")
    values = []
    for index, item in enumerate(items):
        try:
            values.append(read(item))
        except FieldError as error:
            if error.better:
                error.better = ",".join([*items[:index], error.better, *items[index + 1 :]])
            raise
    return values


def _item(field: str, item: str) -> str:
    if field == "day" and (item == "last" or POSITION.fullmatch(item)):
        return _position(item)
    match = ITEM.fullmatch(item)
    if not match or (item[0] == "*" and match[2]):
        raise FieldError(field, f"{quote(item)} is not {_accepted(field)}")
    start, end, step = match.groups()
    low, high = RANGES[field]
    if start == "*":
        return f"*/{_step(field, item, low, high, step)}" if step else "*"
    first = _value(field, item, start)
    last = _value(field, item, end) if end else high if step else first
    named = not (start + (end or "0")).isdecimal()
    if first > last or named:
        return _spelt_out(field, item, first, last, step, named)
    size = f"/{_step(field, item, first, last, step)}" if step else ""
    return f"{first}-{last}{size}" if end else f"{first}{size}"


def _spelt_out(field: str, item: str, first: int, last: int, step: str | None, named: bool) -> str:
    """Ranges that APScheduler refuses (sun-wed) or reads without their step (mon-fri/2)."""
    low, high = RANGES[field]
    wrapped = first > last
    if wrapped and (field == "year" or (step and field in UNEVEN)):
        raise FieldError(field, f"{item} runs backwards", f"{last}-{first}/{step or 1}")
    reach = last + (high - low + 1 if wrapped else 0)
    size = _step(field, item, first, reach, step) if step else 1
    if size == 1:
        ends = [(first, high), (low, last)] if wrapped else [(first, last)]
        pairs = ([_text(field, value, named) for value in pair] for pair in ends)
        return ",".join("-".join(dict.fromkeys(pair)) for pair in pairs)
    values = (low + (value - low) % (high - low + 1) for value in range(first, reach + 1, size))
    return ",".join(_text(field, value, named) for value in values)


def _text(field: str, value: int, named: bool) -> str:
    return NAMES[field][value - RANGES[field][0]][:3] if named else str(value)


def _value(field: str, item: str, word: str) -> int:
    low, high = RANGES[field]
    if not word.isdecimal():
        index = name_index(NAMES.get(field, ()), word)
        if index is None:
            raise FieldError(field, f"{quote(word)} is not {_accepted(field)}")
        return low + index
    value = int(word)
    if not low <= value <= high:
        # People who write hour 24 or minute 60 mean the start of the next one.
        nearest = (
            low if item == word and value == high + 1 and low == 0 else min(max(value, low), high)
        )
        better = re.sub(rf"\b{word}\b", str(nearest), item, count=1)
        if field == "day_of_week" and value == 7:
            # Whoever writes 7 counts as crontab does, from Sunday, 0.
            days, slash, step = item.partition("/")
            named = re.sub("[0-7]", lambda digit: WEEKDAYS[int(digit[0]) - 1][:3], days)
            better = f"{named}{slash}{step}"
        raise FieldError(field, f"{quote(word)[1:-1]} is not between {low} and {high}", better)
    return value


def _step(field: str, item: str, first: int, last: int, step: str) -> int:
    reach = last - first
    if 1 <= int(step) <= reach:
        return int(step)
    base = item.split("/")[0].replace("*", f"{first}-{last}")
    if int(step) == 0:
        raise FieldError(field, "a step of 0 never moves on", item.split("/")[0])
    only = base.split("-")[0]
    reason = f"the step {quote(step)[1:-1]} goes beyond {base}, so only {only} would match"
    raise FieldError(field, reason, only)


def _position(item: str) -> str:
    if item == "last":
        return item
    position, name = item.split()
    index = name_index(WEEKDAYS, name)
    if position not in POSITIONS or index is None:
        raise FieldError("day", f"{quote(item)} is not a weekday's place such as '1st mon'")
    return f"{position} {WEEKDAYS[index][:3]}"


def _accepted(field: str) -> str:
    low, high = RANGES[field]
    names = f", a name such as {NAMES[field][0][:3]}" if field in NAMES else ""
    extra = ", 'last', a place such as '1st mon'" if field == "day" else ""
    return f"a number from {low} to {high}{names}{extra}, a range such as a-b, or * (with /step)"
