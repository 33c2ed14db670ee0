"""What a worker has looked at and not begun is anybody's, whatever happens to that worker."""

import signal
from collections import Counter

import pytest
from support.site import GUARD
from support.workers import HEARS, WorkerSite, pids

# One worker of them waits for a word between its look into the queue and the runs' beginning.
HOLDS = """
if worker and os.environ.get("HOLDS"):
    import sqlalchemy
    from clockdyno.workers import offers, records
    records.LOOK = sqlalchemy.text(str(records.LOOK).replace("10s", "1h"))
    judge = offers.Offers.judge

    def hold(self, rows, me):
        judged = judge(self, rows, me)
        if judged[0]:
            open("held", "w").close()
            await_word("go")
        return judged

    offers.Offers.judge = hold
"""
JOBS = """
def job(n):
    note("begin", n, os.getpid())
    await_word("end")

for n in range({number}):
    sched.add_job(job, "interval", [n], hours=5, id=f"job{{n}}"{more})
"""


def asked_for(site: WorkerSite, number: int, more: str = "") -> None:
    """Start a clock, and let so many runs wait for a worker."""
    site.write(HEARS + HOLDS + JOBS.format(number=number, more=more))
    site.start()
    site.until(lambda: site.log().count("at=job job=") == number)
    for n in range(number):
        site.command("run-now", f"job{n}")
    site.until(lambda: len(site.rows("state = 'requested' AND due_at IS NULL")) == number)


def test_what_a_killed_worker_had_not_begun_begins_on_another_at_once(workers: WorkerSite) -> None:
    asked_for(workers, 4)
    worker = workers.work(HOLDS="1")
    workers.until((workers.folder / "held").exists)

    worker.kill()
    other = workers.work()

    workers.until(lambda: len(workers.effects()) == 4)
    workers.say("end")
    workers.until(lambda: len(workers.rows("state = 'succeeded' AND attempt = 1")) == 4)
    assert pids(workers) == {other.pid}
    assert len(workers.effects()) == 4


def test_a_worker_that_is_told_to_stop_leaves_what_it_has_not_begun(workers: WorkerSite) -> None:
    asked_for(workers, 4)
    worker = workers.work(HOLDS="1")
    workers.until((workers.folder / "held").exists)

    worker.send_signal(signal.SIGTERM)
    workers.until((workers.folder / "heard").exists)
    workers.say("go")

    assert worker.wait(GUARD) == 0
    assert workers.effects() == [] and len(workers.rows("state = 'requested'")) == 4
    other = workers.work()
    workers.say("end")
    workers.until(lambda: len(workers.rows("state = 'succeeded' AND attempt = 1")) == 4)
    assert pids(workers) == {other.pid}


@pytest.mark.slow
def test_a_worker_takes_no_more_than_it_does_at_once_and_leaves_the_rest_to_others(
    workers: WorkerSite,
) -> None:
    asked_for(workers, 7)
    first = workers.work(WORKER_CONCURRENCY="4")
    workers.until(lambda: len(workers.effects()) == 4)
    second = workers.work(WORKER_CONCURRENCY="4")

    workers.until(lambda: len(workers.effects()) == 7)

    begun = Counter(int(line.split()[-1]) for line in workers.effects())
    assert begun == {first.pid: 4, second.pid: 3}


@pytest.mark.slow
def test_what_one_worker_has_no_child_for_another_one_begins(workers: WorkerSite) -> None:
    asked_for(workers, 6, ", timeout=30")
    workers.work()
    workers.until(lambda: "at=full children=4" in workers.log())
    workers.until(lambda: len(workers.effects()) == 4)

    workers.work()

    workers.until(lambda: len(workers.effects()) == 6)


@pytest.mark.slow
def test_what_one_worker_looks_at_does_not_hold_up_another(workers: WorkerSite) -> None:
    asked_for(workers, 4)
    slow = workers.work(HOLDS="1", WORKER_CONCURRENCY="2")
    workers.until((workers.folder / "held").exists)
    quick = workers.work(WORKER_CONCURRENCY="4")
    workers.until(workers.effects)

    workers.say("go")

    workers.until(lambda: len(workers.effects()) == 4)
    assert pids(workers) == {slow.pid, quick.pid}
