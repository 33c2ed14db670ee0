"""Every surprise has a line that mends it, which can be pasted back in."""

from datetime import UTC, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from clockdyno.schedule.surprises import report
from clockdyno.schedule.typed import parse
from herokuclock.preview import Preview, joined, preview

NOW = datetime(2026, 11, 25, 12, 7, tzinfo=UTC)
BERLIN = "Europe/Berlin"


def seen(text: str, zone: str = BERLIN) -> Preview:
    return preview(parse(text), zone, NOW)


# What is typed, the code, a phrase of what is said, and the lines that mend it.
SURPRISES = [
    (
        "cron day_of_week=sat-sun hour=12-16 minute=0-59/15",
        ("last-hour", "The hours 12-16 run on until 16:45."),
        '"cron", day_of_week="sat-sun", hour="12-15", minute="0-59/15"; '
        '"cron", day_of_week="sat-sun", hour=16, minute=0',
    ),
    (
        "*/10 22-2 * * *",
        ("last-hour", "The hours 22-2 run on until 02:50."),
        '"cron", hour="0,1,22,23", minute="*/10"; "cron", hour=2, minute=0',
    ),
    (
        "cron hour=9-17 minute=5,35",
        ("last-hour", "The hours 9-17 run on until 17:35."),
        '"cron", hour="9,10,11,12,13,14,15,16", minute="5,35"',
    ),
    (
        "sundays at 2:30",
        ("dst-gap", "On 2027-03-28 there is no 02:30: it runs at 03:00."),
        '"cron", day_of_week="sun", hour=3, minute=30',
    ),
    (
        "cron hour=1-3 minute=30",
        ("dst-repeat", "On 2027-10-31 02:30 comes twice: it runs the first time."),
        '"cron", hour="1,3", minute=30',
    ),
    (
        "on 28 March 2027 at 2:30",
        ("dst-gap", "On 2027-03-28 there is no 02:30: it runs at 03:00."),
        '"date", run_date="2027-03-28 03:30:00"',
    ),
    (
        "every 2 hours",
        ("dst-grid", "From 2027-03-28 on it runs at 03:00, no longer at 02:00"),
        '"cron", hour="*/2", minute=0',
    ),
    (
        "every 90 minutes",
        ("dst-grid", "From 2027-03-28 on it runs at 04:00, no longer at 03:00"),
        '"cron", hour="*/3", minute=0; "cron", hour="1-22/3", minute=30',
    ),
    (
        "cron hour=2 minute=*/15",
        ("dst-gap", "On 2027-03-28 there is no 02:00 to 02:45: no run then."),
        '"cron", hour=3, minute="*/15"',
    ),
    (
        "cron hour=2 minute=*/15",
        ("dst-repeat", "On 2027-10-31 02:00 to 02:45 comes twice: it runs both times."),
        '"cron", hour=3, minute="*/15"',
    ),
    (
        "every 45 minutes",
        ("dst-grid", "From 2027-03-28 on it runs at 03:15, no longer at 02:15"),
        (
            '"cron", hour="*/3", minute=0; "cron", hour="2-23/3", minute=15; '
            '"cron", hour="1-22/3", minute=30; "cron", hour="*/3", minute=45'
        ),
    ),
    (
        "cron month=2 day=30",
        ("never", "nothing within 8 years matches all of it"),
        '"cron", month=2, day="last"',
    ),
    (
        "cron year=2020 hour=9",
        ("never", "nothing within 8 years matches all of it"),
        '"cron", hour=9',
    ),
    (
        "on 1 January 2020 at 9",
        ("never", "Wednesday 1 January 2020 at 09:00 has passed"),
        '"date", run_date="2027-01-01 09:00:00"',
    ),
    (
        "cron hour=9 end_date=2020-01-01",
        ("never", "Wednesday 1 January 2020 at 00:00 has passed"),
        '"cron", hour=9',
    ),
    ("every second", ("too-often", "Its runs come 1 s apart"), '"interval", seconds=10'),
    (
        "cron hour=9 second=*/5",
        ("too-often", "Its runs come 5 s apart"),
        '"cron", hour=9, second="*/10"',
    ),
    (
        "monthly on the 31st",
        ("short-months", "There is no day 31 in February, April, June, September and November"),
        '"cron", day="last", hour=0, minute=0',
    ),
    (
        "0 9 15,30 * *",
        ("short-months", "There is no day 30 in February"),
        '"cron", day="15,last", hour=9, minute=0',
    ),
    (
        "*/25 * * * *",
        ("uneven-step", "minute */25 is uneven: after 50 it waits 10 minutes, not 25."),
        '"cron", minute="*/20"\n"interval", minutes=25',
    ),
    (
        "*/25 9-17 * * 1-5",
        ("uneven-step", "minute */25 is uneven"),
        '"cron", day_of_week="mon-fri", hour="9-17", minute="*/20"',
    ),
    (
        "0 */5 * * *",
        ("uneven-step", "hour */5 is uneven: after 20 it waits 4 hours, not 5."),
        '"cron", hour="*/4", minute=0\n"interval", hours=5',
    ),
    (
        "0 0 1 */5 *",
        ("uneven-step", "month */5 is uneven: after 11 it waits 2 months, not 5."),
        '"cron", month="*/4", day=1, hour=0, minute=0',
    ),
    (
        "0 9 */2 * *",
        ("uneven-step", "after the 31st it does not wait 2 days"),
        '"interval", days=2, start_date="2026-11-27 09:00:00"',
    ),
    (
        "every 36 hours",
        ("grid", "first on Thursday 26 November 2026 at 12:00"),
        '"interval", hours=36, start_date="2026-11-25 14:00:00"',
    ),
    (
        "every other day",
        ("grid", "first on Thursday 26 November 2026 at 00:00"),
        '"interval", days=2, start_date="2026-11-26 00:00:00"',
    ),
    (
        "cron day_of_week=fri,sun hour=22-2",
        ("night", "Hours 0-2 come before 22,23 on the same day, fri,sun."),
        '"cron", day_of_week="fri,sun", hour="22,23"; "cron", day_of_week="mon,sat", hour="0-2"',
    ),
    (
        "cron day_of_week=1-5 hour=9",
        (
            "numbered-days",
            "1-5 is tue-sat here, where 0 is Monday; in a crontab, where 0 is Sunday,",
        ),
        '"cron", day_of_week="tue-sat", hour=9\n"cron", day_of_week="mon-fri", hour=9',
    ),
]


