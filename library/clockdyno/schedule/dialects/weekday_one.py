"""Weekdays that count from 1, Sunday, as in Quartz and AWS: by name, as crontab takes them."""

from clockdyno.patterns import pattern
from clockdyno.schedule.dialects.cron_field import WEEKDAYS, FieldError, name_index
from clockdyno.schedule.refusal import quote

FIELD = "day_of_week"
SUNDAY_FIRST = (WEEKDAYS[6], *WEEKDAYS[:6])
DAY = "([0-9]+|[a-z]+?)"
PLACE = pattern(rf"{DAY}(#[0-9]+|l)")
SPAN = pattern(rf"(?:(\*)|{DAY}(?:-{DAY})?)(?:/([0-9]+))?")


def named(text: str) -> str:
    """'2-6' as 'mon,tue,wed,thu,fri', '2#1' as 'mon#1', '6L' as 'fril', 'L' as 'sat'."""
    return ",".join(_item(item) for item in text.lower().replace("?", "*").split(","))


def _item(item: str) -> str:
    if item in ("*", "l"):
        return {"l": "sat"}.get(item, item)
    if place := PLACE.fullmatch(item):
        return f"{_short(_number(place[1]))}{place[2]}"
    span = SPAN.fullmatch(item)
    if not span:
        raise FieldError(
            FIELD, f"{quote(item)} is not a weekday from 1, Sunday, to 7, or SUN to SAT"
        )
    first = 1 if span[1] else _number(span[2])
    last = _number(span[3]) if span[3] else 7 if span[4] or span[1] else first
    if last < first:
        last += 7
    step = int(span[4] or 1)
    if span[4] and not 1 <= step <= max(1, last - first):
        raise FieldError(FIELD, f"{item}: the step leads nowhere")
    return ",".join(_short((day - 1) % 7 + 1) for day in range(first, last + 1, step))


def _number(word: str) -> int:
    if not word.isdecimal():
        index = name_index(SUNDAY_FIRST, word)
        if index is None:
            raise FieldError(FIELD, f"{quote(word)} is not a weekday")
        return index + 1
    if not 1 <= int(word[:9]) <= 7:
        raise FieldError(FIELD, f"{quote(word)[1:-1]} is not between 1, Sunday, and 7, Saturday")
    return int(word)


def _short(number: int) -> str:
    return SUNDAY_FIRST[number - 1][:3]
