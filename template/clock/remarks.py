"""What may surprise in a schedule, each with the line that changes it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import islice, pairwise
from typing import Any

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron.expressions import RangeExpression

from clock import wall
from clock.fields import MONTHS
from clock.pattern import field, is_open, is_plain, span, values
from clock.triggers import GridInterval, OnDate, WallCron
from clock.wall import DAY
from clock.words import day_words, joined

HOUR, YEAR = timedelta(hours=1), 365 * DAY
TOO_OFTEN = timedelta(seconds=10)
# So many jobs in one minute are a crowd; what runs more often than so many times a day is anyway.
CROWD, OFTEN = 5, 96
# Where the values of a field begin anew, and what must go on for that to matter.
TURNS: dict[str, tuple[Any, ...]] = {
    "hour": (24, "day", "day_of_week"),
    "minute": (60, "hour"),
    "second": (60, "minute"),
}
SHORT = {2: 28, 4: 30, 6: 30, 9: 30, 11: 30}


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
    found: list[Remark] = []
    parts = trigger.triggers if isinstance(trigger, OrTrigger) else [trigger]
    hours = {h for part in parts if isinstance(part, WallCron) for h in values(part, "hour")}
    for part in parts:
        first = part.get_next_fire_time(None, now)
        found += _of_one(part, now, first, hours) if first else [_never(part, now)]
    return list(dict.fromkeys([*found, *_of_frequency(trigger, now, usual_length)]))


def crowded(jobs: Mapping[str, BaseTrigger], now: datetime) -> list[Remark]:
    """Return a remark where five jobs or more start in one minute of the next day."""
    starts: dict[datetime, set[str]] = {}
    for name, trigger in jobs.items():
        fires = list(islice(_fires(trigger, now, now + DAY), OFTEN + 1))
        for fire in fires if len(fires) <= OFTEN else []:
            starts.setdefault(fire.replace(second=0, microsecond=0), set()).add(name)
    at = min(starts, key=lambda at: (-len(starts[at]), at), default=now)
    names = sorted(starts.get(at, ()))
    if len(names) < CROWD:
        return []
    text = f"{len(names)} jobs start together at {at:%H:%M} UTC: {joined(names)}."
    minutes = joined([str(60 * n // len(names)) for n in range(len(names))])
    return [Remark("crowded", text, f"a minute of its own for each: {minutes}; or jitter=60")]


def _of_one(trigger: Any, now: datetime, first: datetime, hours: set[int]) -> list[Remark]:
    if isinstance(trigger, WallCron):
        uneven = [remark for name in TURNS for remark in _uneven(trigger, name)]
        found = [*_last_hour(trigger, hours), *uneven, *_short_months(trigger)]
        return [*found, *_daylight(trigger, now)]
    if isinstance(trigger, GridInterval):
        moved = _moved_grid if trigger.interval % DAY else _daylight
        return [*_grid(trigger, now, first), *moved(trigger, now)]
    return _daylight(trigger, now) if isinstance(trigger, OnDate) else []


def _never(trigger: Any, now: datetime) -> Remark:
    date = getattr(trigger, "run_date", None) or getattr(trigger, "end_date", None)
    if date and date < now:
        text = f"It never runs again: {day_words(date)} at {date:%H:%M} has passed."
        return Remark("never", text, "a date in the future")
    text = "It never runs: nothing within 8 years matches all of it."
    return Remark("never", text, "another day, month or year")


def _last_hour(trigger: WallCron, hours: set[int]) -> list[Remark]:
    """Remark on 12-16 with several minutes: it runs on after 16:00."""
    minutes = values(trigger, "minute")
    for e in field(trigger, "hour").expressions:
        first, last = span(e, "hour")
        is_range = type(e) is RangeExpression and not e.step and first < last
        # A schedule beside it that has the next hour shows that its end was thought of.
        if is_range and len(minutes) > 1 and (last + 1) % 24 not in hours:
            while (first - 1) % 24 in hours:
                first = (first - 1) % 24
            shorter = "-".join(dict.fromkeys([str(first), str((last - 1) % 24)]))
            fix = f'hour="{shorter}" ends before {last:02}:00'
            exactly = f"; hour={last} minute=0 as a second schedule adds {last:02}:00 itself"
            text = f"The hours {first}-{last} run on until {last:02}:{minutes[-1]:02}."
            return [Remark("last-hour", text, fix + (exactly if minutes[0] == 0 else ""))]
    return []


def _uneven(trigger: WallCron, name: str) -> list[Remark]:
    """Remark on */25: the gap at the turn of the hour (or day) is another one."""
    size, *uppers = TURNS[name]
    step = max(e.step or 1 for e in field(trigger, name).expressions)
    goes_on = all(len(values(trigger, upper)) > 1 for upper in uppers)
    if not is_open(trigger, name) or size % step == 0 or not goes_on:
        return []
    found = values(trigger, name)
    gap = size - found[-1] + found[0]
    text = f"{name} */{step} is uneven: after {found[-1]} it waits {gap} {name}s, not {step}."
    even = min((n for n in range(2, size) if size % n == 0), key=lambda n: abs(n - step))
    return [Remark("uneven-step", text, f'{name}="*/{even}", or "interval", {name}s={step}')]


def _short_months(trigger: WallCron) -> list[Remark]:
    """Remark on the 29th to the 31st, which some months do not have."""
    if is_plain(trigger, "day"):
        return []
    firsts = [e.first for e in field(trigger, "day").expressions if type(e) is RangeExpression]
    day = max(firsts, default=1)
    short = [m for m in values(trigger, "month") if SHORT.get(m, 31) < day]
    if not short:
        return []
    leap = " of most years" if day == 29 else ""
    text = f"There is no day {day} in {joined([MONTHS[m - 1] for m in short])}{leap}: no run then."
    return [Remark("short-months", text, 'day="last" for the last day of every month')]


def _grid(trigger: GridInterval, now: datetime, first: datetime) -> list[Remark]:
    """Remark on an interval whose first run nobody could tell from its length alone."""
    interval = trigger.interval
    is_told = DAY % interval == timedelta(0) or interval == 7 * DAY
    if trigger.start_date or is_told or interval < HOUR:
        return []
    soon = now.astimezone(trigger.timezone) + HOUR
    at = f"{day_words(first)} at {first:%H:%M}"
    text = f"It counts on a fixed grid, not from the start of the clock: first on {at}."
    return [Remark("grid", text, f'start_date="{soon:%Y-%m-%d %H}:00:00" begins then')]


def _moved_grid(trigger: GridInterval, now: datetime) -> list[Remark]:
    """Remark on every 6 hours: half the year at other hours than in the other half."""
    for change, shift in wall.changes(trigger.timezone, now, now + YEAR):
        if abs(shift) % trigger.interval and DAY % trigger.interval == timedelta(0):
            fire = trigger.get_next_fire_time(None, change)
            if fire is None:
                return []
            text = f"From {fire:%Y-%m-%d} on it runs at {fire:%H:%M}, no longer at"
            text = f"{text} {fire - shift:%H:%M}: the clocks change, its steps do not."
            hours = trigger.interval / HOUR
            cron = f'"cron", hour="*/{hours:g}"' if hours % 1 == 0 else '"cron"'
            return [Remark("dst-grid", text, f"{cron} keeps to the hours of the day")]
    return []


def _daylight(trigger: Any, now: datetime) -> list[Remark]:
    """Remark on the times that are skipped or come twice when the clocks change next."""
    if isinstance(trigger, WallCron) and len(values(trigger, "hour")) == 24:
        return []
    zone = getattr(trigger, "timezone", None) or trigger.run_date.tzinfo
    changes = list(wall.changes(zone, now, now + YEAR))
    found: dict[str, Remark] = {}
    windows = [(_window(change, shift, zone), change, shift) for change, shift in changes]
    for (low, high), change, shift in windows:
        shown = [at for at in _shown(trigger, low, high) if _is_due(trigger, change)]
        if shown:
            touched = {hour for window, *_ in windows for hour in _hours(*window)}
            remark = _of_change(trigger, shown, high, shift > timedelta(0), touched)
            found.setdefault(remark.code, remark)
    return list(found.values())


def _window(change: datetime, shift: timedelta, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return the times on the wall between which a gap or a repeat lies."""
    after = change.astimezone(zone).replace(tzinfo=None, fold=0)
    return (after - shift, after) if shift > timedelta(0) else (after, after - shift)


