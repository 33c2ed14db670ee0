"""All schedules are paused and resumed together, with the jobs: who did it, and what is owed."""

from collections import Counter
from typing import Any

import pytest
import sqlalchemy as sa
from clockdyno import schedules
from clockdyno.ledger import orders, reports, schedule_reports, tables
from clockdyno.ledger import schedules as rows
from support.run_time import RunTime, run_time

__all__ = ["run_time"]

MANY = 30


@pytest.fixture
def clock(run_time: RunTime, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give a clock with a job and schedules, each of which is due every minute."""
    monkeypatch.setattr(rows, "MANY", 7)
    clock = run_time.start()
    clock.ledger.arrive({"job": ""}, run_time.now)
    for n in range(MANY):
        schedules.put(f"k{n}", "work", "every minute", kwargs={"who": str(n)})
    run_time.look()
    return clock


def ran(run_time: RunTime) -> int:
    return run_time.effects.total()


def test_nothing_runs_while_all_are_paused_nor_is_it_caught_up(
    clock: Any, run_time: RunTime
) -> None:
    engine = clock.ledger.engine
    assert orders.pause_all(engine) == MANY + 1
    assert orders.pause_all(engine) == 0
    run_time.wait(300)
    assert ran(run_time) == 0

    assert orders.resume_all(engine) == MANY + 1
    run_time.wait(60)
    assert ran(run_time) == MANY
    assert Counter(row.state for row in run_time.rows()) == {"succeeded": MANY}


def test_what_had_come_due_before_still_runs(clock: Any, run_time: RunTime) -> None:
    run_time.stop(clock)
    run_time.wait(70)
    orders.pause_all(reports.engine())
    run_time.start()
    run_time.wait(300)
    assert ran(run_time) == MANY


def test_a_schedules_page_says_who_paused_it_alone_or_with_all(
    clock: Any, run_time: RunTime
) -> None:
    engine = clock.ledger.engine

    def who(key: str) -> str | None:
        found = schedules.get(key)
        assert found
        with engine.connect() as db:
            job = schedule_reports.job(db, found.job_id)
        assert job and job.paused_at
        return job.paused_by

    alone = schedules.get("k1")
    assert alone and orders.pause(engine, alone.job_id, "ann")
    run_time.wait(1)
    schedules.pause("k2")
    run_time.wait(1)
    orders.pause_all(engine, "bob")
    assert [who(f"k{n}") for n in (1, 2, 3)] == ["ann", None, "bob"]


def test_who_paused_resumed_and_deleted_a_schedule_is_noted(clock: Any, run_time: RunTime) -> None:
    engine = clock.ledger.engine
    found = schedules.get("k3")
    assert found
    job = found.job_id
    for act in (orders.pause, orders.resume, orders.delete):
        assert act(engine, job, "ann")

    with engine.connect() as db:
        noted = db.execute(sa.select(tables.orders).order_by(tables.orders.c.id)).all()
    assert [(row.who, row.what, row.job_id) for row in noted] == [
        ("ann", what, job) for what in ("pause", "resume", "delete")
    ]
