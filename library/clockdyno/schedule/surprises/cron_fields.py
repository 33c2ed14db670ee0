"""What may surprise in the fields of a cron schedule, whatever the clocks do."""

from datetime import datetime, tzinfo
from typing import Any

from apscheduler.triggers.cron.expressions import RangeExpression

from clockdyno.schedule.arguments import DAYS, MONTHS
from clockdyno.schedule.cron_times import field, is_open, is_plain, places, span, values
from clockdyno.schedule.description import joined
from clockdyno.schedule.field_ranges import RANGES
from clockdyno.schedule.surprises.fixes import Surprise, keywords, line, ranges, written
from clockdyno.schedule.triggers import WallCron

# Where the values of a field begin anew, and what must go on for that to matter.
TURNS: dict[str, tuple[Any, ...]] = {
    "month": (12, "year"),
    "hour": (24, "day", "day_of_week"),
    "minute": (60, "hour"),
    "second": (60, "minute"),
}
FINER = {"hour": ("minute", "second"), "minute": ("second",), "second": ()}
SHORT = {2: 28, 4: 30, 6: 30, 9: 30, 11: 30}
NAMES = [day[:3].lower() for day in DAYS]


def of_fields(
    trigger: WallCron, first: datetime, hours: set[int], home: tzinfo | None
) -> list[Surprise]:
    """Warn of a trigger that fires at `first`, beside others of the job at `hours`."""
    return [
        *_numbered_days(trigger, home),
        *_night(trigger, home),
        *_last_hour(trigger, hours, home),
        *(surprise for name in TURNS for surprise in _uneven(trigger, name, home)),
        *_uneven_days(trigger, first, home),
        *_short_months(trigger, home),
    ]


def _numbered_days(trigger: WallCron, home: tzinfo | None) -> list[Surprise]:
    """Warn of 1-5, which is Monday to Friday in a crontab, and here a day later."""
    numbers = values(trigger, "day_of_week")
    is_numbered = any(type(e) is RangeExpression for e in field(trigger, "day_of_week").expressions)
    if not is_numbered or len(numbers) == 7:
        return []
    here, there = ranges(numbers, NAMES), ranges(((n - 1) % 7 for n in numbers), NAMES)
    text = f"day_of_week {field(trigger, 'day_of_week')} is {here} here, where 0 is Monday;"
    text = f"{text} in a crontab, where 0 is Sunday, it is {there}."
    fix = "\n".join(line(trigger, home, day_of_week=days) for days in (here, there))
    return [Surprise("numbered-days", text, fix)]


def _night(trigger: WallCron, home: tzinfo | None) -> list[Surprise]:
    """Warn of 22-2 on a Friday: its hours after midnight are Friday's, not Saturday's."""
    hours, days = values(trigger, "hour"), values(trigger, "day_of_week")
    if len(days) == 7 or not is_plain(trigger, "day") or not {0, 23} <= set(hours):
        return []
    early = [hour for n, hour in enumerate(hours) if hour == n]
    late = [hour for hour in hours if hour not in early]
    if len(hours) < 3 or not late or late != list(range(late[0], 24)):
        return []
    text = (
        f"Hours {ranges(early)} come before {ranges(late)} on the same day, {ranges(days, NAMES)}."
    )
    evening = line(trigger, home, hour=ranges(late))
    after = ranges({(day + 1) % 7 for day in days}, NAMES)
    morning = line(trigger, home, day_of_week=after, hour=ranges(early))
    return [
        Surprise("night", f"{text} A night that goes on is two schedules.", f"{evening}; {morning}")
    ]


