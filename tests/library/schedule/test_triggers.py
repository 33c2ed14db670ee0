"""When triggers fire: the rules of the wall clock and of the grid, case by case."""

from datetime import UTC, datetime, timedelta
from datetime import timezone as fixed
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from apscheduler.triggers.combining import AndTrigger, OrTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger
from clockdyno.schedule import adoption, triggers
from clockdyno.schedule.description import fires
from support.work import calls

NEW_YORK = ZoneInfo("America/New_York")
# New York skips 02:00 to 03:00 on 8 March 2026 and repeats 01:00 to 02:00 on 1 November.
SPRING = datetime(2026, 3, 7, 12, tzinfo=NEW_YORK)
AUTUMN = datetime(2026, 10, 31, 12, tzinfo=NEW_YORK)
NOW = datetime(2026, 11, 23, 19, tzinfo=UTC)


def make(kind: str, zone: ZoneInfo = NEW_YORK, **keywords: Any) -> Any:
    return triggers.make(kind, keywords, zone)


def shown(trigger: Any, start: datetime, count: int) -> list[str]:
    """Return the next fires as the clock on the wall shows them, with the offset in hours."""
    return [f"{at:%d %H:%M} {at:%z}"[:-2] for at in fires(trigger, start, count)]


def test_a_skipped_time_fires_once_at_the_first_moment_after_the_gap() -> None:
    assert shown(make("cron", hour=2, minute=30), SPRING, 2) == ["08 03:00 -04", "09 02:30 -04"]
    several = make("cron", hour="2-3", minute="0,15,45")
    assert shown(several, SPRING, 3) == ["08 03:00 -04", "08 03:15 -04", "08 03:45 -04"]


def test_a_repeated_time_fires_the_first_time_only() -> None:
    assert shown(make("cron", hour=1, minute=30), AUTUMN, 2) == ["01 01:30 -04", "02 01:30 -05"]


def test_an_open_hour_or_minute_follows_real_time() -> None:
    quarters = make("cron", hour="1-2", minute="*/30")
    assert shown(quarters, SPRING, 3) == ["08 01:00 -05", "08 01:30 -05", "09 01:00 -04"]
    assert shown(quarters, AUTUMN, 4) == [
        "01 01:00 -04",
        "01 01:30 -04",
        "01 01:00 -05",
        "01 01:30 -05",
    ]
    for hours in ("*", "0-23", "*/1", "22-21", ",".join(map(str, range(24)))):
        hourly = make("cron", hour=hours, minute=30, day=1, month=11)
        assert shown(hourly, AUTUMN, 3) == ["01 00:30 -04", "01 01:30 -04", "01 01:30 -05"]


def test_no_day_is_lost_after_a_change() -> None:
    assert shown(make("cron", hour=0), SPRING, 2) == ["08 00:00 -05", "09 00:00 -04"]
    monday = make("cron", hour=0, day_of_week="mon")
    assert shown(monday, SPRING - timedelta(days=7), 2) == ["02 00:00 -05", "09 00:00 -04"]


def test_a_whole_day_that_a_zone_skips_fires_once() -> None:
    # Samoa went from 29 to 31 December 2011.
    daily = make("cron", ZoneInfo("Pacific/Apia"), hour=9)
    start = datetime(2011, 12, 29, 12, tzinfo=ZoneInfo("Pacific/Apia"))
    assert shown(daily, start, 2) == ["31 00:00 +14", "31 09:00 +14"]


def test_seconds_are_a_field_too() -> None:
    found = fires(make("cron", hour=9, minute=0, second="*/20"), NOW, 4)
    assert [at.second for at in found] == [0, 20, 40, 0]


@pytest.mark.parametrize(
    ("keywords", "first"),
    [
        ({"minutes": 15}, "2026-11-23 14:15"),
        ({"minutes": 90}, "2026-11-23 15:00"),
        ({"hours": 6}, "2026-11-23 18:00"),
        ({"hours": 36}, "2026-11-25 00:00"),
        ({"days": 1}, "2026-11-24 00:00"),
        ({"weeks": 1}, "2026-11-30 00:00"),
        ({"hours": 36, "start_date": "2026-11-24 09:30"}, "2026-11-24 09:30"),
        ({"days": 2, "start_date": "2026-11-20 09:30"}, "2026-11-24 09:30"),
    ],
)
def test_an_interval_stands_on_its_grid_whenever_the_clock_starts(
    keywords: dict[str, Any], first: str
) -> None:
    for seconds in (1, 59, 60, 333, 899):
        trigger = make("interval", **keywords)
        found = trigger.get_next_fire_time(None, NOW + timedelta(seconds=seconds))
        assert f"{found:%Y-%m-%d %H:%M}" == first


