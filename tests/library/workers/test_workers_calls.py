"""What jobs do with Python itself means on workers what it means on the clock."""

import pytest
from support.calls import AT_STOP, ONCE
from support.workers import WorkerSite

ENDS = """
import multiprocessing, signal

def square(n):
    return n * n

note("imported", os.getpid())

@sched.scheduled_job("interval", seconds=2)
async def fetches():
    note("fetched")

@sched.scheduled_job("interval", seconds=1, timeout=30)
async def fetches_in_child():
    note("child", os.getppid())

@sched.scheduled_job("interval", seconds=2)
def done():
    sys.exit(0)

@sched.scheduled_job("interval", seconds=2)
def refuses():
    sys.exit("no luck")

@sched.scheduled_job("interval", seconds=2)
def crunches():
    with multiprocessing.get_context("fork").Pool(2) as pool:
        pool.map(square, [1, 2, 3])
"""


def test_runs_on_a_worker_have_their_true_ends(workers: WorkerSite) -> None:
    workers.write(ENDS)
    clock, worker = workers.start(), workers.work()
    jobs = ("fetches", "fetches_in_child", "done", "refuses", "crunches")
    for job in jobs:
        which = f"job_id = '{job}' AND finished_at IS NOT NULL AND state <> 'missed'"
        workers.until(lambda which=which: workers.rows(which))
    workers.until(lambda: sum("child" in line for line in workers.effects()) >= 2)
    assert (workers.stop(worker), workers.stop(clock)) == (0, 0)

    ended = {(row.job_id, row.state) for row in workers.rows() if row.started_at}
    good = {(job, "succeeded") for job in jobs if job != "refuses"}
    assert good | {("refuses", "failed")} <= ended
    assert {job for job, state in ended if state in ("failed", "lost")} == {"refuses"}
    (row, *_) = workers.rows("state = 'failed'")
    assert row.error.endswith("SystemExit: no luck") and "fetched" in workers.effects()
    imports = [line for line in workers.effects() if line.startswith("imported")]
    assert len(imports) == 3  # the clock, the worker, and the server of its children


@pytest.mark.slow
def test_what_a_worker_awaits_cleans_up_at_a_stop(workers: WorkerSite) -> None:
    workers.write("if worker:\n    worker.STOP_SECONDS = 1\n" + ONCE + AT_STOP)
    clock, worker = workers.start(), workers.work()
    workers.until(lambda: len(workers.effects()) == 2)
    assert workers.stop(worker) == 0
    assert sorted(workers.effects()[2:]) == [
        *("at exit", "child cleans up", "handler 15", "thread cleans up")
    ]
    assert {row.state for row in workers.rows()} == {"lost"}
    assert workers.stop(clock) == 0
