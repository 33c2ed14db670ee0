"""Quartz: seconds first, a year last, `?` for the day that is not said, weekdays from 1, Sunday."""

import re
from collections.abc import Mapping

from clockdyno.schedule.dialects import cron_field, crontab_days, weekday_one
from clockdyno.schedule.dialects.apscheduler import Value
from clockdyno.schedule.dialects.reading import Reading, cron, mended
from clockdyno.schedule.refusal import Misread

NAMES = ("second", "minute", "hour", "day", "month", "day_of_week", "year")
NOTE = "Read as Quartz: seconds first, and weekdays count from 1, Sunday."
# What no trigger can say: where it stands, and why not.
IMPOSSIBLE = (
    (r"l-[0-9]+", "'L-3', days before the last, is in no trigger"),
    (r"[0-9l]w", "'W', the working day nearest to a date, is in no trigger"),
)


def looks_like(text: str) -> bool:
    """Whether these are six or seven fields of which one of Quartz's two days is `?`."""
    words = text.split()
    return len(words) in (6, 7) and "?" in (words[3], words[5])


def read(text: str) -> Reading:
    """The cron keywords of a Quartz line."""
    line = dict(zip(NAMES, text.lower().split(), strict=False))
    try:
        return Reading(cron(translated(line)), (NOTE,))
    except cron_field.FieldError as error:
        raise mended(error, line) from None


def translated(line: Mapping[str, str]) -> list[dict[str, Value]]:
    """The fields of a line with Quartz's weekdays; what it allows altogether is in them, too."""
    day, weekday = line["day"].replace("?", "*"), line["day_of_week"]
    if (line["day"] == "?") == (weekday == "?"):
        reason = "one of day and day_of_week is '?', the other says when"
        raise Misread(reason, [])
    refuse_impossible(day, "day")
    days = crontab_days.days(day, weekday_one.named(weekday))
    others: dict[str, Value] = {
        name: cron_field.normalise(name, re.sub("^/", "*/", line[name]))
        for name in ("year", "month", "hour", "minute", "second")
        if name in line
    }
    return [{**others, **alternative} for alternative in days]


def refuse_impossible(text: str, field: str) -> None:
    """Refuse the days that no trigger can have."""
    for pattern, reason in IMPOSSIBLE:
        if re.search(pattern, text):
            hint = "Name the date itself, such as the 15th, or the last day."
            raise Misread(f"{field}: {reason}", hint=hint)
