"""Fires under daylight saving, against brute force and against cronsim."""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim
from herokuclock import bundle
from hypothesis import given, settings
from hypothesis import strategies as st

triggers = bundle.load("clock/triggers.py")

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
SAMPLE = ("America/New_York", "Africa/Cairo", "Australia/Lord_Howe")
FIVE = timedelta(minutes=5)
ANY: Callable[[date], bool] = lambda day: True  # noqa: E731  (a table reads better so)


@dataclass(frozen=True)
class Pattern:
    """A schedule, said twice: as keywords for the trigger, as plain sets for the oracle."""

    cron: str
    keywords: dict[str, object]
    hours: tuple[int, ...]
    minutes: tuple[int, ...]
    is_day: Callable[[date], bool] = ANY
    real_time: bool = False


def daily(hour: int, minute: int) -> Pattern:
    keywords = {"hour": hour, "minute": minute}
    return Pattern(f"{minute} {hour} * * *", keywords, (hour,), (minute,))


ALL_HOURS, QUARTERS = tuple(range(24)), (0, 15, 30, 45)
DAILY = [daily(hour, minute) for hour in range(24) for minute in (0, 30)]
OTHERS = [
    Pattern("0 0 * * 1", {"day_of_week": "mon", "hour": 0}, (0,), (0,), lambda d: d.weekday() == 0),
    Pattern(
        "30 1 * * 0",
        {"day_of_week": "sun", "hour": 1, "minute": 30},
        (1,),
        (30,),
        lambda d: d.weekday() == 6,
    ),
    Pattern(
        "0 0 * * 1-5", {"day_of_week": "mon-fri", "hour": 0}, (0,), (0,), lambda d: d.weekday() < 5
    ),
    Pattern("0 0 1 * *", {"day": 1}, (0,), (0,), lambda d: d.day == 1),
    Pattern(
        "30 2 L * *",
        {"day": "last", "hour": 2, "minute": 30},
        (2,),
        (30,),
        lambda d: (d + timedelta(days=1)).day == 1,
    ),
    Pattern("0 * * * *", {"minute": 0}, ALL_HOURS, (0,), real_time=True),
    Pattern("*/15 * * * *", {"minute": "*/15"}, ALL_HOURS, QUARTERS, real_time=True),
    Pattern("*/15 * * * *", {"minute": "0-59/15"}, ALL_HOURS, QUARTERS, real_time=True),
    Pattern(
        "*/15 1-3 * * *", {"hour": "1-3", "minute": "*/15"}, (1, 2, 3), QUARTERS, real_time=True
    ),
    Pattern(
        "0 */2 * * *", {"hour": "*/2", "minute": 0}, tuple(range(0, 24, 2)), (0,), real_time=True
    ),
    Pattern(
        "0 */5 * * *", {"hour": "*/5", "minute": 0}, tuple(range(0, 24, 5)), (0,), real_time=True
    ),
    Pattern("0,30 1,2 * * *", {"hour": "1,2", "minute": "0,30"}, (1, 2), (0, 30)),
    Pattern("0,15,30 0-3 * * *", {"hour": "0-3", "minute": "0,15,30"}, (0, 1, 2, 3), (0, 15, 30)),
]


@cache
def seen(
    zone: str, start: datetime, end: datetime
) -> tuple[dict[datetime, list[datetime]], list[datetime]]:
    """Walk real time in steps of five minutes; return each wall time with its instants."""
    walls: dict[datetime, list[datetime]] = {}
    at, place = start, ZoneInfo(zone)
    while at < end:
        walls.setdefault(at.astimezone(place).replace(tzinfo=None), []).append(at)
        at += FIVE
    return walls, sorted(walls)


def brute_force(pattern: Pattern, zone: str, start: datetime, end: datetime) -> list[datetime]:
    walls, shown = seen(zone, start - timedelta(days=2), end + timedelta(days=2))
    found: set[datetime] = set()
    for wall in wall_times(pattern, shown[0].date(), shown[-1].date()):
        instants = walls.get(wall)
        if pattern.real_time:
            found.update(instants or [])
        elif instants:
            found.add(instants[0])
        else:
            found.add(walls[shown[bisect_left(shown, wall)]][0])
    return sorted(at for at in found if start <= at < end)


