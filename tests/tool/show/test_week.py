"""A week as a picture: of text for the terminal, of SVG for a page."""

import re
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree

import pytest
from clockdyno.schedule.typed import parse
from herokuclock.preview import joined
from herokuclock.show.week import Lane, Week, lane, lane_of, text
from herokuclock.show.week_svg import svg

SVG = "{http://www.w3.org/2000/svg}"


def week(zone, first, **jobs):
    lanes = [
        lane(name, "words", joined(parse(when), zone), zone, first) for name, when in jobs.items()
    ]
    return Week(zone, first, lanes)


def row(lines, day):
    (found,) = [line for line in lines if line.startswith(day)]
    return dict(enumerate(found[8:].split()))


def test_one_jobs_runs_are_counted_hour_by_hour():
    lines = text(
        week("UTC", date(2026, 11, 23), digest="cron day_of_week=sat hour=12-13 minute=*/15")
    )
    assert lines[0] == "23 to 29 November 2026, UTC"
    assert row(lines, "Sat 28") == dict.fromkeys(range(24), ".") | {12: "4", 13: "4"}
    assert set(row(lines, "Fri 27").values()) == {"."}
    assert "digest: words." in lines
    assert "A number is the runs in that hour." in lines


def test_several_jobs_have_letters_and_many_in_one_hour_a_number():
    jobs = {"one": "cron hour=9", "two": "cron hour=9,10", "three": "cron hour=9 day_of_week=mon"}
    lines = text(week("UTC", date(2026, 11, 23), **jobs))
    assert row(lines, "Mon 23")[9] == "3"
    assert row(lines, "Tue 24")[9] == "ab"
    assert row(lines, "Tue 24")[10] == "b"
    assert "a  one    words" in lines
    assert "A number is so many jobs in that hour." in lines


def test_a_job_of_every_hour_stands_below_the_picture():
    lines = text(week("UTC", date(2026, 11, 23), tick="cron minute=*/5", report="cron hour=9"))
    assert row(lines, "Mon 23") == dict.fromkeys(range(24), ".") | {9: "a"}
    assert "   tick    every hour: words" in lines


@pytest.mark.parametrize("first", [date(2026, 3, 23), date(2026, 3, 29), date(2026, 10, 25)])
def test_a_job_of_every_hour_is_one_in_a_week_with_a_change_too(first):
    lines = text(week("Europe/Berlin", first, tick="cron minute=0", report="cron hour=9"))
    assert "   tick    every hour: words" in lines


def test_more_than_one_run_a_minute_is_not_counted():
    lines = text(week("UTC", date(2026, 11, 23), tick="cron second=*/10 hour=9"))
    assert row(lines, "Mon 23")[9] == "++"
    assert "++ is more than one run a minute." in lines


def test_the_hour_that_is_skipped_is_marked():
    lines = text(week("Europe/Berlin", date(2026, 3, 23), backup="cron hour=2 minute=30"))
    assert row(lines, "Sat 28")[2] == "1"
    assert row(lines, "Sun 29*")[2] == "--"
    assert row(lines, "Sun 29*")[3] == "1"
    assert "* Sunday 29 March: 02:00 to 03:00 is skipped." in lines


def test_the_hour_that_comes_twice_is_marked():
    lines = text(week("America/New_York", date(2026, 10, 31), tick="cron minute=0,30"))
    assert row(lines, "Sun  1*")[1] == "4"
    assert row(lines, "Sun  1*")[0] == "2"
    assert "* Sunday 1 November: 01:00 to 02:00 comes twice." in lines


@pytest.mark.parametrize(
    ("zone", "day", "words"),
    [
        ("Australia/Lord_Howe", date(2026, 4, 5), "Sunday 5 April: 01:30 to 02:00 comes twice"),
        ("America/Havana", date(2026, 3, 8), "Sunday 8 March: 00:00 to 01:00 is skipped"),
        ("America/Santiago", date(2026, 4, 4), "Saturday 4 April: 23:00 to 00:00 comes twice"),
        ("Africa/Cairo", date(2026, 4, 24), "Friday 24 April: 00:00 to 01:00 is skipped"),
        ("Asia/Kolkata", date(2026, 4, 24), None),
    ],
)
def test_a_change_is_found_wherever_it_is_in_the_day(zone, day, words):
    found = [change.words for change in Week(zone, day, []).changes]
    assert found == ([words] if words else [])


@pytest.mark.parametrize(
    ("first", "title"),
    [
        (date(2026, 11, 23), "23 to 29 November 2026, UTC"),
        (date(2026, 11, 28), "28 November to 4 December 2026, UTC"),
        (date(2026, 12, 28), "28 December 2026 to 3 January 2027, UTC"),
    ],
)
def test_the_title_says_which_week(first, title):
    assert Week("UTC", first, []).title == title