def _hours(low: datetime, high: datetime) -> set[int]:
    return {(low + n * HOUR / 4).hour for n in range(int((high - low) / (HOUR / 4)))}


def _of_change(
    trigger: Any, shown: list[datetime], end: datetime, is_gap: bool, touched: set[int]
) -> Remark:
    in_real_time = isinstance(trigger, WallCron) and trigger.follows_real_time
    times = f"{shown[0]:%H:%M}" + (f" to {shown[-1]:%H:%M}" if len(shown) > 1 else "")
    if is_gap:
        runs = "no run then" if in_real_time else f"it runs at {end:%H:%M}"
        text = f"On {shown[0]:%Y-%m-%d} there is no {times}: {runs}."
    else:
        runs = "both times" if in_real_time else "the first time"
        text = f"On {shown[0]:%Y-%m-%d} {times} comes twice: it runs {runs}."
    calm = next((h % 24 for h in range(end.hour, end.hour + 24) if h % 24 not in touched), 12)
    is_one = isinstance(trigger, WallCron) and len(values(trigger, "hour")) == 1
    fix = f"hour={calm}" if is_one else f"a time from {calm:02}:00 on"
    return Remark("dst-gap" if is_gap else "dst-repeat", text, f'{fix}, or timezone="UTC"')


def _shown(trigger: Any, low: datetime, high: datetime) -> list[datetime]:
    """Return the times on the wall from `low` up to `high` that the trigger is meant for."""
    found: list[datetime] = []
    if isinstance(trigger, OnDate):
        found = [] if trigger.run_date.fold else [trigger.run_date.replace(tzinfo=None)]
    elif isinstance(trigger, GridInterval):
        found = [trigger.next_shown(low)]
    else:
        at = trigger.pattern.next(low)
        while at and at < high:
            found.append(at)
            at = trigger.pattern.next(at + wall.SECOND)
    return [at for at in found if low <= at < high]