def wall_times(pattern: Pattern, first: date, last: date) -> Iterator[datetime]:
    day = first + timedelta(days=1)
    while day < last:
        if pattern.is_day(day):
            for hour in pattern.hours:
                for minute in pattern.minutes:
                    yield datetime(day.year, day.month, day.day, hour, minute)
        day += timedelta(days=1)


def fires(trigger: object, start: datetime, end: datetime) -> list[datetime]:
    found = []
    fire = trigger.get_next_fire_time(None, start)  # type: ignore[attr-defined]
    while fire is not None and fire < end:
        found.append(fire.astimezone(UTC))
        fire = trigger.get_next_fire_time(fire, fire)  # type: ignore[attr-defined]
    return found


def check(pattern: Pattern, zone: str, start: datetime, end: datetime) -> None:
    trigger = triggers.make("cron", pattern.keywords, ZoneInfo(zone))
    ours = fires(trigger, start, end)

    assert all(a < b for a, b in pairwise(ours))
    assert ours == brute_force(pattern, zone, start, end), (pattern.cron, zone)
    if not (pattern.real_time and zone == "Australia/Lord_Howe"):
        # cronsim 2.8 leaves out the whole hour after Lord Howe's change of 30 minutes.
        theirs = CronSim(pattern.cron, (start - timedelta(seconds=1)).astimezone(ZoneInfo(zone)))
        expected = []
        for fire in theirs:
            if fire >= end:
                break
            expected.append(fire.astimezone(UTC))
        assert ours == expected, (pattern.cron, zone)


@pytest.mark.parametrize("zone", SAMPLE)
def test_a_year_of_fires_equals_brute_force_and_cronsim(zone: str) -> None:
    for pattern in [*DAILY[:8], *DAILY[-2:], *OTHERS]:
        check(pattern, zone, datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("zone", ZONES)
def test_three_years_of_fires_equal_brute_force_and_cronsim(zone: str) -> None:
    for pattern in [*DAILY, *OTHERS]:
        check(pattern, zone, datetime(2025, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("keywords", "fire"),
    [
        # New York skips 02:00 to 03:00 on 8 March 2026 and repeats 01:00 to 02:00 on 1 November.
        ({"hour": 2, "minute": 30, "month": 3, "day": 8}, "2026-03-08T03:00:00-04:00"),
        ({"hour": 0, "month": 3, "day": 9}, "2026-03-09T00:00:00-04:00"),
        ({"hour": 1, "minute": 30, "month": 11, "day": 1}, "2026-11-01T01:30:00-04:00"),
        ({"hour": 0, "day_of_week": "mon", "day": "8-14", "month": 3}, "2026-03-09"),
    ],
)
def test_new_york_loses_no_day(keywords: dict[str, object], fire: str) -> None:
    trigger = triggers.make("cron", keywords, ZoneInfo("America/New_York"))

    found = trigger.get_next_fire_time(None, datetime(2026, 1, 1, tzinfo=UTC))

    assert found.isoformat().startswith(fire)


any_moment = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)).map(
    lambda at: at.replace(tzinfo=UTC)
)
any_zone = st.sampled_from(ZONES).map(ZoneInfo)
fields = st.fixed_dictionaries(
    {
        "minute": st.sampled_from(["*", "*/15", "0", "30", "0,30", "0-59/20", "7"]),
        "hour": st.sampled_from(["*", "*/6", "0", "1", "2", "23", "1-3", "22-2"]),
        "day": st.sampled_from(["*", "last", "1", "31", "2nd sun", "*/2"]),
        "day_of_week": st.sampled_from(["*", "sun", "fri-mon", "mon-fri"]),
        "second": st.sampled_from(["0", "*/20", "59"]),
    }
)
interval = st.sampled_from(
    [{"seconds": 7}, {"minutes": 15}, {"hours": 6}, {"hours": 36}, {"days": 1}, {"weeks": 2}]
)
trigger_of = st.one_of(
    st.builds(lambda keywords, zone: triggers.make("cron", keywords, zone), fields, any_zone),
    st.builds(lambda keywords, zone: triggers.make("interval", keywords, zone), interval, any_zone),
)


@settings(deadline=None, max_examples=300)
@given(trigger_of, any_moment)
def test_any_start_meets_the_same_fires(trigger: object, start: datetime) -> None:
    """A clock that starts at any moment, or asks again in between, sees one sequence."""
    next_fire = trigger.get_next_fire_time  # type: ignore[attr-defined]
    first = next_fire(None, start)
    if first is None:
        return
    second = next_fire(first, first)

    assert first >= start
    assert next_fire(None, first) == first
    if second is not None:
        assert second > first
        middle = first + (second - first) / 2
        assert next_fire(None, middle) == second
        assert next_fire(first, second) == second


