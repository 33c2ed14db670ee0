"""The clock for users' tests: its time moves when told, and the rest is the real thing."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from clockdyno import Clock, testing
from flask import Flask, current_app


@pytest.fixture
def sched(monkeypatch: pytest.MonkeyPatch) -> Clock:
    # Nothing that a machine is told reaches the fake: neither this database nor that address.
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    monkeypatch.setenv("ALERT_WEBHOOK_URL", "http://127.0.0.1:1/")
    monkeypatch.setenv("CLOCK_PAUSED", "1")
    return Clock(timezone="Europe/Berlin")


def failing(times: int) -> Callable[[], None]:
    """Return a function that fails so many times."""
    left = [times]

    def fetch() -> None:
        if left[0]:
            left[0] -= 1
            raise ValueError("no prices")

    return fetch


def nothing() -> None:
    pass


def test_a_job_runs_when_its_time_comes_and_not_before(sched: Clock) -> None:
    sched.add_job(nothing, "cron", id="report", day_of_week="mon-fri", hour=17)

    with testing.clock(sched, at="2027-01-08 16:59") as fake:
        fake.advance(seconds=59)
        assert fake.runs == []
        fake.advance(seconds=1)
        assert fake.runs == [("report", "2027-01-08 17:00", "succeeded")]
        fake.advance(days=3)

    assert [run.at for run in fake.runs] == ["2027-01-08 17:00", "2027-01-11 17:00"]
    assert fake.now.isoformat() == "2027-01-11T17:00:00+01:00"


def test_a_failure_is_tried_again_as_long_as_the_job_says(sched: Clock) -> None:
    sched.add_job(failing(2), "cron", id="fetch", hour=9, retries=2)

    with testing.clock(sched, at="2027-01-04 08:59") as fake:
        fake.advance(minutes=1, seconds=29)
        assert fake.runs == [("fetch", "2027-01-04 09:00", "failed")]
        fake.advance(seconds=1)

    assert fake.runs == [("fetch", "2027-01-04 09:00", "succeeded")]
    assert fake.attempts == [
        ("fetch", "2027-01-04 09:00", "ValueError: no prices"),
        ("fetch", "2027-01-04 09:00:10", "ValueError: no prices"),
        ("fetch", "2027-01-04 09:00:30", "succeeded"),
    ]
    assert fake.alerts == []


def test_the_last_failure_is_told_to_the_test_alone(sched: Clock) -> None:
    sched.add_job(failing(9), "cron", id="fetch", hour=9, retries=1)

    with testing.clock(sched, at="2027-01-04 08:59") as fake:
        fake.advance(hours=1)

    assert fake.runs == [("fetch", "2027-01-04 09:00", "failed")]
    assert len(fake.attempts) == 2
    assert fake.alerts == ["fetch failed: ValueError: no prices"]


def test_what_was_missed_is_caught_up_within_its_grace(sched: Clock) -> None:
    sched.add_job(nothing, "cron", id="daily", hour=9)
    sched.add_job(nothing, "cron", id="strict", hour=9, catch_up=60)
    sched.add_job(nothing, "interval", id="often", hours=1)

    with testing.clock(sched, at="2027-01-04 08:30") as fake:
        fake.down(hours=2)

    assert fake.runs == [
        ("daily", "2027-01-04 09:00", "succeeded"),
        ("often", "2027-01-04 09:00", "missed (coalesced)"),
        ("strict", "2027-01-04 09:00", "missed (late)"),
        ("often", "2027-01-04 10:00", "succeeded"),
    ]
    assert {attempt.at for attempt in fake.attempts} == {"2027-01-04 10:30"}


def test_what_ran_before_a_restart_does_not_run_again(sched: Clock) -> None:
    sched.add_job(nothing, "date", id="once", run_date="2027-01-04 09:00")
    sched.add_job(nothing, id="boot", next_run_time=datetime.now(UTC))

    with testing.clock(sched, at="2027-01-04 08:59") as fake:
        fake.advance(minutes=2)
        fake.down(minutes=1)

    assert [attempt.job for attempt in fake.attempts] == ["boot", "once", "boot"]


def test_daylight_saving_is_decided_as_on_the_real_clock(sched: Clock) -> None:
    sched.add_job(nothing, "cron", id="nightly", hour=2, minute=30)
    sched.add_job(nothing, "cron", id="hourly", minute=30)

    with testing.clock(sched, at="2027-03-27 23:59") as fake:
        fake.advance(hours=4)
        assert ("nightly", "2027-03-28 03:00", "succeeded") in fake.runs
    with testing.clock(sched, at="2027-10-31 01:59") as fake:
        fake.advance(hours=2)
        repeated = [run.at for run in fake.runs if run.job == "hourly"]

    assert repeated == ["2027-10-31 02:30 CEST", "2027-10-31 02:30 CET"]


def test_the_time_may_be_given_in_any_zone(sched: Clock) -> None:
    sched.add_job(nothing, "cron", id="report", hour=17)
    begin = datetime(2027, 1, 4, 15, 59, tzinfo=UTC)

    for at, zone in ((begin, "Asia/Tokyo"), ("2027-01-05 00:59", "Asia/Tokyo")):
        with testing.clock(sched, at=at, timezone=zone) as fake:
            fake.advance(minutes=1)
        assert fake.runs == [("report", "2027-01-05 01:00", "succeeded")]


def test_each_call_gets_what_a_real_one_gets(sched: Clock) -> None:
    got: list[Any] = []

    async def later(name: str, scheduled_at: datetime) -> None:
        got.append((name, scheduled_at, current_app.name))

    sched = Clock(timezone="UTC", app=Flask("shop"))
    sched.add_job(later, "interval", minutes=5, jitter=60, args=["x"], timeout=5)

    with testing.clock(sched, at="2027-01-04 00:01") as fake:
        fake.advance(minutes=5)

    assert got == [("x", datetime(2027, 1, 4, 0, 5, tzinfo=UTC), "shop")]
    assert "2027-01-04 00:05:" in fake.attempts[0].at  # the jitter


def test_neither_the_scheduler_nor_the_process_is_changed(sched: Clock) -> None:
    sched.add_job(nothing, "cron", id="report", hour=17)
    before = (threading.active_count(), sched.state, [str(job) for job in sched.get_jobs()])

    for _ in range(2):
        with testing.clock(sched, at="2027-01-04 16:00") as fake:
            fake.advance(hours=2)
            during = threading.active_count()
        assert len(fake.runs) == 1

    assert during == before[0]
    after = (threading.active_count(), sched.state, [str(job) for job in sched.get_jobs()])
    assert after == before


def test_time_only_goes_on(sched: Clock) -> None:
    with testing.clock(sched, at="2027-01-04 16:00") as fake:
        with pytest.raises(ValueError, match="time only goes on"):
            fake.advance(minutes=-1)
        with pytest.raises(ValueError, match="time only goes on"):
            fake.down(minutes=-1)
