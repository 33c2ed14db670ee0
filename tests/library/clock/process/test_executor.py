"""What the executor makes of a claim that is not won at once, and what the pulse does beside it."""

import math
from datetime import timedelta
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from clockdyno import Clock
from clockdyno.clock.process.pools import THREADS
from clockdyno.clock.process.spans import Span
from clockdyno.clock.run import runner
from clockdyno.ledger import orders
from support.runs import FIRE, clock_on, raising
from support.site import Site

AWAY = sa.exc.OperationalError("", {}, psycopg.OperationalError("the connection is lost"))
WRONG = sa.exc.ProgrammingError("", {}, psycopg.ProgrammingError("cannot adapt type 'X'"))
HOUR = timedelta(hours=1)


@pytest.fixture
def clock(on_sqlite: Site, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Give a clock with one job, which has registered and started nothing."""
    made = clock_on(on_sqlite)
    monkeypatch.setattr(type(made), "stopping", False)
    made.executor.start(made, "default")
    given = {"max_instances": 1, "misfire_grace_time": 9, "executor": "default"}
    made.add_job(print, "interval", hours=1, id="job", **given)
    made.ledger.arrive({"job": "trigger"}, FIRE - HOUR)
    return made


def span_of(clock: Clock) -> Span:
    """Return a fire of the clock's job that is taken up now."""
    job = clock.get_job("job")
    return Span(job, clock.options_of(job), FIRE, FIRE, queued=True)


def test_a_clock_that_is_paused_lets_a_fire_pass_without_a_row(
    clock: Clock, on_sqlite: Site
) -> None:
    clock.paused = True
    claim = clock.executor._claim(span_of(clock), FIRE, [])

    assert claim and claim.outcome == "paused" and not on_sqlite.rows()
    assert clock.ledger.arrive({"job": "trigger"}, FIRE) == {"job": FIRE}


def test_only_what_was_missed_after_a_pause_is_told(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = list[object]()
    monkeypatch.setattr(runner, "report_missed", lambda *known: told.append(known[2]))
    for hours, steer in ((0.5, orders.pause), (1.5, orders.resume)):
        monkeypatch.setattr(orders, "_now", lambda hours=hours: FIRE + hours * HOUR)
        steer(clock.ledger.engine, "job")
    missed = [{"job_id": "job", "count": 1, "reason": "coalesced"} for _ in range(2)]
    missed = [{**row, "scheduled_at": FIRE + n * HOUR} for n, row in enumerate(missed, 1)]
    claim = clock.executor._claim(span_of(clock), FIRE + 3 * HOUR, missed)

    assert claim and claim.outcome == "won" and told == [missed[1:]]


def test_while_the_database_is_away_a_fire_is_tried_again_less_and_less_often(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    delays, span = list[float](), span_of(clock)
    monkeypatch.setattr(clock.ledger, "claim", raising_for(AWAY))
    monkeypatch.setattr(clock.executor, "_put_back", lambda *known: delays.append(known[2]))
    for _ in range(8):
        assert clock.executor._claim(span, FIRE, []) is None

    assert delays == [0.5, 1, 2, 4, 8, 10, 10, 10]


def test_what_is_put_back_is_taken_up_when_its_time_comes(clock: Clock) -> None:
    executor, span, begun = clock.executor, span_of(clock), list[Span]()
    executor._begin = begun.append  # type: ignore[method-assign]
    executor._spans["job"] = span
    executor._put_back(span, FIRE, 60)
    wait = executor.flush()

    assert wait and 0 < wait <= 60 and not begun
    executor._put_back(span, FIRE, 0)
    assert (executor.flush(), executor.flush(), begun) == (None, None, [span])


def test_what_is_due_at_one_moment_is_announced_and_begun_together(clock: Clock) -> None:
    told = list[object]()
    clock.now = lambda: FIRE  # type: ignore[method-assign]
    clock.ledger.expect = told.append  # type: ignore[method-assign]
    clock.executor._begin = lambda span: told.append(span.job.id)  # type: ignore[method-assign]
    jobs = [clock.add_job(print, "date", [n], id=str(n), run_date=FIRE) for n in range(THREADS + 2)]
    for job in jobs:
        job.next_run_time = FIRE
        clock.executor.submit_job(job, [FIRE])
    clock.executor.flush()

    ids = [job.id for job in jobs]
    assert told == [*ids[:THREADS], THREADS, *ids[THREADS:], 2]


@pytest.mark.parametrize(("error", "state"), [(AWAY, "requested"), (WRONG, "failed")])
def test_a_run_that_was_asked_for_fails_only_by_what_no_new_try_can_mend(
    clock: Clock, on_sqlite: Site, monkeypatch: pytest.MonkeyPatch, error: Exception, state: str
) -> None:
    orders.run_now(on_sqlite.engine, "job")
    (owed,) = clock.ledger.owed()
    clock.executor._owed.add(owed.id)
    monkeypatch.setattr(clock.ledger, "claim", raising_for(error))
    clock.executor._attempt(clock.get_job("job"), owed)

    assert [row.state for row in on_sqlite.rows()] == [state]
    assert not clock.executor._owed


def test_the_runs_of_a_queue_that_was_switched_off_are_taken_back_once(clock: Clock) -> None:
    calls = list[None]()
    clock.ledger.take_back = lambda: calls.append(None)  # type: ignore[method-assign]
    clock.heartbeat.once()
    assert not calls

    clock.heartbeat._began = -math.inf
    for _ in range(2):
        clock.heartbeat._beaten = -math.inf
        clock.heartbeat.once()
    assert len(calls) == 1


def test_the_pulse_beats_at_its_time_or_when_the_database_is_back_which_it_tells(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    pulse = clock.heartbeat
    with caplog.at_level("INFO"):
        assert [pulse._beat(now) for now in (0, 9, 10)] == [True, False, True]
        assert pulse.trouble(AWAY) and pulse.trouble(AWAY)
        assert [pulse._beat(now) for now in (11, 12)] == [True, False]

    assert caplog.text.count("state=away") == caplog.text.count("state=back") == 1


def test_a_clock_that_was_taken_for_dead_enters_anew(
    clock: Clock, on_sqlite: Site, caplog: pytest.LogCaptureFixture
) -> None:
    old = clock.ledger.clock_id
    on_sqlite.execute("UPDATE clockdyno.clocks SET lost_at = heartbeat_at")
    with caplog.at_level("INFO"):
        clock.heartbeat._beat(0)

    assert clock.ledger.clock_id != old and "at=start again=" in caplog.text


def raising_for(error: Exception) -> Any:
    """Return a function that raises, whatever it is called with."""
    return lambda *_: raising(error)()
