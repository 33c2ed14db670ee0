"""A run that goes on is stopped by hand: where it has a process of its own, or is awaited."""

import asyncio
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from clockdyno import schedules
from clockdyno.clock.declared import options
from clockdyno.clock.process import lifecycle
from clockdyno.clock.run import calling, child, runner
from clockdyno.ledger import orders, tables
from support.run_time import RunTime, run_time
from support.runs import FIRE, clock_on
from support.site import Site
from support.workers import WorkerSite

__all__ = ["run_time"]

notes = list[str]()
tidy = threading.Event()


async def waits() -> None:
    try:
        await asyncio.Event().wait()
    finally:
        notes.append("tidying up")
        await asyncio.to_thread(tidy.wait)
        notes.append("tidied up")


async def ends_all_the_same() -> None:
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        notes.append("and on")


def stopped(site: Site, function: Callable[[], Any], under_way: Any, **given: Any) -> Any:
    """Return the row of a run that was stopped while it went on."""
    notes.clear()
    tidy.clear()
    clock = clock_on(site)
    job = clock.add_job(function, "interval", hours=1, id="job", retries=3, **given)
    clock.ledger.arrive({"job": "trigger"}, FIRE - timedelta(hours=1))
    claim = clock.ledger.claim("job", FIRE, 1)
    told = orders.stop(site.engine, claim.run_id)
    assert told and told.startswith("it shares its process")
    facts = {"timeout": given.get("timeout"), "awaits": options.awaits(function)}
    with site.engine.begin() as db:
        db.execute(tables.jobs.update().values(facts))
    assert orders.stop(site.engine, claim.run_id, "ann") is None

    run = (clock, job, clock.options_of(job), claim, FIRE, threading.Event())
    thread = threading.Thread(target=runner.run, args=run)
    thread.start()
    site.until(under_way)
    lifecycle.end_by_hand(clock)
    site.until(lambda: notes or not thread.is_alive())
    lifecycle.end_by_hand(clock)  # It is looked for every two seconds, and ended once.
    tidy.set()
    thread.join()
    assert orders.stop(site.engine, claim.run_id) == "it does not go on"
    (row,) = site.rows()
    return row


def test_a_run_in_a_child_is_stopped_and_not_tried_again(on_sqlite: Site) -> None:
    # Of no module of the tests, which a child could not import, and would end by itself.
    row = stopped(on_sqlite, time.sleep, child.under_way, timeout=60, args=[1000])
    assert (row.state, row.reason, row.due_at) == ("failed", "ended", None)


@pytest.mark.parametrize("function", [waits, partial(waits)], ids=["function", "partial"])
def test_what_is_awaited_is_cancelled_and_may_tidy_up(
    on_sqlite: Site, function: Callable[[], Any]
) -> None:
    row = stopped(on_sqlite, function, calling.under_way)
    assert (row.state, row.reason, row.due_at) == ("failed", "ended", None)
    assert (row.error, notes) == (calling.ENDED, ["tidying up", "tidied up"])


def test_what_goes_on_after_it_was_cancelled_ends_as_it_ends(on_sqlite: Site) -> None:
    row = stopped(on_sqlite, ends_all_the_same, calling.under_way)
    assert (row.state, row.reason) == ("succeeded", None)


def test_only_one_of_two_runs_of_a_job_is_cancelled() -> None:
    threads = [
        threading.Thread(target=calling.call, args=(ends_all_the_same, (), {}, (n, 1)))
        for n in (1, 2)
    ]
    for thread in threads:
        thread.start()
    while len(calling.under_way()) < len(threads):
        pass
    calling.end((2, 1))
    threads[1].join()
    assert calling.under_way() == [1] and threads[0].is_alive()
    calling.end((1, 1))
    threads[0].join()


@pytest.mark.parametrize(
    ("facts", "can"), [({}, False), ({"timeout": 60}, True)], ids=["thread", "child"]
)
def test_the_task_of_a_schedule_says_whether_its_run_can_be_stopped(
    run_time: RunTime, facts: dict[str, Any], can: bool
) -> None:
    run_time.options = facts
    clock = run_time.start()
    one = schedules.put("k", "work", "every minute", kwargs={"who": "ann"})
    with clock.ledger.engine.execution_options(writes=True).begin() as db:
        row = {"job_id": one.job_id, "scheduled_at": FIRE, "kind": "scheduled", "state": "running"}
        (run,) = db.execute(tables.runs.insert().values(row)).inserted_primary_key or ()
    assert (orders.stop(clock.ledger.engine, run) is None) == can

    schedules.delete("k")
    assert orders.stop(clock.ledger.engine, run) is None


JOBS = """
import asyncio

@sched.task(timeout=600)
def hang(n):
    note("began", n)
    time.sleep(600)

@sched.task
async def wait(n):
    note("began", n)
    try:
        await asyncio.sleep(600)
    finally:
        note("tidied", n)
"""


def test_runs_of_schedules_are_stopped_on_a_worker(
    workers: WorkerSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", workers.url)
    workers.write(JOBS)
    assert workers.command("setup").returncode == 0
    at = datetime.now(UTC) + timedelta(seconds=4)
    with workers.engine.begin() as db:
        for n, task in enumerate(["hang", "wait"]):
            when = f"{at:%Y-%m-%d %H:%M:%S}"
            schedules.put(task, task, when, kwargs={"n": n}, connection=db)
    workers.start()
    worker = workers.work()
    workers.until(lambda: len(workers.effects()) == 2)

    runs = workers.rows("state = 'running'")
    assert [orders.stop(workers.engine, run.id, "ann") for run in runs] == [None, None]

    ended = workers.until(lambda: workers.rows("state = 'failed'")[1:] and workers.rows())
    assert [(run.reason, run.attempt) for run in ended] == [("ended", 1)] * 2
    assert "tidied 1" in workers.effects()
    assert workers.stop(worker) == 0
