"""The days of a crontab line: its day of the month, its weekday, and how the two combine."""

import re

from clockdyno.patterns import pattern
from clockdyno.schedule.dialects import cron_field
from clockdyno.schedule.dialects.expressions import names_text
from clockdyno.schedule.refusal import quote

SUNDAY_FIRST = (cron_field.WEEKDAYS[6], *cron_field.WEEKDAYS[:6])
NTH = pattern(r"([0-9]+|[a-z]+?)(?:#([0-9]+)|l)")


def days(day: str, day_of_week: str) -> list[dict[str, str]]:
    """The fields `day` and `day_of_week`: twice, where crontab means either of the two."""
    dates = str(cron_field.normalise("day", re.sub(r"(?<![a-z])l(?![a-z])", "last", day)))
    named, places = weekdays(day_of_week)
    # Crontab wants day AND weekday as soon as one of the two begins with a star, */2 too.
    both = day[0] == "*" or day_of_week[0] == "*"
    if both and not places:
        return [{"day": dates, "day_of_week": named}]
    if both and "*" not in dates.split(","):
        raise cron_field.FieldError("day", f"{day} and {day_of_week} need two triggers")
    # A place such as mon#1 is one of the days of the month to APScheduler.
    either = [{"day": ",".join(places if both else [dates, *places])}]
    return either + ([{"day_of_week": named}] if named else [])


def weekdays(text: str) -> tuple[str, list[str]]:
    """Crontab's weekdays by name, and the places."""
    found = cron_field.each_item(text, _weekday)
    places = [place for place in found if isinstance(place, str)]
    spans = set().union(*(span for span in found if not isinstance(span, str)))
    return "*" if "*" in text.split(",") else names_text(cron_field.WEEKDAYS, spans), places


def _weekday(item: str) -> str | set[int]:
    match = NTH.fullmatch(item)
    return _place(item, *match.groups()) if match else _span(item)


def _place(item: str, name: str, nth: str | None) -> str:
    day = cron_field.WEEKDAYS[_number(item, name) % 7 - 1][:3]
    if nth is None:
        return f"last {day}"
    if not 1 <= int(nth) <= 5:
        raise cron_field.FieldError(
            "day_of_week", f"{item}: a month has no {nth}. {day}", f"{name}#5"
        )
    return f"{cron_field.POSITIONS[int(nth) - 1]} {day}"


def _span(item: str) -> set[int]:
    match = cron_field.ITEM.fullmatch(item)
    if not match or (item[0] == "*" and match[2]):
        reason = f"{quote(item)} is not a weekday from 0 to 7 or sun to sat, a range or a step"
        raise cron_field.FieldError("day_of_week", reason)
    start, end, step = match.groups()
    first = 0 if start == "*" else _number(item, start)
    last = _number(item, end) if end else 7 if step or start == "*" else first
    reach = last + 7 if last < first else last
    if step and not 1 <= int(step) <= reach - first:
        raise cron_field.FieldError("day_of_week", f"{item}: the step leads nowhere", start)
    return {(day - 1) % 7 for day in range(first, reach + 1, int(step or 1))}


def _number(item: str, word: str) -> int:
    if not word.isdecimal():
        index = cron_field.name_index(SUNDAY_FIRST, word)
        if index is None:
            better = "sat" if item == "l" else ""  # Quartz means Saturday by it.
            raise cron_field.FieldError("day_of_week", f"{quote(word)} is not a weekday", better)
        return index
    if int(word) > 7:
        better = item.replace(word, "7", 1)
        raise cron_field.FieldError("day_of_week", f"{word} is not between 0 and 7", better)
    return int(word)
