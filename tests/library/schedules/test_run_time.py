"""What a clock makes of rows: each due time is one run, whatever happens to the row meanwhile."""

from datetime import timedelta
from typing import Any

import pytest
from clockdyno import schedules
from clockdyno.telling.alerts import Alerts
from clockdyno.telling.pings import Pings
from support.run_time import RunTime, run_time

__all__ = ["run_time"]


def put(key: str = "k", when: str = "every minute", task: str = "work", **more: Any) -> Any:
    return schedules.put(key, task, when, kwargs={"who": key}, **more)


def test_a_schedule_runs_at_each_of_its_times_and_says_whom_it_is_for(run_time: RunTime) -> None:
    run_time.start()
    put()
    run_time.wait(180)

    begun = run_time.now
    assert run_time.effects == {("k", begun - n * timedelta(minutes=1)): 1 for n in range(3)}
    assert {(row.state, row.attempt) for row in run_time.rows()} == {("succeeded", 1)}


def test_what_came_due_while_no_clock_was_there_is_caught_up(run_time: RunTime) -> None:
    run_time.stop(run_time.start())
    job = put().job_id
    run_time.wait(150)
    run_time.start()
    run_time.look()

    assert run_time.times(job) == [(90, "missed"), (30, "succeeded")]


def test_with_no_coalescing_each_of_them_runs_within_its_grace(run_time: RunTime) -> None:
    run_time.options = {"coalesce": False, "catch_up": 100}
    run_time.stop(run_time.start())
    job = put().job_id
    run_time.wait(150)
    run_time.start()
    run_time.look()

    assert run_time.times(job) == [(90, "succeeded"), (30, "succeeded")]


def test_a_changed_schedule_leaves_what_its_old_form_owed_to_the_clock(run_time: RunTime) -> None:
    run_time.stop(run_time.start())
    job = put().job_id
    run_time.wait(70)
    put(when="every 2 minutes")
    run_time.wait(60)
    run_time.start()
    run_time.look()

    assert run_time.times(job) == [(70, "missed"), (10, "succeeded")]


def test_what_was_due_when_it_was_paused_runs_and_nothing_after_it(run_time: RunTime) -> None:
    run_time.stop(run_time.start())
    job = put().job_id
    run_time.wait(70)
    schedules.pause("k")
    run_time.wait(60)
    run_time.start()
    run_time.wait(300)

    assert run_time.times(job) == [(370, "missed")]
    assert schedules.get("k").next_at is None

    schedules.resume("k")
    run_time.wait(60)

    assert run_time.times(job)[1:] == [(10, "succeeded")]


def test_what_was_due_when_it_was_deleted_has_a_row_and_never_runs(run_time: RunTime) -> None:
    run_time.stop(run_time.start())
    job = put().job_id
    run_time.wait(70)
    assert schedules.delete("k")
    assert schedules.get("k") is None
    again = put()
    run_time.wait(30)
    run_time.start()
    run_time.wait(30)

    assert run_time.times(job) == [(70, "skipped")]
    assert run_time.times(again.job_id) == [(10, "succeeded")]
    assert [one.job_id for one in schedules.list()] == [again.job_id]


def test_a_schedule_whose_task_is_gone_waits_is_told_of_once_and_runs_when_it_is_back(
    run_time: RunTime, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level("INFO", "clockdyno")
    run_time.stop(run_time.start("work", "other"))
    put()
    alerts = list[Any]()
    monkeypatch.setenv("DASHBOARD_URL", "https://app/clock")
    monkeypatch.setattr(Alerts, "tell", lambda self, event: alerts.append(event))
    for _ in range(2):
        run_time.stop(run_time.start("other"))
    run_time.wait(61)
    told = [line for line in caplog.messages if "schedules wait for it" in line]
    clock = run_time.start()
    run_time.look()

    assert len(told) == 1
    assert [(event.kind, event.job) for event in alerts] == [("silent-task", "work")]
    assert "task=work schedules=1" in told[0]
    assert alerts[0].link == "https://app/clock/schedules?task=work"
    assert list(run_time.effects) == [("k", run_time.now - timedelta(seconds=1))]
    assert clock.find(schedules.get("k").job_id)


def test_two_clocks_run_each_time_once(run_time: RunTime) -> None:
    run_time.start(), run_time.start()
    for number in range(20):
        put(f"k{number}")
    run_time.wait(120)

    assert len(run_time.effects) == 40
    assert set(run_time.effects.values()) == {1}


def test_a_date_ends_by_itself(run_time: RunTime) -> None:
    run_time.start()
    put(when="on 5 January 2026 at 12:01")
    run_time.wait(300)

    assert len(run_time.effects) == 1
    assert schedules.get("k").next_at is None


def test_a_row_that_cannot_be_read_harms_only_itself(run_time: RunTime) -> None:
    run_time.start()
    put()
    broken = put("broken")
    with run_time.up[0].ledger.engine.execution_options(writes=True).begin() as db:
        db.exec_driver_sql(
            f"UPDATE clockdyno.schedules SET parts = '[]' WHERE job_id = '{broken.job_id}'"
        )
    run_time.wait(60)

    assert [who for who, _ in run_time.effects] == ["k"]


@pytest.mark.parametrize("on_lost", ["report", "rerun"])
def test_a_run_whose_clock_died_is_lost_and_done_again_if_it_says_so(
    run_time: RunTime, on_lost: str
) -> None:
    run_time.options = {"on_lost": on_lost}
    clock = run_time.start()
    job = put().job_id
    run_time.wait(60)
    with clock.ledger.engine.execution_options(writes=True).begin() as db:
        # As it stands when its clock was killed in the midst of it.
        db.exec_driver_sql("UPDATE clockdyno.runs SET state = 'running', clock_id = 999")

    (lost,) = clock.ledger.bury(clock.rerun(), [])

    assert (lost.job_id, lost.reason) == (job, "silent")
    assert (lost.due_at is not None) == (on_lost == "rerun")


def test_every_run_of_a_task_pings_where_its_task_says(
    run_time: RunTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    pinged = list[tuple[str, str]]()
    monkeypatch.setattr(Pings, "run", lambda self, url, job, state, *_: pinged.append((url, state)))
    run_time.options = {"ping": "https://hc-ping.com/of-the-task"}
    run_time.start()
    put()
    run_time.wait(60)

    assert [url for url, _ in pinged] == ["https://hc-ping.com/of-the-task"] * 2


def test_a_run_that_failed_is_tried_again(run_time: RunTime) -> None:
    run_time.options = {"retries": 1}
    run_time.start()
    run_time.effects = None  # type: ignore[assignment]
    job = put().job_id
    run_time.wait(60)
    (failed,) = run_time.rows()
    assert (failed.state, bool(failed.due_at)) == ("failed", True)

    assert run_time.up[0].find(job).kwargs["who"] == "k"
