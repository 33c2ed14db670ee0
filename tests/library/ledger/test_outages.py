"""Only what a new try can mend is tried again; of all else the cause is written and logged."""

import threading
from datetime import timedelta
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from clockdyno.clock.process import heartbeat, lifecycle
from clockdyno.clock.process.spans import Span
from clockdyno.clock.run import runner
from clockdyno.ledger import outages
from support.runs import FIRE, clock_on, raising
from support.site import Site


def refusing(clock: Any, error: Exception, *, times: int) -> list[dict[str, Any]]:
    """Let the ledger refuse the first ends that it is told; return all that it is told."""
    told, finish = list[dict[str, Any]](), clock.ledger.finish

    def refuse(claim: Any, **values: Any) -> bool:
        told.append(values)
        if len(told) <= times:
            raise error
        return bool(finish(claim, **values))

    clock.ledger.finish = refuse
    return told


LOST = sa.exc.OperationalError("", {}, psycopg.OperationalError("the connection is lost"))
WRONG = sa.exc.ProgrammingError("", {}, psycopg.ProgrammingError("cannot adapt type 'X'"))


def end_of(site: Site, error: Exception, times: int) -> list[dict[str, Any]]:
    clock = clock_on(site)
    job = clock.add_job(raising(ValueError("naïve")), "interval", hours=1, id="job")
    clock.ledger.arrive({"job": "trigger"}, FIRE - timedelta(hours=1))
    claim, told = clock.ledger.claim("job", FIRE, 1), refusing(clock, error, times=times)
    runner.run(clock, job, clock.options_of(job), claim, FIRE, threading.Event())
    return told


def test_an_end_is_written_again_while_the_database_is_away(on_sqlite: Site) -> None:
    told = end_of(on_sqlite, LOST, 2)

    assert told[0] == told[1] == told[2] and "naïve" in on_sqlite.rows()[0].error


def test_an_end_that_is_refused_is_written_plainly_and_the_cause_is_logged(
    on_sqlite: Site, caplog: pytest.LogCaptureFixture
) -> None:
    told = end_of(on_sqlite, WRONG, 1)

    (row,) = on_sqlite.rows()
    assert len(told) == 2 and row.state == "failed" and r"na\xefve" in row.error
    assert "cannot adapt type 'X'" in caplog.text and "state=away" not in caplog.text


def test_an_end_that_is_refused_twice_holds_no_thread(
    on_sqlite: Site, caplog: pytest.LogCaptureFixture
) -> None:
    told = end_of(on_sqlite, WRONG, 9)

    assert len(told) == 2 and 'ignored="declared lost' not in caplog.text
    assert "refused by the database" in caplog.text


def test_a_claim_that_is_refused_is_a_failed_run_and_not_a_database_that_is_away(
    on_sqlite: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clock = clock_on(on_sqlite)
    job = clock.add_job(print, "interval", hours=1, id="job", max_instances=1)

    def refuse(*_: object) -> None:
        raise WRONG

    monkeypatch.setattr(clock.ledger, "claim", refuse)
    clock.executor._scheduler = clock
    claim = clock.executor._claim(Span(job, clock.options_of(job), FIRE, FIRE), FIRE, [])

    (row,) = on_sqlite.rows()
    assert claim and (claim.outcome, row.state, row.scheduled_at) == ("failed", "failed", FIRE)
    assert "cannot adapt" in row.error and "state=away" not in caplog.text


def sqlstate(state: str) -> sa.exc.DBAPIError:
    return sa.exc.DBAPIError("", {}, psycopg.errors.lookup(state)("why"))


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        *[(sqlstate(state), True) for state in ("40001", "40P01", "57P01", "53300", "25006")],
        *[(sqlstate(state), True) for state in ("08006", "55P03", "58030", "42P01", "3F000")],
        (sqlstate("42501"), True),
        (sa.exc.DBAPIError("", {}, Exception(), connection_invalidated=True), True),
        *[(sqlstate(state), False) for state in ("22021", "23505", "54000", "42601")],
        (LOST, True),
        (WRONG, False),
        (psycopg.InterfaceError("the connection is closed"), True),
        (sa.exc.TimeoutError("QueuePool limit"), True),
        (sa.exc.OperationalError("", {}, Exception("database is locked")), True),
        (sa.exc.StatementError("", "", {}, TypeError("no")), False),
        (UnicodeEncodeError("utf-8", "\ud83d", 0, 1, "surrogates not allowed"), False),
        (AttributeError("a mistake of ours"), False),
    ],
)
def test_only_what_a_new_try_can_mend_is_worth_one(error: Exception, passes: bool) -> None:
    wrapped = RuntimeError("\n")
    wrapped.__cause__ = error

    assert outages.passes(error) is passes and outages.passes(wrapped) is passes


def test_the_pulse_names_the_real_cause_and_goes_on(
    on_sqlite: Site, caplog: pytest.LogCaptureFixture
) -> None:
    beats = heartbeat.Heartbeat(clock_on(on_sqlite))

    assert not beats.trouble(WRONG)
    assert "cannot adapt" in caplog.text and "state=away" not in caplog.text


def test_a_start_that_no_new_try_can_mend_ends_with_its_cause_in_the_log(
    on_sqlite: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clock = clock_on(on_sqlite)
    monkeypatch.setenv("DATABASE_URL", on_sqlite.url)
    monkeypatch.setattr(type(clock), "stopping", False)
    monkeypatch.setattr(lifecycle, "_join", lambda _: raising(WRONG)())
    with pytest.raises(SystemExit):
        lifecycle.open(clock)

    assert "cannot adapt" in caplog.text and "state=away" not in caplog.text