def _is_due(trigger: Any, at: datetime) -> bool:
    start, end = getattr(trigger, "start_date", None), getattr(trigger, "end_date", None)
    return not ((start and at < start) or (end and at > end))


def _of_frequency(
    trigger: BaseTrigger, now: datetime, usual_length: timedelta | None
) -> Iterator[Remark]:
    fires = islice(_fires(trigger, now, now + 2 * YEAR), 30)
    shortest = min((b - a for a, b in pairwise(fires)), default=None)
    if shortest is None:
        return
    gap = f"{shortest.total_seconds():g} s"
    if shortest < TOO_OFTEN:
        text = f"Its runs come {gap} apart; the clock is made for 10 s and more."
        yield Remark("too-often", text, "one run a minute, with a loop inside the job")
    if usual_length and usual_length > shortest:
        text = f"It usually takes {usual_length.total_seconds():g} s, and the next is due {gap}"
        yield Remark("too-long", f"{text} after its start.", "fewer runs, or max_instances=2")


def _fires(trigger: BaseTrigger, start: datetime, end: datetime) -> Iterator[datetime]:
    fire = trigger.get_next_fire_time(None, start)
    while fire is not None and fire < end:
        yield fire.astimezone(UTC)
        fire = trigger.get_next_fire_time(fire, fire)
