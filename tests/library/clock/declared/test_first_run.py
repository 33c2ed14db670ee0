"""What may surprise about when a job begins."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger
from clockdyno import Clock
from clockdyno.clock.declared import first_run


def told(trigger: Any, **given: Any) -> list[tuple[str, str, str]]:
    clock = Clock(timezone="UTC")
    job = clock.add_job(print, trigger, id="job", **given)
    return [(s.code, s.text, s.fix) for s in first_run.surprises(clock, job)]


def test_a_job_that_waits_for_its_time_surprises_nobody() -> None:
    assert told("interval", hours=1) == []
    assert told("interval", hours=1, next_run_time=datetime.now(UTC) + timedelta(days=1)) == []


def test_a_job_that_is_paused_in_the_file_says_so() -> None:
    ((code, text, fix),) = told("interval", hours=1, next_run_time=None)

    assert (code, fix) == ("paused", "")
    assert text.startswith("It is paused in jobs.py: it does not run until")


@pytest.mark.parametrize(
    "trigger", ["interval", OrTrigger([DateTrigger(), IntervalTrigger(hours=1)])]
)
def test_a_job_that_also_runs_at_each_start_says_how_it_runs_without(trigger: Any) -> None:
    hourly = {"hours": 1, "next_run_time": datetime.now(UTC)}
    ((code, text, fix),) = told(trigger, **(hourly if trigger == "interval" else {}))

    assert code == "at-start" and text.startswith("It runs at each start of the clock")
    assert text.endswith("What a restart missed is caught up without that.")
    assert fix == '"interval", hours=1'


def test_a_job_that_only_runs_at_each_start_says_so() -> None:
    ((code, text, fix),) = told(None)

    assert (code, text, fix) == ("at-start", first_run.AT_START, "")
