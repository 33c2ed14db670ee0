"""Runs that wait for a worker: for how long, what is said of them, what becomes of them."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.site import Site, Webhook
from support.workers import TICK, WorkerSite, ended


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


@pytest.mark.slow
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
    workers.until(lambda: "state=skipped reason=waiting" in workers.log())


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


@pytest.mark.slow
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
