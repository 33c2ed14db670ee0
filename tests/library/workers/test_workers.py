"""Worker dynos: the clock claims and enqueues, workers do the runs, the ledger means the same."""

import json
import signal
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.site import GUARD, Site, Webhook
from support.workers import WorkerSite

TICK = """
@sched.scheduled_job("interval", seconds=1)
def tick(scheduled_at):
    note("tick", scheduled_at.isoformat(), os.getpid())
"""


def pids(site: Site) -> set[int]:
    return {int(line.split()[-1]) for line in site.effects()}


def ended(site: Site, job: str) -> list[tuple[str, str | None, int]]:
    """Return how the runs of a job ended, once one has."""
    rows = site.until(lambda: site.rows(f"job_id = '{job}' AND finished_at IS NOT NULL"))
    return [(row.state, row.reason, row.attempt) for row in rows]


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
def test_with_no_worker_runs_wait_and_are_missed_beyond_their_grace(
    workers: WorkerSite, webhook: Webhook
) -> None:
    workers.write(TICK.replace("seconds=1", "seconds=2, catch_up=11"))
    workers.start(ALERT_WEBHOOK_URL=webhook.url)

    missed = workers.until(lambda: workers.rows("state = 'missed'"))

    assert (missed[0].reason, missed[0].started_at) == ("late", None)
    workers.until(lambda: [text for text in webhook.posts if "tick missed 1" in text])
    assert {row.state for row in workers.rows()} <= {"missed", "skipped", "requested"}
    waiting = workers.query(
        "SELECT queueing_lock FROM clockdyno.procrastinate_jobs WHERE status = 'todo'"
    )
    assert len(waiting) <= 1
    assert workers.effects() == []


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


# Says when a process has heard of its stop; what it does then, it does in that moment.
HEARS = """
from clockdyno.clock.process import lifecycle
stop = lifecycle.end_in_time
lifecycle.end_in_time = lambda: (stop(), open("heard", "w").close())
"""
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
def test_a_worker_takes_three_connections_and_a_clock_two(workers: WorkerSite) -> None:
    workers.write(TICK.replace("def tick", "@sched.scheduled_job('interval', seconds=1)\ndef tick"))
    workers.start()
    workers.work()
    workers.until(lambda: len(workers.effects()) > 3)

    count = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    assert workers.query(count + " AND pid <> pg_backend_pid()")[0][0] <= 5


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


@pytest.mark.slow
def test_the_health_page_counts_workers_and_runs_that_wait(
    workers: WorkerSite, tmp_path: Path
) -> None:
    workers.write(TICK.replace("seconds=1", "seconds=5, catch_up=60"))
    workers.start()
    workers.until(lambda: workers.rows("state = 'requested'"))

    code, facts = health(workers)
    assert (code, facts["state"], facts["workers"]) == (503, "stuck", {"up": 0, "waiting": 1})
    assert "python -m clockdyno worker" in facts["reason"]

    workers.work()
    workers.until(workers.effects)
    code, facts = health(workers)
    assert (code, facts["workers"]["up"]) == (200, 1)


ASK = """
import json
from app import create_app
reply = create_app().test_client().get("/clock/health")
print(json.dumps([reply.status_code, reply.json]))
"""


def health(site: WorkerSite) -> tuple[int, dict[str, object]]:
    done = site.python("-c", ASK)
    return tuple(json.loads(done.stdout))


def test_a_run_that_is_offered_again_to_its_own_worker_does_not_begin_twice(
    workers: WorkerSite,
) -> None:
    workers.write(TICK.replace("seconds=1", "hours=5") + "    await_word('end')\n")
    workers.start()
    workers.work()
    workers.until(lambda: "at=job job=tick" in workers.log())
    workers.command("run-now", "tick")
    workers.until(workers.effects)

    # As another worker does when this one's heart has not been heard for a while.
    workers.execute("UPDATE clockdyno.procrastinate_jobs SET status = 'todo', worker_id = NULL")
    waiting = "SELECT FROM clockdyno.procrastinate_jobs WHERE status = 'todo'"
    workers.until(lambda: not workers.query(waiting))
    workers.say("end")

    assert ended(workers, "tick") == [("succeeded", None, 1)]
    assert len(workers.effects()) == 1


TOGETHER = """
from datetime import UTC, datetime
from clockdyno.ledger import database
from clockdyno.workers.records import Records

records = Records(database.connect())
records.register(False)
begun = records._begin_all([({run}, 1), ({run}, 2)])
ends = [(claim, {{"state": "succeeded", "finished_at": datetime.now(UTC)}}) for claim in (
    begun[1]._replace(attempt=1), begun[1])]
print([claim and claim.attempt for claim in begun], records._end_all(ends))
"""


STARTS = """
import asyncio
import types
from clockdyno.workers import worker

now, pauses, held = [0.0], [], [0, 0, 0, 99, 0]

class Worker(worker.Worker):
    def __init__(self):
        heartbeat = types.SimpleNamespace(trouble=lambda error: None)
        self._clock = types.SimpleNamespace(heartbeat=heartbeat)

    def _listen(self, loop, stop):
        self.stop = stop

    async def _enter(self, engine):
        pass

    async def _serve(self, engine):
        now[0] += held[len(pauses)]
        raise OSError

one = Worker()

async def wait(stopped, pause):
    pauses.append(pause)
    return len(pauses) == len(held) and not one.stop.set()

worker.time = types.SimpleNamespace(monotonic=lambda: now[0])
worker._either = wait
asyncio.run(one._live(None))
print(pauses)
"""


def test_a_worker_that_served_for_a_while_starts_anew_after_a_short_pause(
    workers: WorkerSite,
) -> None:
    told = workers.python("-c", STARTS)

    assert told.stdout.strip() == "[0.5, 1.0, 2.0, 0.5, 1.0]", told.stderr


