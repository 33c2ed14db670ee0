"""Worker dynos: the clock claims and enqueues, workers do the runs, the ledger means the same."""

from pathlib import Path

import pytest
from support.site import Webhook
from support.workers import TICK, WorkerSite, ended, pids


def test_the_clock_claims_and_a_worker_does_the_run(workers: WorkerSite) -> None:
    workers.write(TICK)
    clock, worker = workers.start(), workers.work()

    rows = workers.until(lambda: workers.rows("state = 'succeeded'")[2:])

    assert pids(workers) == {worker.pid}
    assert (workers.stop(clock), workers.stop(worker)) == (0, 0)
    assert len(workers.effects()) == len(workers.rows("state = 'succeeded'")) >= len(rows)
    assert workers.query("SELECT count(*) FROM clockdyno.procrastinate_jobs")[0][0] <= 1
    assert "App is instantiated" not in workers.log()


def test_a_tiny_job_may_stay_on_the_clock(workers: WorkerSite) -> None:
    workers.write(TICK.replace("seconds=1", 'seconds=1, executor="clock"'))
    clock = workers.start()

    workers.until(workers.effects)

    assert pids(workers) == {clock.pid}


def test_a_queue_is_served_by_the_workers_that_name_it(workers: WorkerSite) -> None:
    workers.write(TICK.replace("seconds=1", 'seconds=1, catch_up=60, queue="reports"'))
    workers.start()
    other = workers.work(WORKER_QUEUES="default")
    workers.until(lambda: workers.rows("state = 'requested'"))
    right = workers.work(WORKER_QUEUES="default, reports")

    workers.until(workers.effects)

    assert pids(workers) == {right.pid} != {other.pid}


@pytest.mark.slow
def test_failures_retries_and_timeouts_are_those_of_the_clock(
    workers: WorkerSite, webhook: Webhook
) -> None:
    workers.write(
        """
@sched.scheduled_job("interval", seconds=3, retries=1)
def bad():
    raise ValueError("no luck")

@sched.scheduled_job("interval", seconds=3, timeout=0.5)
def long():
    time.sleep(1000)
"""
    )
    workers.start()
    workers.work(ALERT_WEBHOOK_URL=webhook.url)

    workers.until(lambda: ("failed", "error", 2) in ended(workers, "bad"))
    assert ("failed", "timeout", 1) in ended(workers, "long")
    workers.until(lambda: len(webhook.posts) > 1)
    assert "no luck" in workers.rows("job_id = 'bad'")[0].error


@pytest.mark.slow
def test_runs_overlap_on_no_worker(workers: WorkerSite) -> None:
    workers.write(
        """
@sched.scheduled_job("interval", seconds=1, max_instances=2, catch_up=60)
def slow(scheduled_at):
    note("begin", os.getpid())
    time.sleep(2.5)
    note("end", os.getpid())
"""
    )
    for _ in range(3):
        workers.work()
    workers.start()

    workers.until(lambda: workers.rows("reason IN ('overlap', 'waiting', 'coalesced')"))
    workers.until(lambda: len(workers.effects()) > 6)

    under_way = most = 0
    for line in workers.effects():
        under_way += 1 if line.startswith("begin") else -1
        most = max(most, under_way)
    assert most == 2


def test_what_is_asked_for_by_hand_runs_on_a_worker(workers: WorkerSite) -> None:
    workers.write(TICK.replace("seconds=1", "hours=5"))
    workers.start()
    worker = workers.work()
    workers.until(lambda: "at=job job=tick" in workers.log())

    assert workers.command("run-now", "tick").returncode == 0

    workers.until(workers.effects)
    assert pids(workers) == {worker.pid}
    assert [row.kind for row in workers.rows()] == ["manual"]


@pytest.mark.slow
def test_a_worker_takes_two_connections_and_a_clock_two(workers: WorkerSite) -> None:
    workers.write(TICK.replace("def tick", "@sched.scheduled_job('interval', seconds=1)\ndef tick"))
    workers.start()
    workers.work()
    workers.until(lambda: len(workers.effects()) > 3)

    count = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    assert workers.query(count + " AND pid <> pg_backend_pid()")[0][0] <= 4


@pytest.mark.slow
def test_without_postgresql_the_clock_does_the_runs_itself(tmp_path: Path) -> None:
    site = WorkerSite(tmp_path / "site", f"sqlite:///{tmp_path / 'ledger.sqlite3'}")
    site.write(TICK)
    clock, worker = site.start(), site.work()
    try:
        site.until(site.effects)
        site.until(lambda: "no PostgreSQL" in site.log())

        assert pids(site) == {clock.pid}
        assert site.stop(worker) == 0
    finally:
        site.close()
