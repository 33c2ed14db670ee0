"""Six or seven fields without `?`: seconds first, a year last, or seconds last."""

from collections.abc import Sequence
from functools import partial

from clockdyno.schedule.dialects import cron_field, crontab_days, weekday_one
from clockdyno.schedule.dialects.apscheduler import Value
from clockdyno.schedule.dialects.reading import Reading, cron, only_certain
from clockdyno.schedule.refusal import Misread

FIVE = ("minute", "hour", "day", "month", "day_of_week")
SECONDS_FIRST = ("second", *FIVE)
YEAR_LAST = (*FIVE, "year")
SECONDS_LAST = (*FIVE, "second")
SEVEN = ("second", *FIVE, "year")
SIX_DIFFER = (
    "6 fields mean seconds first to some programs (Spring, node-cron), a year or seconds last to "
    "others; crontab has 5"
)
SEVEN_DIFFER = (
    "7 fields are seconds first and a year last; Quartz counts weekdays from 1, Sunday, others "
    "from 0"
)


def read(words: Sequence[str]) -> Reading:
    """The one reading that programs agree on."""
    lower = [word.lower() for word in words]
    if len(lower) == 7:
        return only_certain(
            SEVEN_DIFFER, [partial(_line, SEVEN, lower), lambda: _line(SEVEN, _quartz(lower))]
        )
    shapes = (SECONDS_FIRST, YEAR_LAST, SECONDS_LAST)
    return only_certain(SIX_DIFFER, [partial(_line, shape, lower) for shape in shapes])


def seconds_first(text: str) -> list[dict[str, Value]]:
    """Six fields as Spring reads them."""
    words = text.lower().replace("?", "*").split()
    if len(words) != 6:
        raise Misread(f"six fields are needed, seconds first; here are {len(words)}")
    return _fields(dict(zip(SECONDS_FIRST, words, strict=True)))


def _line(names: Sequence[str], words: Sequence[str]) -> Reading:
    line = dict(zip(names, words, strict=True))
    first = "seconds first" if names[0] == "second" else "five fields of crontab"
    last = {"year": ", a year last", "second": ", seconds last"}.get(names[-1], "")
    return Reading(cron(_fields(line)), (f"Read with {first}{last}.",))


def _quartz(words: Sequence[str]) -> list[str]:
    return [*words[:5], weekday_one.named(words[5]), words[6]]


def _fields(line: dict[str, str]) -> list[dict[str, Value]]:
    days = crontab_days.days(line["day"], line["day_of_week"])
    # Where there are seconds, day and weekday are read as crontab does only by some.
    if len(days) > 1:
        raise cron_field.FieldError("day", "a day and a weekday: both at once, or either of them?")
    others: dict[str, Value] = {
        name: cron_field.normalise(name, line[name])
        for name in ("year", "month", "hour", "minute", "second")
        if name in line
    }
    return [{**others, **alternative} for alternative in days]