def test_of_two_attempts_offered_at_one_moment_only_the_wanted_one_runs(
    workers: WorkerSite,
) -> None:
    workers.write(TICK.replace("seconds=1", "hours=5"))
    workers.start()
    workers.until(lambda: "at=job job=tick" in workers.log())
    workers.command("run-now", "tick")
    run = workers.until(lambda: workers.rows("due_at IS NULL"))[0]
    workers.execute("UPDATE clockdyno.runs SET attempt = 2")

    told = workers.python("-c", TOGETHER.format(run=run.id))

    assert told.stdout.strip() == "[None, 2] [False, True]", told.stderr


def test_what_is_left_in_the_queue_of_an_attempt_does_not_end_the_next_one(
    workers: WorkerSite,
) -> None:
    workers.write(TICK.replace("seconds=1", 'seconds=2, on_lost="rerun"'))
    clock = workers.start()
    run = workers.until(lambda: workers.rows("state = 'requested'"))[0]
    clock.kill()
    clock.wait()
    # As after a worker that died: its run was lost, and is wanted a second time.
    workers.execute("UPDATE clockdyno.runs SET attempt = 2 WHERE id = :run", run=run.id)
    workers.until(lambda: workers.rows("scheduled_at < now() - interval '3 seconds'"))

    workers.work()
    workers.until(lambda: not workers.query("SELECT FROM clockdyno.procrastinate_jobs"))

    left = workers.rows(f"id = {run.id}")[0]
    assert (left.state, left.attempt) == ("requested", 2)


def test_what_is_asked_for_by_hand_waits_for_a_worker_beyond_the_grace(
    workers: WorkerSite,
) -> None:
    workers.write(TICK.replace("seconds=1", "hours=5, misfire_grace_time=1"))
    workers.start()
    workers.until(lambda: "at=job job=tick" in workers.log())
    workers.command("run-now", "tick")
    workers.until(lambda: workers.query("SELECT FROM clockdyno.procrastinate_jobs"))
    workers.execute("UPDATE clockdyno.runs SET scheduled_at = scheduled_at - interval '2 seconds'")

    workers.work()

    assert ended(workers, "tick") == [("succeeded", None, 1)]


def test_what_is_asked_for_by_hand_does_not_wait_for_ever(workers: WorkerSite) -> None:
    workers.write(TICK.replace("seconds=1", "hours=5"))
    workers.start()
    workers.until(lambda: "at=job job=tick" in workers.log())
    workers.command("run-now", "tick")
    workers.until(lambda: workers.query("SELECT FROM clockdyno.procrastinate_jobs"))

    workers.execute("UPDATE clockdyno.runs SET scheduled_at = scheduled_at - interval '3 days'")

    assert ended(workers, "tick") == [("missed", "late", 1)]
    assert workers.query("SELECT FROM clockdyno.procrastinate_jobs") == []


def test_what_waits_is_not_said_to_go_on(workers: WorkerSite) -> None:
    workers.write(TICK.replace("seconds=1", "seconds=1, catch_up=60"))
    workers.start()

    skipped = workers.until(lambda: workers.rows("state = 'skipped'"))

    assert {row.reason for row in skipped} == {"waiting"}
    assert "state=skipped reason=waiting" in workers.log()


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


@pytest.mark.slow
def test_what_fell_out_of_the_queue_is_enqueued_again(workers: WorkerSite) -> None:
    workers.write(TICK.replace("seconds=1", "hours=5"))
    workers.start()
    workers.until(lambda: "at=job job=tick" in workers.log())
    workers.command("run-now", "tick")
    workers.until(lambda: workers.query("SELECT FROM clockdyno.procrastinate_jobs"))
    workers.execute("DELETE FROM clockdyno.procrastinate_jobs")
    workers.execute("UPDATE clockdyno.runs SET scheduled_at = scheduled_at - interval '2 minutes'")

    workers.work()

    assert ended(workers, "tick") == [("succeeded", None, 1)]


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


def test_switched_off_the_clock_does_what_waits_in_the_queue(workers: WorkerSite) -> None:
    workers.write(TICK.replace("seconds=1", "hours=5"))
    clock = workers.start()
    workers.until(lambda: "at=job job=tick" in workers.log())
    workers.command("run-now", "tick")
    workers.until(lambda: workers.rows("due_at IS NULL"))
    assert workers.stop(clock) == 0

    workers.clock = Site.clock
    workers.write(TICK.replace("seconds=1", "hours=5"))
    workers.start()

    assert ended(workers, "tick") == [("succeeded", None, 1)]


def test_of_several_times_that_have_to_wait_the_first_is_not_forgotten(
    workers: WorkerSite,
) -> None:
    job = "seconds=1, coalesce=False, max_instances=9, catch_up=3600"
    workers.write(TICK.replace("seconds=1", job))
    clock = workers.start()
    workers.until(lambda: workers.rows("state = 'requested'"))
    clock.kill()
    clock.wait()
    # A job that the ledger does not know yet has to wait, with all its times.
    last = workers.rows()[-1].scheduled_at
    workers.until(lambda: datetime.now(UTC) > last + timedelta(seconds=2))
    workers.write(FORGET + TICK.replace("seconds=1", job))
    workers.start()

    workers.until(lambda: workers.rows()[-1].scheduled_at > last + timedelta(seconds=3))
    times = [row.scheduled_at for row in workers.rows()]
    assert times == [times[0] + timedelta(seconds=n) for n in range(len(times))]


FORGET = """
from clockdyno.workers import queue_claims
real = queue_claims.settle
def settle(db, me, candidates):
    queue_claims.settle = real
    return queue_claims.Settled([], list(candidates), [])
queue_claims.settle = settle
"""
