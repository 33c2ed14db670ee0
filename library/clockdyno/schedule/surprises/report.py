"""What may surprise in a schedule, each with the line that changes it."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import islice, pairwise
from typing import Any

from apscheduler.triggers.base import BaseTrigger

from clockdyno.schedule.at_start import AtStart, triggers_of
from clockdyno.schedule.cron_times import values
from clockdyno.schedule.description import day_words, joined
from clockdyno.schedule.field_ranges import RANGES
from clockdyno.schedule.local_time import DAY
from clockdyno.schedule.surprises.cron_fields import of_fields
from clockdyno.schedule.surprises.daylight import HOUR, YEAR, daylight
from clockdyno.schedule.surprises.fixes import Surprise, keywords, line, written
from clockdyno.schedule.triggers import GridInterval, OnDate, WallCron, make

TOO_OFTEN = timedelta(seconds=10)
# So many jobs in one minute are a crowd; what runs more often than so many times a day is anyway.
CROWD, OFTEN = 5, 96


def surprises(
    trigger: BaseTrigger,
    now: datetime,
    usual_length: timedelta | None = None,
    home: tzinfo | None = None,
    at_once: int = 1,
) -> list[Surprise]:
    """Return what may surprise the owner of this trigger, in a fixed order, each thing once.

    So many runs of it may go on `at_once`.

    In the lines that mend it the zone `home` is not said: it is the clock's own.
    """
    found: list[Surprise] = []
    dated = [part for part in triggers_of(trigger) if not isinstance(part, AtStart)]
    for part in dated:
        others = (p for p in dated if p is not part and isinstance(p, WallCron))
        hours = {hour for other in others for hour in values(other, "hour")}
        first = part.get_next_fire_time(None, now)
        found += _of_one(part, now, first, hours, home) if first else [_never(part, now, home)]
    return list(dict.fromkeys([*found, *_of_frequency(trigger, now, usual_length, home, at_once)]))


def crowded(
    jobs: Mapping[str, BaseTrigger], now: datetime, home: tzinfo | None = None
) -> list[Surprise]:
    """Return a surprise where five jobs or more start in one minute of the next day."""
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
    spread = [
        f"{name}: {_apart(jobs[name], 60 * n // len(names), home)}" for n, name in enumerate(names)
    ]
    return [Surprise("crowded", text, "\n".join(spread[1:]))]


def _apart(trigger: Any, minute: int, home: tzinfo | None) -> str:
    """Write a trigger with a minute of its own, or with fires that are moved a little."""
    if isinstance(trigger, WallCron) and len(values(trigger, "minute")) == 1:
        return line(trigger, home, minute=minute)
    is_ours = isinstance(trigger, (WallCron, GridInterval))
    return line(trigger, home, jitter=60) if is_ours else "jitter=60"


def _of_one(
    trigger: Any, now: datetime, first: datetime, hours: set[int], home: tzinfo | None
) -> list[Surprise]:
    found: list[Surprise] = []
    if isinstance(trigger, WallCron):
        found += of_fields(trigger, first, hours, home)
    elif isinstance(trigger, GridInterval):
        found += _grid(trigger, now, first, home)
    is_ours = isinstance(trigger, (WallCron, GridInterval, OnDate))
    return [*found, *daylight(trigger, now, home)] if is_ours else found


def _never(trigger: Any, now: datetime, home: tzinfo | None) -> Surprise:
    date = getattr(trigger, "run_date", None) or getattr(trigger, "end_date", None)
    if date and date < now:
        text = f"It never runs again: {day_words(date)} at {date:%H:%M} has passed."
    else:
        text = "It never runs: nothing within 8 years matches all of it."
    return Surprise("never", text, _alive(trigger, now, home) or "another day, month or year")


def _alive(trigger: Any, now: datetime, home: tzinfo | None) -> str:
    """Write the trigger without the one thing that keeps it from ever firing, if it is one."""
    if not isinstance(trigger, (WallCron, GridInterval, OnDate)):
        return ""
    kind, given = keywords(trigger)
    changes: list[dict[str, Any]] = [
        {name: None} for name in ("end_date", "year", "start_date") if name in given
    ]
    changes += [{"day": "last"}] if "day" in given else []
    if isinstance(trigger, OnDate):
        years = range(now.year, now.year + 9)
        with suppress(ValueError):
            changes = [{"run_date": given["run_date"].replace(year=year)} for year in years]
    for change in changes:
        with suppress(ValueError):
            if change == {"year": None} and len(given.keys() & RANGES) == 1:
                continue
            if make(kind, given | change, given["timezone"]).get_next_fire_time(None, now):
                return written(kind, given | change, home)
    return ""


def _grid(
    trigger: GridInterval, now: datetime, first: datetime, home: tzinfo | None
) -> list[Surprise]:
    """Warn of an interval whose first run nobody could tell from its length alone."""
    interval = trigger.interval
    is_told = DAY % interval == timedelta(0) or interval == 7 * DAY
    if trigger.start_date or is_told:
        return []
    here = now.astimezone(trigger.timezone).replace(minute=0, second=0, microsecond=0, tzinfo=None)
    soon = here + HOUR if interval % DAY else here.replace(hour=0) + DAY
    at = f"{day_words(first)} at {first:%H:%M}"
    text = f"It counts on a fixed grid, not from the start of the clock: first on {at}."
    return [Surprise("grid", text, line(trigger, home, start_date=soon))]


def _of_frequency(
    trigger: BaseTrigger,
    now: datetime,
    usual_length: timedelta | None,
    home: tzinfo | None,
    at_once: int,
) -> Iterator[Surprise]:
    fires = islice(_fires(trigger, now, now + 2 * YEAR), 30)
    shortest = min((b - a for a, b in pairwise(fires)), default=None)
    if shortest is None:
        return
    gap = f"{shortest.total_seconds():g} s"
    is_ours = isinstance(trigger, (WallCron, GridInterval))
    if shortest < TOO_OFTEN:
        text = f"Its runs come {gap} apart; the clock is made for 10 s and more."
        seconds = {"second": "*/10"} if isinstance(trigger, WallCron) else {"seconds": 10}
        fix = line(trigger, home, **seconds) if is_ours else "fires that are 10 s apart"
        yield Surprise("too-often", text, fix)
    # One that ends when the next but one is due still has its place then.
    needed = usual_length // shortest + 1 if usual_length and usual_length > shortest else 1
    if usual_length and needed > at_once:
        usually = f"{round(usual_length.total_seconds(), 1):g} s"
        text = f"It usually takes {usually}, and the next is due {gap}"
        fix = line(trigger, home) if is_ours else ""
        fix = ", ".join(filter(None, [fix, f"max_instances={needed}"]))
        yield Surprise("too-long", f"{text} after its start.", fix)


def _fires(trigger: BaseTrigger, start: datetime, end: datetime) -> Iterator[datetime]:
    fire = trigger.get_next_fire_time(None, start)
    while fire is not None and fire < end:
        yield fire.astimezone(UTC)
        fire = trigger.get_next_fire_time(fire, fire)
