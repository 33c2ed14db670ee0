"""When a job fires: cron on the wall clock, intervals on a grid; alike in every process.

Daylight saving is decided, not left to luck. Where the hour or the minute of a cron trigger is
left open (`*`, `*/n` or the full range), it follows real time: nothing fires in the hour that a
spring change skips, and the hour that an autumn change repeats fires twice. Otherwise each wall
time fires once: a skipped one at the first moment after the gap, a repeated one the first time.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.combining import AndTrigger, OrTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from clockdyno.schedule import arguments, cron_times, local_time
from clockdyno.schedule.field_ranges import GRID_DAY, RANGES
from clockdyno.schedule.local_time import DAY, SECOND, TICK

GRID = datetime.fromisoformat(GRID_DAY)
LONGEST = cron_times.YEARS_AHEAD * 366 * DAY
# Eight years on, every zone's midnight must still be a datetime.
EPOCH, END = datetime(1970, 1, 1, tzinfo=UTC), datetime(9990, 1, 1, tzinfo=UTC)


class WallCron(CronTrigger):
    """APScheduler's CronTrigger, its fields and its syntax, with fires that survive DST."""

    def __init__(self, *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self._prepare()

    def __setstate__(self, state: Any) -> None:
        super().__setstate__(state)
        self._prepare()

    def _prepare(self) -> None:
        self.pattern = cron_times.Pattern(self)
        self.follows_real_time = any(cron_times.is_open(self, name) for name in ("hour", "minute"))

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime | None:
        """Return the first fire at `now` or later and after `previous`, None beyond 8 years."""
        find = self._next_in_real_time if self.follows_real_time else self._next_on_the_wall
        return _search(self, find, previous, now)

    def _next_in_real_time(self, at: datetime) -> datetime | None:
        at, last_year = _whole_second(at), at.year + cron_times.YEARS_AHEAD
        while True:
            here = at.astimezone(self.timezone)
            shown = self.pattern.next(here.replace(tzinfo=None), last_year)
            if shown is None:
                return None
            offset: Any = here.utcoffset()
            there = (shown - offset).replace(tzinfo=UTC)
            near = min(there, at + DAY)
            if near.astimezone(self.timezone).utcoffset() != offset:
                at = local_time.change(at, near, self.timezone)
            elif near == there:
                return there
            else:
                at = max(near, there - DAY)

    def _next_on_the_wall(self, at: datetime) -> datetime | None:
        at, last_year = _whole_second(at), at.year + cron_times.YEARS_AHEAD
        shown: datetime | None = local_time.shown_at(at, self.timezone)
        while shown and (shown := self.pattern.next(shown, last_year)):
            fire = local_time.first_shown(shown, self.timezone)
            if fire >= at:
                return fire
            shown += SECOND
        return None


class GridInterval(IntervalTrigger):
    """APScheduler's IntervalTrigger on a grid that no process start can shift.

    The grid begins at `start_date`; without one at a Monday's midnight in the trigger's zone, so
    that every 15 minutes means :00, :15, :30 and :45. Whole days and weeks are counted on the wall
    clock and keep their time of day; anything smaller is counted in real time.
    """

    def __init__(self, *args: Any, start_date: Any = None, **keywords: Any) -> None:
        super().__init__(*args, start_date=start_date or GRID, **keywords)
        if not start_date:
            self.start_date: datetime | None = None
        self._prepare()

    def __setstate__(self, state: Any) -> None:
        super().__setstate__(state)
        self._prepare()

    def _prepare(self) -> None:
        if not timedelta(0) < self.interval <= LONGEST:
            raise ValueError("an interval is longer than 0 seconds and at most 8 years")
        start = self.start_date or GRID.replace(tzinfo=self.timezone)
        self._start = local_time.instant(start)
        self._start_shown = start.astimezone(self.timezone).replace(tzinfo=None, fold=0)

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime | None:
        """Return the first fire at `now` or later and after `previous`."""
        find = self._next_in_real_time if self.interval % DAY else self._next_on_the_wall
        return _search(self, find, previous, now)

    def next_shown(self, shown: datetime) -> datetime:
        """Return the first time of the grid on the wall, at `shown` or later."""
        return shown + (self._start_shown - shown) % self.interval

    def _next_in_real_time(self, at: datetime) -> datetime:
        return at + (self._start - at) % self.interval

    def _next_on_the_wall(self, at: datetime) -> datetime:
        shown = self.next_shown(local_time.shown_at(at, self.timezone))
        while (fire := local_time.first_shown(shown, self.timezone)) < at:
            shown += self.interval
        return fire


class OnDate(DateTrigger):
    """APScheduler's DateTrigger; a date that has passed does not come again."""

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime | None:
        """Return the date if it is `now` or later and after `previous`."""
        at = local_time.instant(self.run_date)
        is_ahead = at > previous.astimezone(UTC) if previous else at >= now.astimezone(UTC)
        return at.astimezone(self.run_date.tzinfo) if is_ahead else None


class AnyOf(OrTrigger):
    """APScheduler's OrTrigger; fires of several parts at one instant are one fire."""

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime | None:
        """Return the earliest next fire of its parts."""
        found = (part.get_next_fire_time(previous, now) for part in self.triggers)
        # Python compares two times of one zone by what the wall shows, not by when they are.
        return min(filter(None, found), key=datetime.timestamp, default=None)


class AllOf(AndTrigger):
    """APScheduler's AndTrigger, which ends also where its parts never agree."""

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime | None:
        """Return the first fire that all parts share, None where none is near."""
        at = start = _start(previous, now)
        # Daily triggers may disagree for eight years, before that counts as never.
        for _ in range(LONGEST // DAY):
            found = [part.get_next_fire_time(None, at) for part in self.triggers]
            if not found or None in found or at > start + LONGEST:
                return None
            at = max(found, key=datetime.timestamp)
            if len({fire.timestamp() for fire in found}) == 1:
                return at
        return None


def _search(
    trigger: Any,
    find: Callable[[datetime], datetime | None],
    previous: datetime | None,
    now: datetime,
) -> datetime | None:
    at = max(_start(previous, now), EPOCH)
    if trigger.start_date:
        at = max(at, local_time.instant(trigger.start_date))
    fire = find(at) if at < END else None
    if fire is None or (trigger.end_date and fire > local_time.instant(trigger.end_date)):
        return None
    return fire.astimezone(trigger.timezone)


def _start(previous: datetime | None, now: datetime) -> datetime:
    # As in APScheduler, `now` counts only where there is no previous fire.
    return previous.astimezone(UTC) + TICK if previous else now.astimezone(UTC)


def _whole_second(at: datetime) -> datetime:
    return at.replace(microsecond=0) + SECOND if at.microsecond else at


UNITS = ("weeks", "days", "hours", "minutes", "seconds")
LIMITS = ("start_date", "end_date", "timezone", "jitter")
KINDS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "cron": (WallCron, (*RANGES, *LIMITS)),
    "interval": (GridInterval, (*UNITS, *LIMITS)),
    "date": (OnDate, ("run_date", "timezone")),
}
OURS = {CronTrigger: WallCron, IntervalTrigger: GridInterval, DateTrigger: OnDate}


def make(kind: str, keywords: dict[str, Any], timezone: tzinfo) -> BaseTrigger:
    """Build a trigger from APScheduler's keywords; ValueError says what is wrong with them.

    Ranges may wrap around (`sun-wed`, hour `22-2`), and dashes may be typographic.
    """
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is no trigger: use cron, interval or date")
    ours, known = KINDS[kind]
    given = {"timezone": timezone, **{k: v for k, v in keywords.items() if v is not None}}
    for name in given:
        if name not in known:
            from difflib import get_close_matches

            near = get_close_matches(name, known, 1) or [", ".join(known)]
            raise ValueError(f"{kind} has no {name!r}: did you mean {near[0]}?")
    zone = arguments.zone(given["timezone"])
    read = {name: arguments.read(name, value, zone) for name, value in given.items()}
    if kind == "interval" and not any(read.get(unit) for unit in UNITS):
        raise ValueError("an interval of zero is none: minutes=15, for example")
    trigger: BaseTrigger = ours(**read)
    return trigger
