"""The preview of schedules: as data and as lines."""

from datetime import UTC, datetime

import pytest
from clockdyno.schedule.rates import Rate
from clockdyno.schedule.surprises.fixes import Surprise
from clockdyno.schedule.typed import parse
from herokuclock.errors import HerokuclockError
from herokuclock.preview import Preview, preview

NOW = datetime(2026, 10, 24, 12, tzinfo=UTC)
ARTICLE = "cron day_of_week=sat-sun hour=12-16 minute=0-59/15 timezone=America/New_York"


def test_the_preview_is_in_the_jobs_own_zone():
    found = preview(parse(ARTICLE), "Europe/Berlin", NOW, 3)
    assert found.zone == "America/New_York"
    assert [str(at) for at in found.next] == [
        "2026-10-24 12:00:00-04:00",
        "2026-10-24 12:15:00-04:00",
        "2026-10-24 12:30:00-04:00",
    ]


def test_the_projects_zone_is_for_a_job_without_one():
    found = preview(parse("cron hour=9"), "Asia/Tokyo", NOW, 1)
    assert found.zone == "Asia/Tokyo"
    assert found.to_json()["next"] == [
        {"at": "2026-10-25T09:00:00+09:00", "utc": "2026-10-25T00:00:00+00:00"}
    ]


def test_json_has_what_the_clock_tells_and_more():
    found = preview(parse("cron hour=9"), "UTC", NOW, 2, job="report", unread=["line 3: x"])
    told = found.to_json()
    assert list(told) == ["job", "zone", "words", "next", "runs", "remarks", "unread", "notes"]
    assert told["job"] == "report"
    assert told["runs"] == {"per_day": 1, "per_week": 7}
    assert told["unread"] == ["line 3: x"]


def test_the_words_and_remarks_are_those_of_the_project():
    surprise = Surprise("code", "It surprises.", "hour=5")
    found = Preview("UTC", "At nine", [], surprises=[surprise])
    assert found.to_json()["remarks"] == [
        {"code": "code", "text": "It surprises.", "fix": "hour=5"}
    ]
    assert found.lines() == ["At nine.", "  No next run.", "! It surprises.", "  hour=5"]


def test_lines_show_utc_beside_local_time_and_its_day_where_it_differs():
    at = [
        datetime.fromisoformat(f"2026-10-{day}T00:30+00:00").astimezone(zone)
        for day, zone in ((24, UTC), (25, UTC))
    ]
    found = Preview("UTC", "Nightly", at, Rate(1, 7, "1 run a day"))
    assert found.lines("  ") == [
        "  Nightly.",
        "  1 run a day.",
        "    Sat 24 Oct 2026  00:30 UTC",
        "    Sun 25 Oct 2026  00:30 UTC",
    ]
    tokyo = preview(parse("cron hour=8"), "Asia/Tokyo", NOW, 1).lines()
    assert tokyo[-1] == "  Sun 25 Oct 2026  08:00 JST        Sat 24 Oct 23:00 UTC"


def test_the_hour_that_comes_twice_is_told_apart_by_its_zone():
    lines = preview(parse("cron minute=30"), "Europe/Berlin", NOW, 20).lines()
    twice = [line.split("  ")[2] for line in lines if "  02:30 CE" in line]
    assert twice == ["02:30 CEST", "02:30 CET"]


def test_long_text_is_wrapped_to_the_terminal():
    surprise = Surprise("code", "word " * 60, "x" * 100)
    unread = ["line 3: " + "y " * 60]
    lines = Preview("UTC", "word " * 60 + "end", [], None, [surprise], unread=unread).lines("    ")
    assert all(len(line) <= 80 or line == " " * 6 + "x" * 100 for line in lines)


def test_a_job_that_never_runs_has_no_next_run():
    found = preview(parse("cron month=2 day=30"), "UTC", NOW)
    assert found.next == []
    assert found.lines()[1:2] == ["  No next run."]
    past = preview(parse("cron hour=1 end_date=2020-01-01"), "UTC", NOW)
    assert "  No next run." in past.lines()


def test_an_unknown_zone_is_refused():
    with pytest.raises(HerokuclockError, match="'Mars/Base' is not a time zone"):
        preview(parse("cron hour=1"), "Mars/Base", NOW)
