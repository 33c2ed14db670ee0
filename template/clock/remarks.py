"""What may surprise in a schedule, each with the line that changes it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import Any

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.combining import AndTrigger, OrTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.cron.expressions import AllExpression, RangeExpression
from apscheduler.triggers.interval import IntervalTrigger

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TOO_OFTEN = timedelta(seconds=10)
CROWD = 5
ENDS = {"hour": 23, "minute": 59, "second": 59}


@dataclass(frozen=True)
class Remark:
    """A surprise: a stable code for programs, what happens, and the line that mends it."""

    code: str
    text: str
    fix: str


def remarks(
    trigger: BaseTrigger, now: datetime, usual_length: timedelta | None = None
) -> list[Remark]:
    """Return what may surprise the owner of this trigger, in a fixed order, each thing once."""
    if isinstance(trigger, (OrTrigger, AndTrigger)):
        parts = [one for part in trigger.triggers for one in _of_one(part, now)]
    else:
        parts = _of_one(trigger, now)
    return list(dict.fromkeys([*parts, *_of_frequency(trigger, now, usual_length)]))


def crowded(jobs: Mapping[str, BaseTrigger], now: datetime) -> list[Remark]:
    """Return a remark where five jobs or more start in one minute of the next day."""
    starts: dict[datetime, set[str]] = {}
    for name, trigger in jobs.items():
        for fire in _fires_until(trigger, now, now + DAY, 2000):
            starts.setdefault(fire.astimezone(UTC).replace(second=0), set()).add(name)
    if not starts:
        return []
    at, names = max(starts.items(), key=lambda item: (len(item[1]), -item[0].timestamp()))
    if len(names) < CROWD:
        return []
    text = f"{len(names)} jobs start at {at:%H:%M} UTC: {', '.join(sorted(names))}."
    return [Remark("crowded", text, "Spread them: minute=0, minute=7, minute=14, or jitter=120.")]


def _of_one(trigger: BaseTrigger, now: datetime) -> list[Remark]:
    first = trigger.get_next_fire_time(None, now)
    if first is None:
        return [_never(trigger)]
    if isinstance(trigger, CronTrigger):
        plain = [*_last_hour(trigger), *_uneven(trigger), *_short_months(trigger)]
        return [*plain, *_daylight(trigger, now)]
    if isinstance(trigger, IntervalTrigger):
        return [*_grid(trigger, first), *_daylight(trigger, now)]
    return []


def _never(trigger: BaseTrigger) -> Remark:
    if hasattr(trigger, "run_date"):
        text = f"It never runs: {trigger.run_date:%Y-%m-%d %H:%M} has passed."
        return Remark("never", text, "Give a date in the future.")
    end = getattr(trigger, "end_date", None)
    if end:
        return Remark("never", "It never runs again.", f"Move or drop end_date={end:%Y-%m-%d}.")
    text = "It never runs: no such date comes within 8 years."
    return Remark("never", text, "Change the day, the month or the year.")


def _last_hour(trigger: CronTrigger) -> list[Remark]:
    """Remark on 12-16 with several minutes: it runs on after 16:00."""
    minutes = _matching(trigger, "minute")
    found = []
    for e in _field(trigger, "hour").expressions:
        if type(e) is RangeExpression and e.last and e.first < e.last and len(minutes) > 1:
            last = max(h for h in _matching(trigger, "hour") if h <= e.last)
            whole = e.first == 0 and e.last == 23
            if last == e.last and minutes[0] == 0 and not whole:
                text = f"The hours {e.first}-{e.last} run on until {last}:{minutes[-1]:02}."
                before = str(e.first) if e.first == last - 1 else f"{e.first}-{last - 1}"
                fix = f'To end at {last}:00: hour="{before}", and a second schedule hour={last}'
                found.append(Remark("last-hour", text, f"{fix} minute=0."))
    return found


def _uneven(trigger: CronTrigger) -> list[Remark]:
    """Remark on */25: the gap at the turn of the hour (or day) is another one."""
    found = []
    for name in ("hour", "minute", "second"):
        size, values = ENDS[name] + 1, _matching(trigger, name)
        for e in _field(trigger, name).expressions:
            if _is_open(e, name) and e.step and size % e.step:
                gap = size - values[-1] + values[0]
                text = (
                    f"{name} */{e.step} is uneven: after {values[-1]} it waits {gap}, not {e.step}."
                )
                found.append(Remark("uneven-step", text, f'Evenly: "interval", {name}s={e.step}.'))
    return found


def _short_months(trigger: CronTrigger) -> list[Remark]:
    """Remark on the 29th to the 31st, which some months do not have."""
    lengths = {2: 28, **dict.fromkeys((4, 6, 9, 11), 30)}
    months = [date.month for date in _year() if _hits(_field(trigger, "month"), date)]
    for e in _field(trigger, "day").expressions:
        if type(e) is RangeExpression and e.first > 28:
            short = [m for m in months if lengths.get(m, 31) < e.first]
            if short and len(short) < len(months):
                names = ", ".join(datetime(2000, month, 1).strftime("%B") for month in short)
                text = f"Day {e.first} does not come in {names}"
                leap = " of most years" if short == [2] and e.first == 29 else ""
                fix = 'For the last day of every month: day="last".'
                return [Remark("short-months", f"{text}{leap}: no run then.", fix)]
    return []


def _grid(trigger: IntervalTrigger, first: datetime) -> list[Remark]:
    """Remark on an interval whose first run is not when the clock starts."""
    if getattr(trigger, "begins", True) or (trigger.interval < DAY and not DAY % trigger.interval):
        return []
    text = f"It counts on a fixed grid, not from the clock's start: first on {_at(first)}."
    return [Remark("grid", text, f'To choose it: start_date="{first:%Y-%m-%d} 09:00:00".')]


def _daylight(trigger: Any, now: datetime) -> list[Remark]:
    """Remark on the fires of the next 12 months that a change of the clocks moves or doubles."""
    found = []
    for change, shift in changes(trigger.timezone, now, now + 366 * DAY):
        if isinstance(trigger, CronTrigger):
            found += _daylight_of_cron(trigger, change, shift)
        elif trigger.interval % DAY and trigger.interval > abs(shift):
            text = f"On {change:%Y-%m-%d} the clocks change, and its runs move to other hours."
            even = not DAY % trigger.interval
            fix = f'"cron", hour="*/{trigger.interval // HOUR}"' if even else 'a "cron" trigger'
            return [Remark("dst-grid", text, f"For fixed hours use {fix}.")]
    return found


def _daylight_of_cron(trigger: CronTrigger, change: datetime, shift: timedelta) -> list[Remark]:
    wall = change.replace(tzinfo=None)
    low, high = (wall - shift, wall) if shift > timedelta(0) else (wall, wall - shift)
    times = _wall_times(trigger, low, high)
    hours = any(_is_open(e, "hour") and not e.step for e in _field(trigger, "hour").expressions)
    if not times or hours or not _is_due(trigger, change):
        return []
    open_ = any(_is_open(e, n) for n in ("hour", "minute") for e in _field(trigger, n).expressions)
    shown = f"{times[0]:%H:%M}" + (f" to {times[-1]:%H:%M}" if len(times) > 1 else "")
    gone, twice = f"On {low:%Y-%m-%d} there is no {shown}", f"On {low:%Y-%m-%d} {shown} comes twice"
    fix = f"hour={_calm_hour(trigger.timezone, change)} is no part of any change in this zone."
    if shift > timedelta(0):
        text = f"{gone}: " + ("no run then." if open_ else f"it runs at {wall:%H:%M}.")
        return [Remark("dst-gap", text, fix)]
    text = f"{twice}: " + ("it runs both times." if open_ else "it runs the first time.")
    return [Remark("dst-repeat", text, fix)]


def _calm_hour(zone: tzinfo, at: datetime) -> int:
    """Return the first hour from a change on that no change of the next year touches."""
    touched = set()
    for change, shift in changes(zone, at - 2 * DAY, at + 366 * DAY):
        wall = change.replace(tzinfo=None)
        first, last = sorted((wall, wall - shift))
        while first < last:
            touched.add(first.hour)
            first += timedelta(minutes=15)
    hours = [(at.hour + n) % 24 for n in range(24)]
    return next(hour for hour in hours if hour not in touched)


def _wall_times(trigger: CronTrigger, low: datetime, high: datetime) -> list[datetime]:
    """Return the wall times that match between two, as if the clocks never changed."""
    kind: Any = type(trigger)
    twin = kind.__new__(kind)
    state = {**trigger.__getstate__(), "timezone": UTC, "start_date": None, "end_date": None}
    twin.__setstate__(state)
    found = _fires_until(twin, low.replace(tzinfo=UTC), high.replace(tzinfo=UTC), 3600)
    return [fire.replace(tzinfo=None) for fire in found]


def _is_due(trigger: CronTrigger, at: datetime) -> bool:
    start, end = trigger.start_date, trigger.end_date
    return not ((start and at < start) or (end and at > end))


def _of_frequency(
    trigger: BaseTrigger, now: datetime, usual_length: timedelta | None
) -> list[Remark]:
    fires = _fires_until(trigger, now, None, 30)
    gaps = [b - a for a, b in pairwise(fires)]
    shortest = min(gaps, default=None)
    if shortest is None:
        return []
    found = []
    if shortest < TOO_OFTEN:
        text = f"It runs every {shortest.total_seconds():g} s; a clock is made for 10 s and more."
        found.append(Remark("too-often", text, "For less, loop inside one job."))
    if usual_length and usual_length > shortest:
        usual, gap = usual_length.total_seconds(), shortest.total_seconds()
        text = f"It usually takes {usual:g} s, longer than the {gap:g} s to its next run."
        found.append(Remark("too-long", text, "Run it less often, or allow max_instances=2."))
    return found


def changes(zone: tzinfo, start: datetime, end: datetime) -> Iterable[tuple[datetime, timedelta]]:
    """Yield each moment at which a zone changes its offset, and by how much."""
    at = start.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    while at < end:
        before, after = (moment.astimezone(zone).utcoffset() for moment in (at, at + DAY))
        assert before is not None and after is not None
        if before != after:
            moment = at
            while moment.astimezone(zone).utcoffset() == before:
                moment += timedelta(minutes=15)
            yield moment.astimezone(zone), after - before
        at += DAY


def _fires_until(
    trigger: BaseTrigger, start: datetime, end: datetime | None, most: int
) -> list[datetime]:
    found: list[datetime] = []
    fire = trigger.get_next_fire_time(None, start)
    while fire is not None and len(found) < most and (end is None or fire < end):
        found.append(fire.astimezone(UTC))
        fire = trigger.get_next_fire_time(fire, fire)
    return found


def _field(trigger: CronTrigger, name: str) -> Any:
    return next(field for field in trigger.fields if field.name == name)


def _matching(trigger: CronTrigger, name: str) -> list[int]:
    first: Any = datetime(2000, 1, 1)
    dates = [first.replace(**{name: value}) for value in range(ENDS[name] + 1)]
    return [getattr(date, name) for date in dates if _hits(_field(trigger, name), date)]


def _year() -> list[datetime]:
    return [datetime(2000, month, 1) for month in range(1, 13)]


def _hits(field: Any, date: datetime) -> bool:
    return bool(field.get_next_value(date) == field.get_value(date))


def _is_open(expression: Any, name: str) -> bool:
    if type(expression) is AllExpression:
        return True
    whole = type(expression) is RangeExpression and expression.first == 0
    return whole and expression.last in (None, ENDS[name])


def _at(moment: datetime) -> str:
    return f"{moment:%A %Y-%m-%d at %H:%M}"
