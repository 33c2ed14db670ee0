"""Workers stopped, killed or without a database in the middle of a run, and what follows."""

import signal
from collections import Counter

import pytest
from support.site import GUARD
from support.workers import HEARS, TICK, WorkerSite

LONG = """
@sched.scheduled_job("interval", seconds=2, max_instances=3, on_lost="{on_lost}", catch_up=60)
def long(scheduled_at):
    note("begin", scheduled_at.isoformat())
    time.sleep({seconds})
    note("end", scheduled_at.isoformat())
"""


@pytest.mark.slow
@pytest.mark.parametrize("on_lost", ["report", "rerun"])
def test_a_run_whose_worker_was_killed_is_lost_and_run_again_only_if_it_says_so(
    workers: WorkerSite, on_lost: str
) -> None:
    workers.write(LONG.format(seconds=2, on_lost=on_lost).replace("max_instances=3, ", ""))
    workers.start()
    worker = workers.work()
    workers.until(workers.effects)
    worker.kill()
    workers.work()

    begun = workers.effects()[0]
    run = workers.until(lambda: workers.rows("state = 'lost' OR attempt = 2"))[0]
    if on_lost == "rerun":
        workers.until(lambda: workers.rows("attempt = 2 AND state = 'succeeded'"))
    else:
        workers.until(lambda: len(workers.rows("state = 'succeeded'")) > 1)

    assert begun.endswith(run.scheduled_at.isoformat())
    assert workers.effects().count(begun) == (2 if on_lost == "rerun" else 1)


def test_a_short_run_ends_through_a_deploy_and_a_second_sigterm_changes_nothing(
    workers: WorkerSite,
) -> None:
    long = LONG.format(seconds="", on_lost="report").replace("time.sleep()", 'await_word("end")')
    workers.write(HEARS + long)
    workers.start()
    worker = workers.work()
    workers.until(workers.effects)

    worker.send_signal(signal.SIGTERM)
    worker.send_signal(signal.SIGTERM)
    workers.until((workers.folder / "heard").exists)
    workers.say("end")
    workers.until(lambda: [line for line in workers.effects() if line.startswith("end")])

    assert worker.wait(GUARD) == 0
    counted = Counter(line.split()[0] for line in workers.effects())
    assert counted["begin"] == counted["end"]
    assert workers.rows("state IN ('running', 'lost')") == []


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("on_lost", ["report", "rerun"])
def test_a_minute_long_run_is_lost_in_a_deploy_and_run_again_only_if_it_says_so(
    workers: WorkerSite, on_lost: str
) -> None:
    workers.write(LONG.format(seconds=1000, on_lost=on_lost).replace("seconds=2", "hours=1"))
    workers.start()
    worker = workers.work()
    workers.until(lambda: "at=job job=long" in workers.log())
    assert workers.command("run-now", "long").returncode == 0
    workers.until(workers.effects)

    # The new worker starts while the old one stops.
    fresh = workers.work()
    assert workers.stop(worker) == 0

    row = workers.rows()[0]
    if on_lost == "rerun":
        workers.until(lambda: len(workers.effects()) == 2)
        assert workers.rows()[0].attempt == 2
    else:
        assert (row.state, row.reason) == ("lost", "stopped")
    fresh.kill()


def test_a_database_that_goes_away_is_waited_for(
    workers: WorkerSite, request: pytest.FixtureRequest
) -> None:
    postgres = request.getfixturevalue("postgres")
    workers.write(TICK)
    workers.start()
    worker = workers.work()
    workers.until(workers.effects)

    postgres.kill()
    try:
        workers.until(lambda: "at=database state=away" in workers.log())
    finally:
        postgres.start()
    before = len(workers.effects())
    workers.until(lambda: len(workers.effects()) > before + 1)

    assert worker.poll() is None
    assert set(Counter(workers.effects()).values()) == {1}


@pytest.mark.slow
def test_what_waits_for_a_child_when_its_worker_stops_begins_on_another(
    workers: WorkerSite,
) -> None:
    job = "@sched.scheduled_job('interval', hours=5, timeout=30, id='job{n}')\ndef job{n}():\n"
    job += "    note('begin', {n})\n    await_word('end')\n"
    workers.write(HEARS + "\n".join(job.format(n=n) for n in range(6)))
    workers.start()
    workers.until(lambda: workers.log().count("at=job job=") == 6)
    for n in range(6):
        workers.command("run-now", f"job{n}")
    workers.until(lambda: len(workers.rows("due_at IS NULL")) == 6)
    worker = workers.work()
    workers.until(lambda: len(workers.effects()) == 4)
    workers.until(lambda: "at=full children=4" in workers.log())

    worker.terminate()
    workers.until((workers.folder / "heard").exists)
    workers.say("end")
    assert worker.wait(GUARD) == 0
    assert len(workers.effects()) == 4
    assert len(workers.rows("state = 'requested'")) == 2
    workers.work()

    workers.until(lambda: len(workers.rows("state = 'succeeded'")) == 6)
    assert len(workers.effects()) == 6


def test_a_worker_of_a_paused_app_begins_nothing(workers: WorkerSite) -> None:
    workers.write(TICK.replace("seconds=1", "hours=5"))
    workers.start()
    workers.until(lambda: "at=job job=tick" in workers.log())
    workers.command("run-now", "tick")
    workers.until(lambda: workers.rows("due_at IS NULL"))
    paused = workers.work(CLOCK_PAUSED="1")
    workers.until(lambda: "role=worker" in workers.log())

    assert workers.stop(paused) == 0
    assert workers.effects() == [] and workers.rows("state = 'requested'")