def _last_hour(trigger: WallCron, others: set[int], home: tzinfo | None) -> list[Surprise]:
    """Warn of 12-16 with several minutes: it runs on after 16:00."""
    minutes, own = values(trigger, "minute"), set(values(trigger, "hour"))
    for e in field(trigger, "hour").expressions:
        first, last = span(e, "hour")
        is_range = type(e) is RangeExpression and not e.step and first < last
        # A schedule beside it that has the next hour shows that its ends were thought of.
        beside = {(last + 1) % 24} & (own | others) or {(first - 1) % 24} & (others - own)
        if is_range and len(minutes) > 1 and not beside:
            while (first - 1) % 24 in own:
                first = (first - 1) % 24
            shorter = own - {last}
            text = f"The hours {first}-{last} run on until {last:02}:{minutes[-1]:02}."
            if minutes[0]:
                fix = line(trigger, home, hour=",".join(map(str, sorted(shorter))))
            else:
                text = f"{text} Until {last:02}:00 it is two schedules."
                fix = line(trigger, home, hour=ranges(shorter))
                fix += f"; {line(trigger, home, hour=last, minute=0)}"
            return [Surprise("last-hour", text, fix)]
    return []


def _uneven(trigger: WallCron, name: str, home: tzinfo | None) -> list[Surprise]:
    """Warn of */25: the gap at the turn of the hour (or day, or year) is another one."""
    size, *uppers = TURNS[name]
    step = max(e.step or 1 for e in field(trigger, name).expressions)
    if not is_open(trigger, name) or size % step == 0:
        return []
    if not all(len(values(trigger, upper)) > 1 for upper in uppers):
        return []
    found = values(trigger, name)
    gap = size - found[-1] + found[0]
    text = f"{name} */{step} is uneven: after {found[-1]} it waits {gap} {name}s, not {step}."
    even = min((n for n in range(2, size) if size % n == 0), key=lambda n: abs(n - step))
    fixes = [line(trigger, home, **{name: f"*/{even}"})]
    _, given = keywords(trigger)
    finer = FINER.get(name)
    if finer is not None and all(values(trigger, unit) == [0] for unit in finer):
        rest = {k: v for k, v in given.items() if k not in (name, *finer)}
        if not any(other in rest for other in RANGES):
            fixes.append(written("interval", {**rest, f"{name}s": step}, home))
    return [Surprise("uneven-step", text, "\n".join(fixes))]


def _uneven_days(trigger: WallCron, first: datetime, home: tzinfo | None) -> list[Surprise]:
    """Warn of day */2, which begins anew on each 1st: the 31st and the 1st are neighbours."""
    step = max(getattr(e, "step", None) or 1 for e in field(trigger, "day").expressions)
    if step == 1 or not is_open(trigger, "day") or len(values(trigger, "month")) == 1:
        return []
    last = values(trigger, "day")[-1]
    text = f"day */{step} begins anew on each 1st: after the {last}th it does not wait"
    text = f"{text.replace('31th', '31st')} {step} days."
    _, given = keywords(trigger)
    rest = {k: v for k, v in given.items() if k not in ("day", "hour", "minute", "second")}
    is_one = all(len(values(trigger, unit)) == 1 for unit in ("hour", "minute", "second"))
    if not is_one or any(name in rest for name in RANGES):
        return [Surprise("uneven-step", text, "the days one by one")]
    rest |= {"days": step, "start_date": first.replace(tzinfo=None)}
    return [Surprise("uneven-step", text, written("interval", rest, home))]


def _short_months(trigger: WallCron, home: tzinfo | None) -> list[Surprise]:
    """Warn of the 29th to the 31st, which some months do not have."""
    if is_plain(trigger, "day"):
        return []
    firsts = [e.first for e in field(trigger, "day").expressions if type(e) is RangeExpression]
    day = max(firsts, default=1)
    short = [m for m in values(trigger, "month") if SHORT.get(m, 31) < day]
    if not short:
        return []
    leap = " of most years" if day == 29 else ""
    text = f"There is no day {day} in {joined([MONTHS[m - 1] for m in short])}{leap}: no run then."
    kept = ranges(number for number in values(trigger, "day") if number < 29)
    days = ",".join([*filter(None, [kept]), *map(str, places(trigger)), "last"])
    return [Surprise("short-months", text, line(trigger, home, day=days))]