def test_intervals_stand_on_the_grid_whenever_the_clock_starts() -> None:
    zone = ZoneInfo("Asia/Kolkata")
    quarter = triggers.make("interval", {"minutes": 15}, zone)
    long = triggers.make("interval", {"hours": 36}, zone)

    for minute in (1, 7, 14, 15):
        start = datetime(2026, 5, 4, 10, minute, 3, tzinfo=zone)
        assert quarter.get_next_fire_time(None, start).minute in (15, 30)
    starts = [datetime(2026, 5, 4, hour, tzinfo=zone) for hour in range(6)]
    assert len({long.get_next_fire_time(None, start) for start in starts}) == 1


def test_days_and_weeks_keep_their_wall_clock() -> None:
    zone = ZoneInfo("Europe/Berlin")
    every = {"days": 1, "start_date": "2026-03-27 09:30:00"}
    trigger = triggers.make("interval", every, zone)

    found = fires(trigger, datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 2, tzinfo=UTC))

    assert {at.astimezone(zone).strftime("%H:%M") for at in found} == {"09:30"}
    assert found[0] == datetime(2026, 3, 27, 9, 30, tzinfo=zone)


def test_a_search_without_end_ends() -> None:
    never = triggers.make("cron", {"month": 2, "day": 30}, ZoneInfo("UTC"))
    leap = triggers.make("cron", {"month": 2, "day": 29}, ZoneInfo("UTC"))

    assert never.get_next_fire_time(None, datetime(2026, 1, 1, tzinfo=UTC)) is None
    assert leap.get_next_fire_time(None, datetime(2096, 3, 1, tzinfo=UTC)).year == 2104


@pytest.mark.parametrize(
    ("kind", "keywords", "message"),
    [
        ("cron", {"hour": "25"}, "hour: 25 is not between 0 and 23"),
        ("cron", {"hour": 25}, "25"),
        ("cron", {"hour": "22-24"}, "hour: 24 is not between 0 and 23"),
        ("cron", {"hour": "banana"}, "hour"),
        ("cron", {"day_of_weak": "mon"}, "day_of_weak"),
        ("cron", {"timezone": "Mars/Phobos"}, "Mars/Phobos"),
        ("interval", {"minutes": "x"}, "minutes"),
        ("interval", {"minutes": 0}, "zero"),
        ("interval", {"minutes": -5}, "zero"),
        ("date", {"run_date": "soon"}, "soon"),
        ("weekly", {}, "weekly"),
    ],
)
def test_what_is_wrong_is_said(kind: str, keywords: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        triggers.make(kind, keywords, ZoneInfo("UTC"))


@pytest.mark.parametrize(
    ("keywords", "plain"),
    [
        ({"day_of_week": "sun-wed"}, "day_of_week='sun,mon,tue,wed'"),
        ({"hour": "22-2"}, "hour='22,23,0,1,2'"),
        ({"hour": "22-2/2"}, "hour='22,0,2'"),
        ({"month": "nov-feb"}, "month='nov,dec,jan,feb'"),
        ({"hour": "12–16", "minute": "0 — 59/15"}, "hour='12-16', minute='0-59/15'"),
    ],
)
def test_what_apscheduler_refuses_is_understood(keywords: dict[str, object], plain: str) -> None:
    assert plain in repr(triggers.make("cron", keywords, ZoneInfo("UTC")))


def test_triggers_of_apscheduler_are_adopted() -> None:
    from apscheduler.triggers.combining import OrTrigger
    from apscheduler.triggers.cron import CronTrigger
    from apscheduler.triggers.interval import IntervalTrigger

    zone = ZoneInfo("America/New_York")
    plain = OrTrigger(
        [CronTrigger(hour=0, timezone=zone), IntervalTrigger(minutes=15, timezone=zone)]
    )

    ours = triggers.adopt(plain)

    assert [type(part).__name__ for part in ours.triggers] == ["WallCron", "GridInterval"]
    assert ours.triggers[1].get_next_fire_time(None, datetime.now(UTC)).minute % 15 == 0
    day_after_spring = datetime(2026, 3, 9, tzinfo=zone)
    cron = ours.triggers[0]
    assert cron.get_next_fire_time(None, day_after_spring) == day_after_spring
