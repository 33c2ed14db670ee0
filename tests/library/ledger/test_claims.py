"""What comes of a claim, and of a run that nobody will end: each one is a row of its own kind."""

from datetime import UTC, datetime, timedelta

import pytest
from clockdyno.ledger import database, orders
from clockdyno.ledger.claims import Ledger
from support.site import Site

START = datetime(2027, 1, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def clocks(on_sqlite: Site) -> list[Ledger]:
    """Give two clocks that share a job."""
    database.set_up(on_sqlite.engine)
    made = [Ledger(on_sqlite.engine) for _ in range(2)]
    for clock in made:
        clock.register(paused=False)
    made[0].arrive({"job": "trigger"}, START)
    return made


def test_a_fire_that_another_clock_runs_is_taken(clocks: list[Ledger]) -> None:
    won, taken = (clock.claim("job", START + HOUR, 1) for clock in clocks)

    assert (won.outcome, won.attempt, taken.outcome) == ("won", 1, "taken")


def test_a_claim_whose_answer_got_lost_is_won_again(clocks: list[Ledger]) -> None:
    clock, _ = clocks

    assert clock.claim("job", START + HOUR, 1) == clock.claim("job", START + HOUR, 1)


def test_a_fire_beside_a_run_of_its_own_clock_is_skipped_and_its_row_says_why(
    clocks: list[Ledger], on_sqlite: Site
) -> None:
    outcomes = [clocks[0].claim("job", START + n * HOUR, 1).outcome for n in (1, 2)]

    assert outcomes == ["won", "skipped"]
    rows = [(row.state, row.reason, row.kind) for row in on_sqlite.rows()]
    assert rows == [("running", None, "scheduled"), ("skipped", "overlap", "scheduled")]


def test_a_run_that_was_asked_for_begins_without_a_reason_and_only_once(
    clocks: list[Ledger], on_sqlite: Site
) -> None:
    assert orders.run_now(on_sqlite.engine, "job")
    (owed,) = clocks[0].owed()
    outcomes = [clock.claim("job", owed.scheduled_at, 9, (), owed).outcome for clock in clocks]

    (row,) = on_sqlite.rows()
    assert outcomes == ["won", "taken"]
    assert (row.kind, row.state, row.reason, row.attempt) == ("manual", "running", None, 1)


def test_a_run_asked_for_while_all_places_are_taken_is_skipped_and_a_further_attempt_waits(
    clocks: list[Ledger], on_sqlite: Site
) -> None:
    clock, _ = clocks
    clock.claim("job", START + HOUR, 1)
    orders.run_now(on_sqlite.engine, "job")
    (owed,) = clock.owed()
    again = owed._replace(attempt=1)
    outcomes = [clock.claim("job", one.scheduled_at, 1, (), one).outcome for one in (again, owed)]

    assert outcomes == ["wait", "skipped"]


def test_a_fire_that_could_not_begin_has_a_row_and_one_that_runs_is_left_alone(
    clocks: list[Ledger], on_sqlite: Site
) -> None:
    clock, _ = clocks
    running = clock.claim("job", START + HOUR, 1)
    clock.fail("job", START + HOUR, "why", running.run_id)
    clock.fail("job", START + 2 * HOUR, "why")

    rows = [(row.state, row.kind, row.reason, row.error) for row in on_sqlite.rows()]
    failed = ("failed", "scheduled", "error", "why")
    assert rows == [("running", "scheduled", None, None), failed]


def test_a_run_that_was_asked_for_and_could_not_begin_is_not_offered_again(
    clocks: list[Ledger], on_sqlite: Site
) -> None:
    orders.run_now(on_sqlite.engine, "job")
    (owed,) = clocks[0].owed()
    clocks[0].fail("job", owed.scheduled_at, "why", owed.id)

    assert not clocks[0].owed()
    assert [(row.state, row.error) for row in on_sqlite.rows()] == [("failed", "why")]


@pytest.mark.parametrize("rerun", [[], ["job"]])
def test_a_clock_that_leaves_loses_its_own_runs_alone_and_they_are_due_again_if_they_should_be(
    clocks: list[Ledger], on_sqlite: Site, rerun: list[str]
) -> None:
    leaving, staying = clocks
    leaving.claim("job", START + HOUR, 9)
    staying.claim("job", START + 2 * HOUR, 9)
    lost = leaving.leave(rerun)

    assert [(row.job_id, row.reason, bool(row.due_at)) for row in lost] == [
        ("job", "stopped", bool(rerun))
    ]
    assert [row.state for row in on_sqlite.rows()] == ["lost", "running"]
    gone = on_sqlite.query("SELECT clock_id FROM clockdyno.clocks WHERE stopped_at IS NOT NULL")
    assert [row.clock_id for row in gone] == [leaving.clock_id]


@pytest.mark.parametrize(("seconds", "lost"), [(20, 0), (40, 1)])
def test_a_run_of_ours_on_which_nothing_works_is_lost_once_that_is_sure(
    clocks: list[Ledger], on_sqlite: Site, seconds: int, lost: int
) -> None:
    clock, _ = clocks
    run = clock.claim("job", START + HOUR, 1).run_id
    begun = datetime.now(UTC) - timedelta(seconds=seconds)
    on_sqlite.execute("UPDATE clockdyno.runs SET started_at = :at", at=f"{begun:%F %T.%f}")

    assert clock.bury([], [run]) == []
    assert len(clock.bury([], [])) == lost