@pytest.mark.parametrize(
    ("text", "surprise", "fixes"), [(t, r, "\n".join(f)) for t, r, *f in SURPRISES]
)
def test_each_surprise_comes_with_lines_that_mend_it(text, surprise, fixes):
    code, said = surprise
    found = next(one for one in seen(text).surprises if one.code == code)
    assert said in found.text
    assert found.fix == fixes
    for line in found.fix.split("\n"):
        assert code not in [one.code for one in seen(line).surprises], line


def test_an_interval_that_follows_the_wall_fires_at_the_times_it_had():
    (surprise,) = seen("every 90 minutes").surprises
    assert seen(surprise.fix).next == seen("every 90 minutes").next


def test_the_exact_end_of_a_range_is_one_fire_past_the_hour_before():
    (surprise,) = seen("*/15 12-16 * * *").surprises
    assert seen("*/15 12-16 * * *").runs.per_day == 20
    assert seen(surprise.fix).runs.per_day == 17


def test_the_zone_is_said_where_it_is_not_the_projects_own():
    text = "sundays at 2:30 in New York"
    assert 'timezone="America/New_York"' in seen(text).surprises[0].fix
    assert "timezone" not in seen(text, "America/New_York").surprises[0].fix


@pytest.mark.parametrize(
    "text",
    [
        "every 30 minutes from 8:30am to 5:30pm",
        "every 15 minutes from 12pm to 4pm",
        "*/15 * * * *",
        "0 9 * * 1-5",
        "cron day_of_week=0-6 hour=9",
        "0 9 * * *",
        "every 15 minutes",
        "last day of the month at 9",
        "0 9 1-28 * *",
        "0 0,23 * * fri",
        "0 6-18 * * fri",
    ],
)
def test_what_was_thought_of_is_no_surprise(text):
    assert seen(text).surprises == []


def test_a_job_that_takes_longer_than_its_gap_is_remarked_on():
    trigger = joined(parse("every minute"), "UTC")
    (surprise,) = report.surprises(trigger, NOW, timedelta(seconds=90), ZoneInfo("UTC"))
    assert surprise.text == "It usually takes 90 s, and the next is due 60 s after its start."
    assert surprise.fix == '"interval", minutes=1, max_instances=2'


def test_so_many_instances_are_advised_as_are_needed():
    trigger = joined(parse("every 15 seconds"), "UTC")
    zone, usual = ZoneInfo("UTC"), timedelta(seconds=40.0008)
    (surprise,) = report.surprises(trigger, NOW, usual, zone)
    assert surprise.text.startswith("It usually takes 40 s, ")
    assert surprise.fix.endswith("max_instances=3")
    assert report.surprises(trigger, NOW, usual, zone, at_once=3) == []


def test_a_crowd_is_spread_with_a_line_for_each_job():
    jobs = {f"job{n}": joined(parse("cron hour=9 minute=0"), "UTC") for n in range(4)}
    jobs["tick"] = joined(parse("every hour"), "UTC")
    (surprise,) = report.crowded(jobs, NOW, ZoneInfo("UTC"))
    lines = dict(line.split(": ", 1) for line in surprise.fix.split("\n"))
    assert lines == {
        "job1": '"cron", hour=9, minute=12',
        "job2": '"cron", hour=9, minute=24',
        "job3": '"cron", hour=9, minute=36',
        "tick": '"interval", hours=1, jitter=60',
    }
    assert all(parse(line) for line in lines.values())


FIELDS = ("*/7 30 5,35", "*/5 2 0-2 22-2", "* */2 31 29-31", "* 2 */5", "* 1-5 0")
LINES = [" ".join(fields) for fields in product(*(field.split() for field in FIELDS))]


@pytest.mark.parametrize("zone", [BERLIN, "America/Havana", "Australia/Lord_Howe", "UTC"])
def test_whatever_the_fields_no_line_that_mends_brings_the_same_surprise_back(zone):
    for text in LINES[::17]:
        for surprise in preview(parse(text), zone, NOW, rates=False).surprises:
            for line in surprise.fix.split("\n"):
                if line.startswith('"'):
                    mended = preview(parse(line), zone, NOW, rates=False)
                    assert surprise.text not in [one.text for one in mended.surprises], (text, line)


@pytest.mark.parametrize("minutes", [7, 37, 61, 2000])
def test_an_interval_that_divides_no_day_stands_on_a_grid(minutes):
    (found,) = seen(f"interval minutes={minutes}", "UTC").surprises
    assert found.code == "grid" and "fixed grid" in found.text


@pytest.mark.parametrize("minutes", [1, 15, 45, 90, 720])
def test_an_interval_that_divides_the_day_needs_no_word_of_its_grid(minutes):
    assert seen(f"interval minutes={minutes}", "UTC").surprises == []