def test_days_and_weeks_keep_their_time_of_day_and_hours_do_not() -> None:
    start = "2026-03-06 09:30"
    daily = make("interval", days=1, start_date=start)
    assert shown(daily, SPRING, 2) == ["08 09:30 -04", "09 09:30 -04"]
    # 24 hours are a day.
    hours = make("interval", hours=24, start_date=start)
    assert shown(hours, SPRING, 2) == ["08 09:30 -04", "09 09:30 -04"]
    half = make("interval", hours=12, start_date=start)
    assert shown(half, SPRING, 3) == ["07 21:30 -05", "08 10:30 -04", "08 22:30 -04"]


def test_a_date_inside_a_gap_or_a_repeat_follows_the_same_rule() -> None:
    assert shown(make("date", run_date="2026-03-08 02:30"), SPRING, 2) == ["08 03:00 -04"]
    assert shown(make("date", run_date="2026-11-01 01:30"), AUTUMN, 2) == ["01 01:30 -04"]
    said = datetime(2026, 11, 1, 1, 30, tzinfo=NEW_YORK, fold=1)
    assert shown(make("date", run_date=said), AUTUMN, 2) == ["01 01:30 -05"]
    daily = make("interval", days=1, start_date="2026-03-08 02:30")
    assert shown(daily, SPRING, 2) == ["08 03:00 -04", "09 02:30 -04"]


def test_a_date_is_read_in_the_zone_given_unless_it_has_its_own() -> None:
    def at(text: str) -> Any:
        return make("date", run_date=text).get_next_fire_time(None, NOW)

    assert at("2027-01-05 09:00") == datetime(2027, 1, 5, 14, tzinfo=UTC)
    assert at("2027-1-5") == datetime(2027, 1, 5, 5, tzinfo=UTC)
    assert at("2027-01-05T09:00:30+01:00") == datetime(2027, 1, 5, 8, 0, 30, tzinfo=UTC)


def test_a_date_that_has_passed_is_built_and_does_not_come_again() -> None:
    past = make("date", run_date="2020-01-05 09:00")
    assert past.get_next_fire_time(None, NOW) is None
    assert past.get_next_fire_time(None, past.run_date) == past.run_date
    assert past.get_next_fire_time(past.run_date, past.run_date) is None


def test_start_and_end_bound_every_trigger() -> None:
    bounds = {"start_date": "2026-12-01 10:00", "end_date": "2026-12-01 12:00"}
    for kind, keywords in (("cron", {"minute": 0}), ("interval", {"hours": 1})):
        trigger = make(kind, **keywords, **bounds)
        found = [f"{at:%d %H:%M}" for at in fires(trigger, NOW, 9)]
        assert found == ["01 10:00", "01 11:00", "01 12:00"]


def test_an_end_in_the_repeated_hour_is_told_apart_from_its_twin() -> None:
    end = datetime(2026, 11, 1, 1, 30, tzinfo=NEW_YORK)
    found = shown(make("cron", minute="0,15,30,45", day=1, end_date=end), AUTUMN, 20)
    assert found[-3:] == ["01 01:00 -04", "01 01:15 -04", "01 01:30 -04"]


def test_stacked_triggers_stay_in_order_in_the_repeated_hour() -> None:
    parts = [make("cron", minute=45), make("interval", hours=1, start_date="2026-01-01 00:15")]
    late = AUTUMN.replace(day=1, month=11, hour=1, minute=0)
    expected = ["01 01:15 -04", "01 01:45 -04", "01 01:15 -05", "01 01:45 -05", "01 02:15 -05"]
    assert shown(triggers.AnyOf(parts), late, 5) == expected


def test_a_date_beside_a_cron_trigger_is_not_forgotten() -> None:
    parts = [make("cron", hour=9), make("date", run_date="2026-11-25 12:00")]
    expected = ["24 09:00 -05", "25 09:00 -05", "25 12:00 -05", "26 09:00 -05"]
    assert shown(triggers.AnyOf(parts), NOW, 4) == expected


