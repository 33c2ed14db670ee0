"""systemd's OnCalendar: `Mon..Fri *-*-* 10:00`; weekday and date both have to match."""

import re

from clockdyno.schedule import zones
from clockdyno.schedule.dialects import cron_field
from clockdyno.schedule.dialects.apscheduler import Value
from clockdyno.schedule.dialects.expressions import names_text
from clockdyno.schedule.dialects.reading import Reading, cron
from clockdyno.schedule.refusal import Misread, quote

KEY = re.compile(r"OnCalendar *[=:] *", re.IGNORECASE)
MONOTONIC = re.compile(r"On(?:Boot|Startup|Active|UnitActive|UnitInactive)Sec *=", re.IGNORECASE)
NAMED = {
    "minutely": "*-*-* *:*:00",
    "hourly": "*-*-* *:00:00",
    "daily": "*-*-* 00:00:00",
    "weekly": "Mon *-*-* 00:00:00",
    "monthly": "*-*-01 00:00:00",
    "quarterly": "*-01,04,07,10-01 00:00:00",
    "semiannually": "*-01,07-01 00:00:00",
    "semi-annually": "*-01,07-01 00:00:00",
    "yearly": "*-01-01 00:00:00",
    "annually": "*-01-01 00:00:00",
}
PART = r"(?:\*|[0-9.,/*]+)"
DATE = re.compile(rf"(?:({PART})-)?({PART})([-~])({PART})")
TIME = re.compile(rf"({PART}):({PART})(?::({PART}))?")
WEEKDAYS = re.compile(r"[a-z]+(?:(?:\.\.|-|,)[a-z]+)*,?", re.IGNORECASE)
VALUE = re.compile(r"([0-9]+)(?:\.\.([0-9]+))?(?:/([0-9]+))?")
# What only systemd writes so: a star before a dash or colon, a range of two dots, a step of times.
SIGN = re.compile(
    r"(?<![^ ])\*(?:-|:)|\.\.|[-~*]\*(?![^ ])|~[0-9]"
    r"|(?<![^ ])[0-9*]+:[0-9]+/[0-9]|(?<![^ ])[0-9]+/[0-9]+:[0-9]"
)
NOTE = "Read as systemd's OnCalendar."


def looks_like(text: str) -> bool:
    """Whether this is an OnCalendar line, or could only be one."""
    if KEY.match(text) or MONOTONIC.match(text):
        return True
    words = text.split()
    kinds = [bool(DATE.fullmatch(w) or TIME.fullmatch(w) or WEEKDAYS.fullmatch(w)) for w in words]
    return bool(SIGN.search(text)) and len(words) < 5 and all(kinds[:-1])


def read(text: str) -> Reading:
    """The cron keywords of a calendar event."""
    if MONOTONIC.match(text):
        reason = "it counts from a start of the machine, and a clock on Heroku restarts every day"
        raise Misread(f"{quote(text.partition('=')[0])}: {reason}", examples=("every 15 minutes",))
    text = KEY.sub("", text, count=1).strip(" \"'")
    words = text.split()
    if words and words[0].lower() in NAMED:
        words[:1] = NAMED[words[0].lower()].split()
    fields: dict[str, Value] = {}
    if words and WEEKDAYS.fullmatch(words[0]) and not zones.known(words[0]):
        fields["day_of_week"] = _weekdays(words.pop(0))
    date = DATE.fullmatch(words[0]) if words else None
    if date:
        words.pop(0)
        year, month, dash, day = date.groups()
        fields |= _date(year, month, dash, day, str(fields.get("day_of_week", "")))
        if str(fields.get("day", "")).startswith("last "):
            del fields["day_of_week"]
    time = TIME.fullmatch(words[0]) if words else None
    if time:
        words.pop(0)
    elif not fields:
        raise Misread(f"{quote(text)} is no calendar event of systemd")
    parts = time.groups() if time else ("0", "0", None)
    for name, part in zip(("hour", "minute", "second"), parts, strict=True):
        fields[name] = _component(name, part or "0")
    if words:
        fields["timezone"] = zones.find(" ".join(words))
    return Reading(cron([fields]), (NOTE,))


def _weekdays(text: str) -> str:
    found: set[int] = set()
    for item in text.lower().strip(",").split(","):
        first, _, last = item.replace("..", "-").partition("-")
        low, high = (_weekday(name) for name in (first, last or first))
        found.update(day % 7 for day in range(low, (high if high >= low else high + 7) + 1))
    return names_text(cron_field.WEEKDAYS, found)


def _weekday(word: str) -> int:
    index = cron_field.name_index(cron_field.WEEKDAYS, word)
    if index is None:
        raise Misread(f"{quote(word)} is not a weekday")
    return index


def _date(year: str | None, month: str, dash: str, day: str, weekday: str) -> dict[str, Value]:
    fields = {
        "year": _component("year", year or "*"),
        "month": _component("month", month),
    }
    if dash == "-":
        return {**fields, "day": _component("day", day)}
    if day in ("1", "01"):
        return {**fields, "day": "last"}
    if day in ("07/1", "7/1", "1..7") and weekday in [name[:3] for name in cron_field.WEEKDAYS]:
        # The weekday among the last seven days is the last one of the month.
        return {**fields, "day": f"last {weekday}"}
    reason = f"'~{day}', days before the last, is in no trigger"
    raise Misread(f"day: {reason}", hint="Name the date itself, or the last day.")


def _component(name: str, text: str) -> str | int:
    if text == "*":
        return "*"
    return cron_field.normalise(name, ",".join(_item(name, item) for item in text.split(",")))


def _item(name: str, item: str) -> str:
    found = VALUE.fullmatch(item)
    if not found:
        raise Misread(f"{name}: {quote(item)} is not a number, a range a..b or a step a/n")
    first, last, step = found.groups()
    return f"{first}{f'-{last}' if last else ''}{f'/{step}' if step else ''}"
