"""What a sentence means: from the slots that its clauses filled to APScheduler's keywords."""

import re
from contextlib import suppress
from datetime import date, timedelta

from clockdyno.schedule.dialects.cron_field import MONTHS, WEEKDAYS
from clockdyno.schedule.english import repetition
from clockdyno.schedule.english.request import Trigger, Wish
from clockdyno.schedule.english.times_of_day import Time
from clockdyno.schedule.field_ranges import GRID_DAY
from clockdyno.schedule.refusal import Misread

# More decorators than this on one function are no schedule that anybody can read.
MOST_TRIGGERS = 8
MIDNIGHT = Time(0)
WEEKLY = "Weekly is on Monday here, as every interval of weeks; crontab's @weekly is on Sunday."
EXAMPLE_DATE = "on 5 January 2027 at 09:00"


def schedules(wish: Wish, text: str) -> list[Trigger]:
    """The triggers that together do what was wished; what it should know comes into its notes."""
    _refuse_unclear(wish, text)
    if wish.window and not wish.times and wish.unit in ("", "day"):
        wish.unit = "hour"
        wish.notes.append("It does not say how often in that part of the day: every hour.")
    if wish.dates:
        triggers = _once(wish)
    elif wish.unit in ("second", "minute", "hour"):
        triggers = repetition.triggers(wish, text)
    elif wish.unit in ("day", "week") and wish.count > 1:
        triggers = _days_apart(wish)
    else:
        triggers = _calendar(wish, text)
    if len(triggers) > MOST_TRIGGERS:
        reason = f"that takes {len(triggers)} triggers, more than {MOST_TRIGGERS}"
        raise Misread(f"{reason}: choose a step that divides the hour")
    limits: dict[str, str | int] = {"timezone": wish.zone} if wish.zone else {}
    if wish.until:
        limits["end_date"] = f"{wish.until} 23:59:59"
    if wish.starting:
        limits["start_date"] = wish.starting
    return [(kind, {**limits, **keywords}) for kind, keywords in triggers]


def _once(wish: Wish) -> list[Trigger]:
    if wish.unit or wish.is_bound():
        raise Misread("a date comes once and cannot repeat", examples=(EXAMPLE_DATE,))
    days = sorted(set(wish.dates))
    if not wish.times:
        return [("date", {"run_date": day}) for day in days]
    times = sorted(set(wish.times))
    return [("date", {"run_date": f"{day} {time}"}) for day in days for time in times]


def _days_apart(wish: Wish) -> list[Trigger]:
    """Every N days or weeks: on the grid of days on which every interval stands."""
    each = wish.each()
    weekdays: list[int | None] = [*sorted(wish.weekdays)] or [None]
    wish.weekdays = set()
    if wish.is_bound() or (weekdays[0] is not None and wish.unit == "day"):
        raise Misread(f"{each} cannot be joined to other days")
    every: dict[str, str | int] = {f"{wish.unit}s": wish.count}
    starts = [_first_day(wish.starting or GRID_DAY, weekday) for weekday in weekdays]
    if not wish.starting:
        first = date.fromisoformat(starts[0])
        shown = f"{WEEKDAYS[first.weekday()].title()} {first.day} January {first.year}"
        other = "For the others, add: starting, and a date."
        wish.notes.append(f"Every {wish.count} {wish.unit}s count from {shown}. {other}")
        if not wish.times and weekdays == [None]:
            return [("interval", every)]
    if not wish.times and weekdays == [None]:
        return [("interval", {**every, "start_date": starts[0]})]
    times = sorted(set(wish.times)) or [MIDNIGHT]
    return [
        ("interval", {**every, "start_date": f"{start} {time}"})
        for start in starts
        for time in times
    ]


def _first_day(text: str, weekday: int | None) -> str:
    start = date.fromisoformat(text)
    ahead = 0 if weekday is None else (weekday - start.weekday()) % 7
    return str(start + timedelta(days=ahead))


