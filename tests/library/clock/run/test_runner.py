"""What is written and told of one run, beside how it ended."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from apscheduler.events import EVENT_JOB_EXECUTED, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED
from clockdyno import Clock, logs
from clockdyno.clock.run import runner
from clockdyno.ledger.settling import Claim
from support.runs import FIRE, clock_on, raising
from support.site import Site


@pytest.fixture
def clock(on_sqlite: Site, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Give a clock for which it is always one time, and which has started nothing."""
    made = clock_on(on_sqlite)
    monkeypatch.setattr(type(made), "now", lambda _: FIRE)
    return made


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Give what the log was told."""
    lines: list[dict[str, Any]] = []
    monkeypatch.setattr(logs, "event", lambda at, *_, **facts: lines.append({"at": at, **facts}))
    return lines


def heard(clock: Clock, what: int) -> list[Any]:
    """Return what a listener hears from now on."""
    events: list[Any] = []
    clock.add_listener(events.append, what)
    return events


@pytest.mark.parametrize(("attempt", "seconds"), [(1, 10), (2, 20), (3, 40), (4, None)])
def test_the_pause_before_a_further_attempt_doubles_and_after_the_last_there_is_none(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, attempt: int, seconds: int | None
) -> None:
    written: list[dict[str, Any]] = []
    monkeypatch.setattr(clock.ledger, "finish", lambda _, **values: written.append(values) or True)
    failing = raising(ValueError("no luck"))
    job = clock.add_job(failing, "interval", hours=1, id="job", retries=3)
    claim = Claim("won", 1, attempt, clock.ledger.clock_id)
    runner.run(clock, job, clock.options_of(job), claim, FIRE, threading.Event())

    (values,) = written
    due = seconds and FIRE + timedelta(seconds=seconds)
    assert (values["state"], values["reason"], values.get("due_at")) == ("failed", "error", due)
    assert values["finished_at"] == FIRE


def test_what_is_skipped_is_told_to_the_log_and_to_listeners(
    clock: Clock, told: list[dict[str, Any]]
) -> None:
    events = heard(clock, EVENT_JOB_MAX_INSTANCES)
    job = clock.add_job(print, "interval", hours=1, id="job")
    runner.report_skipped(clock, job, FIRE)

    line = {"at": "run", "job": "job", "scheduled_at": FIRE, "state": "skipped"}
    assert told == [{**line, "reason": "overlap"}]
    ((id, times),) = [(event.job_id, event.scheduled_run_times) for event in events]
    assert (id, times) == ("job", [FIRE])


def test_what_was_missed_is_told_once_for_all_its_times(
    clock: Clock, told: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    events, alerts = heard(clock, EVENT_JOB_MISSED), list[Any]()
    monkeypatch.setattr(clock.alerts, "tell", alerts.append)
    job = clock.add_job(print, "interval", hours=1, id="job")
    later = FIRE + timedelta(hours=5)
    rows = [
        {"scheduled_at": FIRE, "count": 5, "reason": "late"},
        {"scheduled_at": later, "count": 1, "reason": "down"},
    ]
    runner.report_missed(clock, job, rows)

    line = {"at": "missed", "job": "job", "scheduled_at": FIRE, "until": later}
    assert told == [{**line, "count": 6, "reason": "down"}]
    assert [event.scheduled_run_time for event in events] == [later]
    assert [(alert.kind, alert.job) for alert in alerts] == [("missed", "job")]
    assert alerts[0].text == f"missed 6 of its times, from {FIRE} to {later} (down)"


def test_an_end_that_comes_too_late_is_told_to_the_log_alone(
    clock: Clock, told: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    events = heard(clock, EVENT_JOB_EXECUTED)
    monkeypatch.setattr(clock.ledger, "finish", lambda _, **values: False)
    job = clock.add_job(divmod, "interval", hours=1, id="job", args=[7, 2])
    claim = Claim("won", 1, 1, clock.ledger.clock_id)
    runner.run(clock, job, clock.options_of(job), claim, FIRE, threading.Event())

    assert [(line["at"], line["state"]) for line in told] == [
        ("run", "running"),
        ("end", "succeeded"),
    ]
    assert told[1]["ignored"] == "declared lost" and events == []