def test_the_picture_fits_the_terminal():
    lanes = [
        Lane(f"job_{n}" + "x" * 50, "words " * 30, [datetime(2026, 11, 23, n)]) for n in range(9)
    ]
    lines = text(Week("America/Argentina/ComodRivadavia", date(2026, 11, 23), lanes))
    assert max(map(len, lines)) <= 80
    assert all(line.isascii() for line in lines)


@pytest.mark.parametrize(
    ("width", "blocks"), [(80, 1), (79, 1), (78, 2), (60, 2), (31, 3), (20, 4)]
)
def test_a_narrow_terminal_gets_the_parts_of_the_day_one_below_the_other(width, blocks):
    jobs = {"report": "cron hour=9", "mail": "cron hour=21 day_of_week=mon"}
    lines = text(week("UTC", date(2026, 11, 23), **jobs), width)
    days = [line for line in lines if line.startswith("Mon 23")]
    assert len(days) == blocks
    assert [cell for day in days for cell in day[8:].split()] == [
        {9: "a", 21: "b"}.get(hour, ".") for hour in range(24)
    ]
    assert all(len(line) <= max(width, 26) for line in lines[1:])


def test_an_empty_week_says_so():
    assert text(Week("UTC", date(2026, 11, 23), []))[-1] == "No job runs in this week."
    assert "No job runs in this week." in svg(Week("UTC", date(2026, 11, 23), []))


def test_fires_found_by_the_clock_make_the_same_lane():
    trigger = joined(parse("cron hour=*/5 minute=10"), "Europe/Berlin")
    first, at, fires = date(2026, 10, 24), datetime(2026, 10, 20, tzinfo=UTC), []
    while at < datetime(2026, 11, 3, tzinfo=UTC):
        at = trigger.get_next_fire_time(None, at)
        fires.append(at)
        at += timedelta(seconds=1)
    followed = lane("job", "words", trigger, "Europe/Berlin", first)
    assert lane_of("job", "words", fires, "Europe/Berlin", first).minutes == followed.minutes
    assert len(followed.minutes) == 35


def test_the_svg_is_well_formed_and_tells_everything_in_words():
    first = date(2026, 3, 23)
    root = ElementTree.fromstring(
        svg(week("Europe/Berlin", first, report="cron hour=9", mail="cron hour=10 day_of_week=mon"))
    )
    assert root.get("role") == "img"
    ids = {child.get("id"): child.text for child in root}
    assert [name in ids for name in root.get("aria-labelledby").split()] == [True, True]
    assert ids["title"] == "When the jobs run, 23 to 29 March 2026, Berlin time"
    assert ids["desc"] == (
        "report: words. mail: words. Sunday 29 March: 02:00 to 03:00 is skipped."
    )
    runs = [
        path.find(f"{SVG}title").text
        for path in root.iter(f"{SVG}path")
        if path.find(f"{SVG}title") is not None
    ]
    assert "report, Monday: 09:00" in runs
    assert "mail, Monday: 10:00" in runs
    assert len([run for run in runs if run]) == 8


def test_the_svg_needs_nothing_from_elsewhere():
    text = svg(week("UTC", date(2026, 3, 23), report="cron hour=9"))
    assert "prefers-color-scheme: dark" in text
    assert re.findall("(?:href|src|url|@import|<script)", text) == []
    assert re.findall("https?://[^\"']*", text) == ["http://www.w3.org/2000/svg"]


def test_hostile_text_stays_text_in_the_svg():
    hostile = "<script>alert(1)</script> & \"x\" 'y' \x00\x1b]0; {{7*7}} \N{RIGHT-TO-LEFT OVERRIDE}"
    found = svg(
        Week("UTC", date(2026, 3, 23), [Lane(hostile, hostile, [datetime(2026, 3, 23, 5)])])
    )
    root = ElementTree.fromstring(found)
    assert [element for element in root.iter() if "script" in element.tag] == []
    assert "\x1b" not in found


@pytest.mark.parametrize("jobs", [1, 6, 7, 40])
def test_all_of_the_svg_is_inside_its_frame(jobs):
    lanes = [
        Lane(f"job{n}", "words", [datetime(2026, 3, 29, 23, 59), datetime(2026, 3, 23)])
        for n in range(jobs)
    ]
    root = ElementTree.fromstring(svg(Week("Europe/Berlin", date(2026, 3, 23), lanes)))
    width, height = float(root.get("width")), float(root.get("height"))
    for element in root.iter():
        assert float(element.get("y", 0)) + float(element.get("height", 0)) <= height
        assert float(element.get("x", 0)) <= width
        for x, y in re.findall(r"M([\d.]+) ([\d.]+)", element.get("d", "")):
            assert float(x) <= width
            assert float(y) <= height


def test_a_busy_week_is_drawn_in_time_and_stays_small():
    found = week("UTC", date(2026, 3, 23), **{f"job{n}": "cron second=*/5" for n in range(5)})
    assert len(svg(found)) < 30_000
    assert len(svg(week("UTC", date(2026, 3, 23), tick="cron minute=*/10"))) < 30_000