def _calendar(wish: Wish, text: str) -> list[Trigger]:
    if wish.window or wish.minutes:
        readings = [] if wish.window else [f"every hour {text}"]
        raise Misread("it does not say how often in that part of the day", readings)
    if wish.unit == "month":
        _every_month(wish, text)
    elif wish.unit == "year":
        _every_year(wish, text)
    elif wish.unit == "week" and not wish.weekdays:
        if wish.times or wish.is_bound():
            examples = (f"{text} on monday", f"{text} on sunday")
            raise Misread("on which day of the week?", examples=examples)
        wish.weekdays = {0}
        wish.notes.append(WEEKLY)
    _refuse_incomplete(wish, text)
    clocks = repetition.at_times(wish.times or [MIDNIGHT])
    return [("cron", {**days, **clock}) for days in wish.day_fields() for clock in clocks]


def _every_month(wish: Wish, text: str) -> None:
    if wish.weekdays:
        examples = ("first monday of the month at 9", "every monday at 9")
        raise Misread("which of these weekdays in the month?", examples=examples)
    if wish.count > 1 and (12 % wish.count or wish.months):
        examples = ("every 3 months on the 1st at 9", "every 6 months on the 1st at 9")
        raise Misread(f"{wish.count} months do not divide a year evenly", examples=examples)
    if not wish.days and wish.times:
        examples = (f"{text} on the 1st", f"{text} on the last day")
        raise Misread("on which day of the month?", examples=examples)
    wish.days = wish.days or ["1"]
    if wish.count > 1:
        first = date.fromisoformat(wish.starting).month - 1 if wish.starting else 0
        wish.months = {(first + ahead) % 12 + 1 for ahead in range(0, 12, wish.count)}


def _every_year(wish: Wish, text: str) -> None:
    if wish.count > 1:
        raise Misread("only every year can be said", examples=("every year on 5 January at 9",))
    if not (wish.is_bound() or wish.times):
        wish.days, wish.months = ["1"], {1}
    if not wish.spans and (not wish.days or not wish.months):
        raise Misread("on which day of the year?", examples=(f"{text} on 1 January",))


def _refuse_incomplete(wish: Wish, text: str) -> None:
    others = wish.is_bound() and not wish.months
    if not (wish.unit or wish.times or wish.months or others):
        raise Misread("it does not say when")
    if wish.unit == "day" and wish.days:
        raise Misread("every day, or only on these?")
    if wish.months and not (wish.unit or others or wish.weekdays or wish.days):
        readings = [f"every day {text}", f"on the 1st {text}"]
        raise Misread("on which days of these months?", readings)


def _refuse_unclear(wish: Wish, text: str) -> None:
    if wish.unclear and wish.unit != "month":
        weekday = wish.unclear.rpartition(" ")[2]
        readings = [text.replace(wish.unclear, f"{wish.unclear} of the month")]
        if wish.days[0][0] in "2345" and " " in wish.days[0] and len(wish.days) == 1:
            weeks = f"every {wish.days[0][0]} weeks on {weekday}"
            readings.append(re.sub(rf"(?:every |each )?{wish.unclear}", weeks, text))
        raise Misread(f"{wish.unclear}: of the month, or one in so many?", readings)
    if wish.dated and not wish.repeats and wish.unit != "year":
        readings = [f"every year {text}"]
        if (
            len(wish.months) == len(wish.days) == 1
            and not wish.unit
            and not wish.is_more_than_days()
        ):
            readings.append(_next_time(wish))
        reason = "of every year, or of one year? Say 'every year', or add the year"
        raise Misread(reason, readings)


def _next_time(wish: Wish) -> str:
    """The one time that it could be: in this year, or in the next one that has such a day."""
    today, month = date.today(), min(wish.months)  # noqa: DTZ011, an example
    for year in range(today.year, today.year + 9):
        with suppress(ValueError):
            day = date(year, month, int(wish.days[0]))
            if day > today:
                time = (wish.times or [MIDNIGHT])[0]
                return f"on {day.day} {MONTHS[month - 1].title()} {year} at {time}"
    return ""
