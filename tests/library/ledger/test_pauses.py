"""What was due during a pause is owed nothing, also where it is claimed only after the pause."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from clockdyno.ledger import database, orders
from clockdyno.ledger.claims import Ledger
from clockdyno.ledger.settling import Claim, Wanted
from clockdyno.workers import queue_claims
from clockdyno.workers.queue_claims import Candidate
from support.site import Site

START = datetime(2027, 1, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def ledger(site: Site, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """Give a clock's ledger with a job that was paused for four hours, and then resumed."""
    made = registered(site)
    made.arrive({"job": "trigger", "other": "trigger"}, START)
    for hours, steer in ((1.5, orders.pause), (5.5, orders.resume)):
        monkeypatch.setattr(orders, "_now", lambda hours=hours: START + hours * HOUR)
        assert steer(made.engine, "job")
    monkeypatch.undo()
    return made


def registered(site: Site) -> Ledger:
    database.set_up(site.engine)
    made = Ledger(site.engine)
    made.register(paused=False)
    return made


def missed(*hours: int) -> list[dict[str, Any]]:
    facts = {"job_id": "job", "count": 1, "reason": "coalesced"}
    return [{**facts, "scheduled_at": START + n * HOUR} for n in hours]


def rows(site: Site) -> list[tuple[str, float, str]]:
    return [
        (row.job_id, (row.scheduled_at - START) / HOUR, row.state)
        for row in sorted(site.rows(), key=lambda row: (row.job_id, row.scheduled_at))
    ]


def test_a_fire_of_the_pause_that_is_claimed_after_it_leaves_no_row(
    ledger: Ledger, site: Site
) -> None:
    assert ledger.claim("job", START + 5 * HOUR, 1, missed(2, 3, 4)).outcome == "paused"
    assert ledger.claim("job", None, 1, missed(2, 3, 4)).outcome == "paused"
    assert rows(site) == []
    assert ledger.claim("other", START + 5 * HOUR, 1).outcome == "won"
    assert ledger.claim("job", START + 6 * HOUR, 1).outcome == "won"


def test_what_came_due_after_it_is_written_without_what_came_before(
    ledger: Ledger, site: Site
) -> None:
    claim = ledger.claim("job", START + 7 * HOUR, 1, missed(4, 5, 6))

    assert (claim.outcome, claim.resumed) == ("won", START + 5.5 * HOUR)
    assert rows(site) == [("job", 6, "missed"), ("job", 7, "running")]


def test_a_batch_settles_each_by_itself(ledger: Ledger, site: Site) -> None:
    fires = [("job", 5), ("other", 5), ("job", 6), ("other", 4)]
    claims = ledger._claim_all([Wanted(job, START + n * HOUR, 9) for job, n in fires])

    assert [claim.outcome for claim in claims] == ["paused", "won", "won", "won"]
    assert rows(site) == [("job", 6, "running"), ("other", 4, "running"), ("other", 5, "running")]


def test_a_run_that_was_asked_for_during_the_pause_still_goes(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders, "_now", lambda: START + 3 * HOUR)
    orders.run_now(ledger.engine, "job")
    (owed,) = ledger.owed(START + 4 * HOUR)

    assert ledger.claim("job", owed.scheduled_at, 1, (), owed).outcome == "won"


def test_the_clock_from_before_a_deploy_still_runs_what_was_due_by_the_old_trigger(
    site: Site,
) -> None:
    old = registered(site)
    old.arrive({"job": "trigger"}, START)
    registered(site).arrive({"job": "another trigger"}, START + HOUR)

    assert old.claim("job", START + HOUR, 1) == Claim("won", 1, 1, old.clock_id)


@pytest.mark.parametrize("site", ["postgresql"], indirect=True)
def test_no_worker_is_asked_for_what_was_due_during_a_pause(ledger: Ledger, site: Site) -> None:
    span: Any = SimpleNamespace(first=START + 4 * HOUR)
    plans = [(START + 5 * HOUR, missed(4)), (START + 7 * HOUR, missed(6)), (None, missed(3))]
    for fire, before in plans:
        job: Any = SimpleNamespace(id="job", max_instances=1)
        with ledger.engine.begin() as db:
            candidate = Candidate(job, span, fire, before)
            settled = queue_claims.settle(db, ledger.clock_id, [candidate])
        assert (len(settled.rows), settled.later) == (2 if fire == START + 7 * HOUR else 0, [])

    assert rows(site) == [("job", 6, "missed"), ("job", 7, "requested")]
