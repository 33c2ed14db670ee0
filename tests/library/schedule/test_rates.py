"""How often a schedule runs, counted and said."""

from datetime import UTC, datetime, timedelta

import pytest
from clockdyno.schedule import rates, triggers
from clockdyno.schedule.typed import Schedule, parse
from herokuclock.preview import preview
from support.rows import rows

NOW = datetime(2026, 11, 23, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "words", "per_day", "per_week"),
    [
        (
            "cron day_of_week=sat-sun hour=12-16 minute=0-59/15 timezone=America/New_York",
            "20 runs a day on 2 days a week, 40 a week",
            20,
            40,
        ),
        ("interval minutes=15", "96 runs a day, 672 a week", 96, 672),
        ("interval hours=36", "about 4.7 runs a week", 1, 4.67),
        ("interval minutes=25", "403 runs a week, 57 to 58 a day", 58, 403),
        ("interval days=7", "1 run a week", 1, 1),
        ("cron day_of_week=mon-fri hour=17", "1 run a day on 5 days a week", 1, 5),
        ("cron hour=17", "1 run a day", 1, 7),
        ("cron day_of_week=mon hour=8,12", "2 runs a week", 2, 2),
        ("cron day=1,15 hour=9,10", "48 runs a year, 2 a day", 2, 0.92),
        ("cron day=last hour=23", "12 runs a year", 1, 0.23),
        ("cron month=2 day=29", "1 run in 4 years", 1, 0.0),
        ("cron month=2 day=30", "never", 0, 0),
        ("cron second=*/10", "8,640 runs a day, 60,480 a week", 8640, 60480),
        ("interval seconds=7", "86,400 runs a week, 12,342 to 12,343 a day", 12343, 86400),
        (
            "cron day_of_week=mon-fri second=0",
            "1,440 runs a day on 5 days a week, 7,200 a week",
            1440,
            7200,
        ),
        ("cron year=2027 month=1 day=5-7 hour=9", "3 runs in all", 1, 0.06),
        ("date run_date='2027-01-05 09:00'", "1 run in all", 1, 0.02),
        ("cron hour=17 start_date=2028-01-01 end_date=2028-01-05", "1 run a day", 1, 7),
    ],
)
def test_the_rate_is_counted_and_said(text, words, per_day, per_week):
    found = preview(parse(text), "Europe/Berlin", NOW).runs
    assert found.words == words
    assert (found.per_day, round(found.per_week, 2)) == (per_day, per_week)


def test_what_two_schedules_share_is_counted_once():
    both = [Schedule("cron", {"hour": "9-17"}), Schedule("cron", {"hour": "17-18"})]
    assert preview(both, "UTC", NOW).runs.words == "10 runs a day, 70 a week"


IN_A_YEAR = "cron minute=*/7 hour=8-18", "cron hour=*/5", "interval hours=7"


@pytest.mark.parametrize("text", rows(IN_A_YEAR, IN_A_YEAR[1:2]))
def test_the_rate_is_the_number_of_runs_in_a_year_that_follows(text):
    trigger_runs = preview(parse(text), "UTC", NOW, count=40_000).next
    year = [at for at in trigger_runs if at < NOW + timedelta(days=364)]
    found = preview(parse(text), "UTC", NOW).runs
    assert found.per_week == pytest.approx(len(year) / 52, rel=0.005)


def test_what_is_too_much_to_be_followed_is_told_by_its_most():
    parts = [
        triggers.make("interval", {"seconds": 7}, UTC),
        triggers.make("cron", {"hour": 9}, UTC),
    ]

    assert rates.rate(triggers.AnyOf(parts), NOW) == (12344, 86408, "up to 12,344 runs a day")
