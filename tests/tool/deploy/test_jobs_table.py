"""The jobs of an app on Heroku: their times, and what is ahead of a clock that does not run."""

from datetime import UTC, datetime
from pathlib import Path

from herokuclock.deploy import jobs_table
from herokuclock.heroku.health import Health, JobState

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
LAST, NEXT = "2026-11-27T11:00:00+00:00", "2026-11-27T16:00:00+00:00"


def table(state: str, zone: str | None, folder: Path) -> list[str]:
    job = JobState("report", "failed", LAST, NEXT, zone)
    return list(jobs_table.lines(Health(state, jobs=[job]), NOW, folder))


def test_times_are_in_the_zone_of_each_job_and_say_how_far_away_they_are(tmp_path: Path) -> None:
    assert table("up", "Europe/Berlin", tmp_path)[2] == (
        "  report  Fri 27 Nov 12:00 CET  failed  Fri 27 Nov 17:00 CET  in 4 h"
    )
    assert "16:00 UTC" in table("up", "Nowhere/Else", tmp_path)[2]


def test_a_clock_that_does_not_run_has_nothing_ahead_of_it(tmp_path: Path) -> None:
    assert table("down", None, tmp_path)[2] == "  report  Fri 27 Nov 11:00 UTC  failed  -"
    assert "Fri 27 Nov 16:00 UTC" in table("paused", None, tmp_path)[2]
