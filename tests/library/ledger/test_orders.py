"""What people ask for: a run once more, its end, all jobs paused; and who asked."""

from datetime import timedelta
from typing import Any

import pytest
from clockdyno.ledger import attempts, orders, reports, tables
from clockdyno.ledger.settling import Claim
from support.runs import FIRE, clock_on, run_once
from support.site import Site


def fails() -> None:
    raise ValueError("no luck")


def again(site: Site, clock: Any) -> Claim:
    """Take up what is owed, as the heartbeat lets the executor do."""
    (owed,) = clock.ledger.owed()
    found: Claim = clock.ledger.claim("job", owed.scheduled_at, 1, (), owed)
    return found


def test_run_again_is_a_further_attempt_and_keeps_the_old_outcome(site: Site) -> None:
    first = run_once(site, fails)
    assert orders.again(site.engine, first.id, "ann") is None
    assert orders.again(site.engine, first.id) == "it goes on, or is about to"
    clock = clock_on(site)
    claim = again(site, clock)
    assert (claim.outcome, claim.run_id, claim.attempt) == ("won", first.id, 2)
    clock.ledger.finish(claim, state="succeeded", finished_at=FIRE)

    (row,) = site.rows()
    assert (row.state, row.scheduled_at, row.error) == ("succeeded", FIRE, None)
    with site.engine.connect() as db:
        (earlier,) = attempts.of_run(db, row.id)
        (order,) = attempts.asked(db, row.id)
    assert (earlier.attempt, earlier.state) == (1, "failed")
    assert earlier.error == first.error
    assert (order.who, order.what, order.attempt) == ("ann", "again", 1)


def test_a_run_of_a_paused_job_can_be_run_again(on_sqlite: Site) -> None:
    first = run_once(on_sqlite, fails)
    orders.pause(on_sqlite.engine, "job")
    orders.again(on_sqlite.engine, first.id)
    assert again(on_sqlite, clock_on(on_sqlite)).outcome == "won"


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"state": "running"}, "it goes on, or is about to"),
        ({"count": 3}, "its row stands for several times; run its job now instead"),
        ({"job_id": "gone"}, "its job is no longer there"),
    ],
)
def test_what_cannot_run_again_is_refused(on_sqlite: Site, facts: dict[str, Any], why: str) -> None:
    run = run_once(on_sqlite, fails).id
    with on_sqlite.engine.begin() as db:
        db.execute(tables.runs.update().values(**facts))
    assert orders.again(on_sqlite.engine, run) == why
    assert orders.again(on_sqlite.engine, run + 1) == "there is no such run"


def test_old_attempts_outputs_and_orders_go_with_their_run(on_sqlite: Site) -> None:
    first = run_once(on_sqlite, fails)
    orders.again(on_sqlite.engine, first.id)
    clock = clock_on(on_sqlite)
    clock.ledger.finish(again(on_sqlite, clock), state="succeeded", finished_at=FIRE)
    clock.ledger.claim("job", FIRE + timedelta(hours=1), 1)
    assert clock.ledger.prune(clock.now() + timedelta(days=9999)) == 1
    with on_sqlite.engine.connect() as db:
        assert not attempts.of_run(db, first.id) and not attempts.asked(db, first.id)


def test_all_jobs_are_paused_and_resumed_with_who_did_it(site: Site) -> None:
    clock = clock_on(site)
    clock.ledger.arrive({"a": "", "b": "", "c": ""}, FIRE)
    orders.pause(site.engine, "a", "ann")
    assert orders.pause_all(site.engine, "bob") == 2
    with site.engine.connect() as db:
        assert [job.paused_by for job in reports.jobs(db)] == ["ann", "bob", "bob"]
    assert orders.resume_all(site.engine) == 3
    assert orders.resume_all(site.engine) == 0
    with site.engine.connect() as db:
        assert [job.paused_by for job in reports.jobs(db)] == [None] * 3