def test_triggers_that_must_agree_do_or_end() -> None:
    both = triggers.AllOf([make("cron", day=13, hour=0), make("cron", day_of_week="fri", hour=0)])
    found = fires(both, NOW, 2)
    assert [f"{at:%Y-%m-%d}" for at in found] == ["2027-08-13", "2028-10-13"]
    odd = [make("interval", seconds=8, start_date=f"2026-01-01 00:00:0{n}") for n in (0, 1)]
    assert triggers.AllOf(odd).get_next_fire_time(None, NOW) is None
    assert triggers.AllOf([]).get_next_fire_time(None, NOW) is None


@pytest.mark.parametrize(
    ("keywords", "start", "year"),
    [
        ({"month": 2, "day": 30}, "2026-01-01", None),
        ({"month": 2, "day": 29}, "2096-03-01", 2104),
        ({"year": 2040}, "2026-01-01", None),
        ({"year": 2030, "second": "*"}, "2026-01-01", 2030),
        ({"week": 53, "day_of_week": "thu", "month": 1, "day": 2}, "2026-01-01", None),
        # The second Sunday of March has no two o'clock in New York, in any year.
        ({"month": 3, "day": "2nd sun", "hour": 2, "minute": "*"}, "2026-01-01", None),
        ({"minute": "*"}, "0001-02-01", 1970),
        ({"minute": "*"}, "9999-12-31", None),
    ],
)
def test_a_search_ends_within_eight_years(
    keywords: dict[str, Any], start: str, year: int | None
) -> None:
    trigger, now = make("cron", **keywords), datetime.fromisoformat(start).replace(tzinfo=UTC)

    found = trigger.get_next_fire_time(None, now)

    assert calls(trigger.get_next_fire_time, None, now) < 10_000
    assert (found and found.astimezone(UTC).year) == year


@pytest.mark.parametrize(
    ("keywords", "plain"),
    [
        ({"day_of_week": "sun-wed"}, "day_of_week='sun,mon-wed'"),
        ({"day_of_week": "Fri-Mon"}, "day_of_week='fri-sun,mon'"),
        ({"day_of_week": "mon-fri/2"}, "day_of_week='mon,wed,fri'"),
        ({"day_of_week": "monday"}, "day_of_week='mon'"),
        ({"hour": "22-2"}, "hour='22-23,0-2'"),
        ({"hour": "22-2/2"}, "hour='22,0,2'"),
        ({"month": "nov-feb"}, "month='nov-dec,jan-feb'"),
        ({"month": "jan-dec/3"}, "month='jan,apr,jul,oct'"),
        ({"day": "28-3"}, "day='28-31,1-3'"),
        ({"day": "1st  MON , last"}, "day='1st mon,last'"),
        ({"hour": "12–16", "minute": "0 — 59/15"}, "hour='12-16', minute='0-59/15'"),
        ({"hour": "08", "minute": 5}, "hour='8', minute='5'"),
    ],
)
def test_what_apscheduler_refuses_or_misreads_is_understood(
    keywords: dict[str, Any], plain: str
) -> None:
    assert plain in repr(make("cron", **keywords))


@pytest.mark.parametrize(
    ("kind", "keywords", "message"),
    [
        ("cron", {"hour": "25"}, "hour: 25 is not between 0 and 23"),
        ("cron", {"hour": "22-24"}, "hour: 24 is not between 0 and 23"),
        ("cron", {"hour": -1}, "hour: '-1' is not understood; numbers 0 to 23"),
        ("cron", {"hour": "9" * 5000}, "hour: 99999999999999999999 is not between 0 and 23"),
        ("cron", {"hour": "banana"}, "hour: 'banana' is not understood; numbers 0 to 23"),
        (
            "cron",
            {"day_of_week": "mon#1"},
            "day_of_week: 'mon#1' is not understood; numbers 0 to 6, names such as mon",
        ),
        ("cron", {"day": "lasty"}, "day: 'lasty' is not understood; numbers 1 to 31, 'last' or "),
        ("cron", {"minute": "*/0"}, "minute: a step of 0 never moves on"),
        ("cron", {"minute": "*/60"}, "minute: the step 60 goes beyond 0-59, so only 0 would match"),
        ("cron", {"day": "28-3/2"}, "day: 28-3/2 runs backwards"),
        ("cron", {"day_of_weak": "mon"}, "cron has no 'day_of_weak': did you mean day_of_week?"),
        ("cron", {"timezone": "Mars/Phobos"}, "timezone: 'Mars/Phobos' is not a zone such as "),
        ("cron", {"start_date": 5}, "start_date: 5 is not a date such as 2027-01-05 09:00"),
        ("interval", {"minutes": "x"}, "minutes: 'x' is not a number"),
        ("interval", {"minutes": 0}, "an interval of zero is none"),
        ("interval", {"minutes": -5}, "minutes: -5 is below 0"),
        ("interval", {"weeks": 500}, "an interval is longer than 0 seconds and at most 8 years"),
        ("interval", {"weeks": 10**12}, "weeks: 1000000000000 is more than 8 years"),
        ("date", {"run_date": "soon"}, "run_date: 'soon' is not a date such as 2027-01-05 09:00"),
        ("weekly", {}, "'weekly' is no trigger: use cron, interval or date"),
    ],
)
def test_what_is_wrong_is_said(kind: str, keywords: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError) as error:
        make(kind, **keywords)
    assert str(error.value).startswith(message)


