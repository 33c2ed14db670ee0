"""What a sentence means: from the slots that its clauses filled to APScheduler's keywords."""

from datetime import date, timedelta

from clockdyno.schedule.dialects.cron_field import MONTHS
from clockdyno.schedule.english import repetition
from clockdyno.schedule.english.request import Trigger, Wish
from clockdyno.schedule.english.times_of_day import Time
from clockdyno.schedule.refusal import Misread

# More decorators than this on one function are no schedule that anybody can read.
MOST_TRIGGERS = 8
MIDNIGHT = Time(0)
# As crontab's @weekly has it.
SUNDAY = {6}


def schedules(wish: Wish, text: str) -> list[Trigger]:
    """The triggers that together do what was wished."""
    _refuse_unclear(wish, text)
    if wish.date:
        triggers = _once(wish)
    elif wish.unit in ("second", "minute", "hour"):
        triggers = repetition.triggers(wish, text)
    elif wish.unit in ("day", "week") and wish.count > 1:
        triggers = _days_apart(wish, text)
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
    if wish.unit or wish.weekdays or wish.days or wish.months or wish.minutes or wish.window:
        reading = f"on {wish.date} at {(wish.times or [Time(9)])[0]}"
        raise Misread("a date comes once and cannot repeat", [reading])
    if not wish.times:
        return [("date", {"run_date": wish.date})]
    return [("date", {"run_date": f"{wish.date} {time}"}) for time in sorted(set(wish.times))]


def _days_apart(wish: Wish, text: str) -> list[Trigger]:
    """Every N days or weeks: on a fixed grid of days, so it must be known where that begins."""
    each = wish.each()
    elsewhere = wish.days or wish.months or wish.minutes or wish.window
    if elsewhere or (wish.weekdays and wish.unit == "day"):
        raise Misread(f"{each} cannot be joined to other days", [each, f"{each} at 9:00"])
    every: dict[str, str | int] = {f"{wish.unit}s": wish.count}
    if not wish.times and not wish.weekdays:
        return [("interval", every)]
    if not wish.starting:
        tomorrow = date.today() + timedelta(days=1)  # noqa: DTZ011, an example
        first = _first_day(str(tomorrow), min(wish.weekdays, default=None))
        raise Misread(f"{each}: from which day on?", [f"{text} starting {first}"])
    weekdays: list[int | None] = [*sorted(wish.weekdays)] or [None]
    starts = [_first_day(wish.starting, weekday) for weekday in weekdays]
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
        readings = [f"every hour {text}", f"every 30 minutes {text}"]
        raise Misread("it does not say how often in that part of the day", readings)
    if wish.unit == "month":
        _every_month(wish, text)
    elif wish.unit == "year":
        _every_year(wish, text)
    elif wish.unit == "week" and not wish.weekdays:
        if wish.times or wish.days or wish.months:
            raise Misread("on which day of the week?", [f"{text} on monday", f"{text} on sunday"])
        wish.weekdays = SUNDAY
    _refuse_incomplete(wish, text)
    clocks = repetition.at_times(wish.times or [MIDNIGHT])
    return [("cron", {**wish.day_fields(), **clock}) for clock in clocks]


def _every_month(wish: Wish, text: str) -> None:
    if wish.weekdays:
        readings = ("first monday of the month at 9", "every monday at 9")
        raise Misread("which of these weekdays in the month?", readings)
    if wish.count > 1 and (12 % wish.count or wish.months):
        readings = (text.replace(str(wish.count), "3", 1), text.replace(str(wish.count), "6", 1))
        raise Misread(f"{wish.count} months do not divide a year evenly", readings)
    if not wish.days and wish.times:
        raise Misread(
            "on which day of the month?", [f"{text} on the 1st", f"{text} on the last day"]
        )
    wish.days = wish.days or ["1"]
    if wish.count > 1:
        first = date.fromisoformat(wish.starting).month - 1 if wish.starting else 0
        wish.months = {(first + ahead) % 12 + 1 for ahead in range(0, 12, wish.count)}


def _every_year(wish: Wish, text: str) -> None:
    if wish.count > 1:
        raise Misread("only every year can be said", ["every year on 5 January at 9"])
    if not (wish.weekdays or wish.days or wish.months or wish.times):
        wish.days, wish.months = ["1"], {1}
    if not wish.days or not wish.months:
        raise Misread("on which day of the year?", [f"{text} on 1 January"])


def _refuse_incomplete(wish: Wish, text: str) -> None:
    if not (wish.unit or wish.weekdays or wish.days or wish.months or wish.times):
        raise Misread("it does not say when")
    if wish.unit == "day" and wish.days:
        raise Misread("every day, or only on these?", ["every day at 9:00", "on the 1st at 9:00"])
    if wish.months and not (wish.unit or wish.weekdays or wish.days):
        readings = [f"every day {text}", f"on the 1st {text}"]
        raise Misread("on which days of these months?", readings)


def _refuse_unclear(wish: Wish, text: str) -> None:
    if wish.unclear and wish.unit != "month":
        whole = text.replace(wish.unclear, f"{wish.unclear} of the month")
        readings = [whole, "every 2 weeks on monday at 8 starting 2027-01-04"]
        if wish.unclear.endswith(("day", "days")) and wish.days[0].isdecimal():
            readings[1] = f"every {wish.days[0]} days"
        raise Misread(f"{wish.unclear}: of the month, or one in so many?", readings)
    if wish.dated and not wish.repeats and wish.unit != "year":
        month = MONTHS[min(wish.months) - 1].title()
        next_year = date.today().year + 1  # noqa: DTZ011, an example
        once = f"on {wish.days[0]} {month} {next_year} at {(wish.times or [MIDNIGHT])[0]}"
        readings = [f"every year {text}", once]
        raise Misread("of every year, or of one year? Say 'every year', or add the year", readings)
