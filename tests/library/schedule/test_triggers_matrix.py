"""Fires under daylight saving: ours, brute force over every real minute, and cronsim."""

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from clockdyno.schedule.triggers import make
from cronsim import CronSim
from support.rows import rows

ZONES = (
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/Havana",
    "America/New_York",
    "America/Santiago",
    "Asia/Beirut",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Australia/Sydney",
    "Europe/Berlin",
    "Europe/London",
    "UTC",
)
# At midnight, for a month, by half an hour, and as most do.
MOST_ODD = ("America/Havana", "Africa/Casablanca", "Australia/Lord_Howe", "Europe/Berlin")
# Lord Howe turns 02:00 back to 01:30. On that day cronsim loses hours that come once.
CRONSIM_ERRS = ("0 */2 * * *", "0 */5 * * *", "*/25 2 * * *")
FIRST, LAST = datetime(2025, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
HOURS, QUARTERS = tuple(range(24)), (0, 15, 30, 45)


@dataclass(frozen=True)
class Pattern:
    """A schedule, said twice: as keywords for the trigger, as plain sets for the oracle."""

    cron: str
    keywords: dict[str, Any]
    hours: tuple[int, ...]
    minutes: tuple[int, ...]
    is_day: Callable[[date], bool] = lambda day: True
    real_time: bool = False


def daily(hour: int, minute: int) -> Pattern:
    return Pattern(f"{minute} {hour} * * *", {"hour": hour, "minute": minute}, (hour,), (minute,))


def on(cron: str, is_day: Callable[[date], bool], **keywords: Any) -> Pattern:
    minute, hour = (int(field) for field in cron.split()[:2])
    times = {"hour": hour, "minute": minute}
    return Pattern(cron, {**keywords, **times}, (hour,), (minute,), is_day)


def stepped(
    cron: str, hours: tuple[int, ...], minutes: tuple[int, ...], **keywords: Any
) -> Pattern:
    return Pattern(cron, keywords, hours, minutes, real_time=True)


DAILY = [daily(hour, minute) for hour in HOURS for minute in (0, 30)]
WEEKLY = [
    on("0 0 * * 1", lambda day: day.weekday() == 0, day_of_week="mon"),
    on("30 1 * * 0", lambda day: day.weekday() == 6, day_of_week="sun"),
    on("30 2 * * 0,1", lambda day: day.weekday() in (6, 0), day_of_week="sun-mon"),
    on("0 0 * * 1-5", lambda day: day.weekday() < 5, day_of_week="mon-fri"),
    on("59 23 * * 6", lambda day: day.weekday() == 5, day_of_week="sat"),
]
MONTHLY = [
    on("0 0 1 * *", lambda day: day.day == 1, day=1),
    on("0 0 31 * *", lambda day: day.day == 31, day=31),
    on("30 2 L * *", lambda day: (day + DAY).day == 1, day="last"),
    on("0 2 * 3 0#2", lambda day: day.month == 3 and is_second_sunday(day), month=3, day="2nd sun"),
    on("0 9 29 2 *", lambda day: (day.month, day.day) == (2, 29), month=2, day=29),
]
STEPS = [
    stepped("0 * * * *", HOURS, (0,), minute=0),
    stepped("7 * * * *", HOURS, (7,), hour="0-23", minute=7),
    stepped("*/15 * * * *", HOURS, QUARTERS, minute="*/15"),
    stepped("*/15 * * * *", HOURS, QUARTERS, minute="0-59/15"),
    stepped("*/15 1-3 * * *", (1, 2, 3), QUARTERS, hour="1-3", minute="*/15"),
    stepped("*/25 2 * * *", (2,), (0, 25, 50), hour=2, minute="*/25"),
    stepped("0 */2 * * *", HOURS[::2], (0,), hour="*/2", minute=0),
    stepped("0 */5 * * *", HOURS[::5], (0,), hour="*/5", minute=0),
    Pattern("0,30 1,2 * * *", {"hour": "1,2", "minute": "0,30"}, (1, 2), (0, 30)),
    Pattern("0,15,30 0-3 * * *", {"hour": "0-3", "minute": "0,15,30"}, (0, 1, 2, 3), (0, 15, 30)),
    Pattern("30 23,0-2 * * *", {"hour": "23-2", "minute": 30}, (0, 1, 2, 23), (30,)),
]
PATTERNS = [*DAILY, *WEEKLY, *MONTHLY, *STEPS]


def is_second_sunday(day: date) -> bool:
    return day.weekday() == 6 and 8 <= day.day <= 14


class Walk:
    """What the clocks of a zone showed at every real minute, walked through one by one."""

    def __init__(self, zone: str, start: datetime, end: datetime) -> None:
        self.start, self.end, self.offsets = start - 3 * DAY, end + 3 * DAY, array("h")
        self.place, at = ZoneInfo(zone), self.start
        while at < self.end:
            first, last = self._offset(at), self._offset(at + HOUR)
            # Within an hour at whose ends they show the same, no clocks change.
            each = [at + n * MINUTE for n in range(60)] if first != last else []
            self.offsets.extend(map(self._offset, each) if each else [first] * 60)
            at += HOUR
        self.seen = set(self.offsets)

    def _offset(self, at: datetime) -> int:
        offset = at.astimezone(self.place).utcoffset()
        assert offset is not None
        return int(offset / MINUTE)

    def shows(self, wall: datetime) -> list[datetime]:
        """Return every moment at which the clocks show this time."""
        wanted = self._minute(wall)
        found = sorted(wanted - offset for offset in self.seen)
        return [self.start + n * MINUTE for n in found if n + self.offsets[n] == wanted]

    def after_gap(self, wall: datetime) -> datetime:
        """Return the first moment at which the clocks show a later time."""
        wanted = self._minute(wall)
        n = wanted - max(self.seen)
        while n + self.offsets[n] < wanted:
            n += 1
        return self.start + n * MINUTE

    def _minute(self, wall: datetime) -> int:
        return int((wall.replace(tzinfo=UTC) - self.start) / MINUTE)


@cache
def walk(zone: str, start: datetime, end: datetime) -> Walk:
    return Walk(zone, start, end)


def brute_force(pattern: Pattern, zone: str, start: datetime, end: datetime) -> list[datetime]:
    walked, found = walk(zone, start, end), set[datetime]()
    day = (start - DAY).date()
    while day <= (end + DAY).date():
        for hour in pattern.hours if pattern.is_day(day) else ():
            for minute in pattern.minutes:
                wall = datetime(day.year, day.month, day.day, hour, minute)
                shown = walked.shows(wall)
                if pattern.real_time:
                    found.update(shown)
                else:
                    found.add(shown[0] if shown else walked.after_gap(wall))
        day += DAY
    return sorted(at for at in found if start <= at < end)


def ours(pattern: Pattern, zone: str, start: datetime, end: datetime) -> list[datetime]:
    trigger, found = make("cron", pattern.keywords, ZoneInfo(zone)), []
    fire = trigger.get_next_fire_time(None, start)
    while fire is not None and fire < end:
        found.append(fire.astimezone(UTC))
        fire = trigger.get_next_fire_time(fire, fire)
    return found


def cronsim(pattern: Pattern, zone: str, start: datetime, end: datetime) -> Iterator[datetime]:
    for fire in CronSim(pattern.cron, (start - MINUTE).astimezone(ZoneInfo(zone))):
        if fire >= end:
            return
        yield fire.astimezone(UTC)


def check(pattern: Pattern, zone: str, start: datetime, end: datetime) -> None:
    found = ours(pattern, zone, start, end)

    assert all(before < after for before, after in pairwise(found))
    assert found == brute_force(pattern, zone, start, end), (pattern, zone)
    if zone != "Australia/Lord_Howe" or pattern.cron not in CRONSIM_ERRS:
        assert found == list(cronsim(pattern, zone, start, end)), (pattern, zone)


def changes(zone: str, year: int) -> list[datetime]:
    """Return the days on which the clocks change, one of May where they never do."""
    days = [datetime(year, 1, 1, tzinfo=UTC) + n * DAY for n in range(365)]
    offsets = [day.astimezone(ZoneInfo(zone)).utcoffset() for day in days]
    found = [day for day, (a, b) in zip(days, pairwise(offsets), strict=False) if a != b]
    return found or [datetime(year, 5, 1, tzinfo=UTC)]


@pytest.mark.parametrize("zone", rows(ZONES, MOST_ODD))
def test_the_days_around_each_change_equal_brute_force_and_cronsim(zone: str) -> None:
    for day in changes(zone, 2026):
        for pattern in PATTERNS:
            check(pattern, zone, day - 2 * DAY, day + 3 * DAY)


def spans(zone: str) -> Iterator[tuple[datetime, datetime]]:
    """Yield the days around each change, and three of every 37 days: all weekdays, all of a month.

    The changes of 2026 are those of the test above.
    """
    for year in (2025, 2027):
        for day in changes(zone, year):
            yield day - 2 * DAY, day + 3 * DAY
    start = FIRST
    while start < LAST:
        yield start, start + 3 * DAY
        start += 37 * DAY


@pytest.mark.slow
@pytest.mark.parametrize("zone", ZONES)
def test_three_years_of_fires_equal_brute_force_and_cronsim(zone: str) -> None:
    for pattern in (*WEEKLY, *MONTHLY):
        check(pattern, zone, FIRST, LAST)
    for start, end in spans(zone):
        for pattern in (*DAILY, *STEPS):
            check(pattern, zone, start, end)