def test_triggers_of_apscheduler_are_adopted() -> None:
    parts = [
        CronTrigger(hour=0, timezone=NEW_YORK, jitter=30),
        IntervalTrigger(minutes=15, timezone=NEW_YORK),
        AndTrigger([DateTrigger("2026-12-01 00:00:00", NEW_YORK)]),
    ]

    ours = adoption.adopt(OrTrigger(parts, jitter=9), UTC)

    assert [type(part).__name__ for part in ours.triggers] == ["WallCron", "GridInterval", "AllOf"]
    assert (ours.jitter, ours.triggers[0].jitter) == (9, 30)
    assert shown(ours.triggers[0], SPRING, 2) == ["08 00:00 -05", "09 00:00 -04"]
    assert shown(ours.triggers[1], NOW, 2) == ["23 14:00 -05", "23 14:15 -05"]
    assert shown(ours.triggers[2], NOW, 2) == ["01 00:00 -05"]
    assert adoption.adopt(ours, UTC) is ours


def test_the_start_date_of_an_adopted_interval_is_kept_where_a_person_wrote_it() -> None:
    plain = IntervalTrigger(minutes=20, start_date="2026-01-01 00:05:00", timezone=NEW_YORK)
    assert shown(adoption.adopt(plain, UTC), NOW, 2) == ["23 14:05 -05", "23 14:25 -05"]


def test_a_trigger_object_without_a_zone_gets_that_of_the_clock_and_not_the_machines() -> None:
    machine = adoption.HERE.key  # type: ignore[attr-defined]
    for plain in (CronTrigger(hour=9), CronTrigger.from_crontab("0 9 * * *")):
        assert shown(adoption.adopt(plain, NEW_YORK), NOW, 1) == ["24 09:00 -05"]
    asked_for = adoption.adopt(CronTrigger(hour=9, timezone=machine), NEW_YORK)
    assert str(asked_for.timezone) == machine
    bounded = IntervalTrigger(hours=2, start_date="2026-12-24 09:05:00")
    assert shown(adoption.adopt(bounded, NEW_YORK), NOW, 1) == ["24 09:05 -05"]
    once = adoption.adopt(DateTrigger("2026-12-24 09:05:00"), NEW_YORK)
    assert shown(once, NOW, 1) == ["24 09:05 -05"]
    moment = adoption.adopt(DateTrigger(), NEW_YORK)
    assert abs(moment.run_date - datetime.now(UTC)) < timedelta(minutes=1)


def test_jitter_stays_out_of_the_times() -> None:
    jittery = [make("cron", hour=9, jitter=600), make("interval", hours=1, jitter=600)]
    for trigger in (*jittery, triggers.AnyOf(jittery, jitter=600)):
        assert all(at.minute == at.second == 0 for at in fires(trigger, NOW, 20))


def test_a_fixed_offset_is_a_zone_too() -> None:
    zone: Any = fixed(timedelta(hours=5, minutes=30))
    assert shown(make("cron", zone, hour=9), NOW, 1) == ["24 09:00 +05"]
    assert shown(make("interval", zone, hours=6), NOW, 1) == ["24 06:00 +05"]


def test_the_first_monday_of_a_month_may_be_its_first_day():
    trigger = triggers.make("cron", {"day": "1st mon", "hour": 9}, UTC)

    assert trigger.get_next_fire_time(None, datetime(2027, 1, 20, tzinfo=UTC)) == datetime(
        2027, 2, 1, 9, tzinfo=UTC
    )
