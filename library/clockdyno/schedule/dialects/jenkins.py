"""Jenkins: `H` is one value of its span, always the same, which Jenkins draws."""

import re
from zlib import crc32

from clockdyno.schedule.dialects import cron_field, crontab_days
from clockdyno.schedule.dialects.reading import Reading, cron
from clockdyno.schedule.field_ranges import RANGES
from clockdyno.schedule.refusal import quote

NAMES = ("minute", "hour", "day", "month", "day_of_week")
# Jenkins draws no date that a month may lack.
SPANS = {name: RANGES[name] for name in NAMES} | {"day": (1, 28)}
HASHED = re.compile(r"h(?:\(([0-9]+)-([0-9]+)\))?(?:/([0-9]+))?")
SIGN = re.compile(r"(?<![a-z])h(?![a-z])", re.IGNORECASE)
NOTE = "Read as Jenkins, where H is one time in its span: here it is drawn from the line itself."


def looks_like(text: str) -> bool:
    """Whether there are five fields and H stands in one of them."""
    words = text.split()
    return len(words) == 5 and any(SIGN.search(word) for word in words) and _are_fields(words)


def read(text: str) -> Reading:
    """The cron keywords of a line with H; day and weekday both have to match in Jenkins."""
    line = {
        name: _drawn(name, word, text.lower())
        for name, word in zip(NAMES, text.lower().split(), strict=True)
    }
    weekdays, _ = crontab_days.weekdays(line.pop("day_of_week"))
    fields: dict[str, str | int] = {name: cron_field.normalise(name, line[name]) for name in line}
    return Reading(cron([{**fields, "day_of_week": weekdays}]), (NOTE,))


def _are_fields(words: list[str]) -> bool:
    return all(re.fullmatch(r"[-0-9*,/a-z()]+", word, re.IGNORECASE) for word in words)


def _drawn(name: str, word: str, seed: str) -> str:
    return ",".join(_item(name, item, seed) for item in word.split(","))


def _item(name: str, item: str, seed: str) -> str:
    found = HASHED.fullmatch(item)
    if not found:
        if "h" in re.split(r"[^a-z]", item):
            raise cron_field.FieldError(name, f"{quote(item)} is not H, H(a-b) or H/n")
        return item
    low, high = SPANS[name]
    first, last = (int(found[n] or (low, high)[n - 1]) for n in (1, 2))
    if not low <= first <= last <= max(high, 31 if name == "day" else high):
        raise cron_field.FieldError(name, f"{item}: its span is not between {low} and {high}")
    draw = crc32(f"{name} {seed}".encode())
    step = int(found[3] or 0)
    if not step:
        return str(first + draw % (last - first + 1))
    if not 1 <= step <= last - first + 1:
        raise cron_field.FieldError(name, f"{item}: the step leads nowhere")
    start = first + draw % step
    return f"{start}-{last}/{step}" if start + step <= last else str(start)
