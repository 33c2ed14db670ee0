"""The ledger over the years: old rows go, a few at a time, and many rows slow nothing down."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from clockdyno import Clock
from clockdyno.clock.declared import job_row
from clockdyno.clock.process import heartbeat
from clockdyno.ledger import database, orders, tables
from clockdyno.ledger.claims import Ledger
from support.site import Site

START = datetime(2026, 1, 1, tzinfo=UTC)


def fill(site: Site, job: str, times: list[datetime]) -> None:
    row = {"job_id": job, "kind": "scheduled", "state": "succeeded"}
    with site.engine.execution_options(writes=True).begin() as db:
        db.execute(tables.runs.insert(), [{**row, "scheduled_at": at} for at in times])


def test_rows_are_pruned_in_steps_but_never_the_last_of_a_job(site: Site) -> None:
    database.set_up(site.engine)
    for job in ("a", "b"):
        fill(site, job, [START + timedelta(hours=n) for n in range(20)])
    ledger, before = Ledger(site.engine), START + timedelta(days=9)

    assert [ledger.prune(before, limit=15) for _ in range(4)] == [15, 15, 8, 0]
    assert {row.scheduled_at for row in site.rows()} == {START + timedelta(hours=19)}


@pytest.mark.parametrize(("kept", "catch_up", "left"), [("", 1, 30), ("3", 1, 3), ("3", 9, 10)])
def test_rows_are_kept_for_so_many_days_and_longer_where_a_job_may_be_caught_up(
    on_sqlite: Site, monkeypatch: pytest.MonkeyPatch, kept: str, catch_up: int, left: int
) -> None:
    database.set_up(on_sqlite.engine)
    now = datetime.now(UTC)
    fill(on_sqlite, "a", [now - timedelta(days=n, minutes=-1) for n in range(1, 100)])
    monkeypatch.setenv("RUNS_KEPT_DAYS", kept)
    clock = Clock(timezone="UTC")
    clock.ledger = Ledger(on_sqlite.engine)
    clock.add_job(print, "interval", days=1, catch_up=catch_up * 86_400)
    beats = heartbeat.Heartbeat(clock)
    while beats._prune():
        pass

    assert len(on_sqlite.rows()) == left


def beating(site: Site) -> heartbeat.Heartbeat:
    """Return the pulse of a clock that has registered and started nothing."""
    database.set_up(site.engine)
    clock = Clock(timezone="UTC")
    clock.ledger = Ledger(site.engine)
    clock.ledger.register(paused=False)
    return clock.heartbeat


def test_ever_so_many_old_rows_hold_no_heartbeat_up(on_sqlite: Site) -> None:
    beats = beating(on_sqlite)
    fill(on_sqlite, "a", [START + timedelta(seconds=n) for n in range(1201)])
    left = []
    for _ in range(4):
        beats.once()
        left.append(len(on_sqlite.rows()))

    assert left == [701, 201, 1, 1]


@pytest.mark.parametrize("kept", ["a month", "nan", "1e12"])
def test_a_time_to_keep_that_is_none_is_warned_of_and_deletes_nothing(
    on_sqlite: Site, kept: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    beats = beating(on_sqlite)
    fill(on_sqlite, "a", [START, START + timedelta(days=1)])
    monkeypatch.setenv("RUNS_KEPT_DAYS", kept)
    with caplog.at_level("INFO"):
        beats.once()
        beats.once()

    assert caplog.text.count("is no number of days: all is kept") == 1
    assert len(on_sqlite.rows()) == 2


def test_a_run_of_a_clock_that_died_long_ago_is_found_and_its_job_goes_on(site: Site) -> None:
    dead = beating(site)._clock.ledger
    dead.arrive({"job": "trigger"}, START)
    assert dead.claim("job", START + timedelta(hours=1), 1).outcome == "won"
    site.execute("UPDATE clockdyno.clocks SET heartbeat_at = '2026-01-01 01:00:00.000000'")
    new = beating(site)._clock.ledger
    new.prune(START + timedelta(days=9))
    later = START + timedelta(days=10)
    waits = new.claim("job", later, 1)
    lost = new.bury([], [])

    assert len(site.query("SELECT * FROM clockdyno.clocks")) == 1
    assert (waits.outcome, [row.job_id for row in lost]) == ("wait", ["job"])
    assert new.claim("job", later, 1).outcome == "won"


def test_what_jobs_that_are_gone_still_owe_keeps_no_other_job_waiting(site: Site) -> None:
    ledger, now = beating(site)._clock.ledger, datetime.now(UTC)
    ledger.arrive({"gone": "trigger", "here": "trigger"}, START)
    row = {"job_id": "gone", "kind": "scheduled", "state": "failed", "due_at": now}
    times = [now - timedelta(minutes=n) for n in range(1, 130)]
    with site.engine.execution_options(writes=True).begin() as db:
        db.execute(tables.runs.insert(), [{**row, "scheduled_at": at} for at in times])
    ledger.part_with(["here"], now)
    orders.run_now(site.engine, "here")

    assert [owed.job_id for owed in ledger.owed()] == ["here"]


def test_a_job_whose_description_fails_to_be_written_is_described_later(
    on_sqlite: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    beats = beating(on_sqlite)
    clock = beats._clock
    job = clock.add_job(print, "interval", hours=1, id="job", misfire_grace_time=9)
    told = list[Any]()

    def fail_once(rows: list[Any]) -> None:
        monkeypatch.setattr(clock.ledger, "describe", told.extend)
        raise sa.exc.OperationalError("", {}, Exception("deadlock detected"))

    monkeypatch.setattr(clock.ledger, "describe", fail_once)
    beats.again(job)
    with pytest.raises(sa.exc.OperationalError):
        beats._tell()
    beats._tell()

    assert [row["id"] for row in told] == ["job"]


def test_a_job_that_usually_takes_longer_than_its_gap_is_remarked_on(on_sqlite: Site) -> None:
    database.set_up(on_sqlite.engine)
    took = [timedelta(seconds=s) for s in (1, 90, 91, 92, 3600)]
    rows: list[dict[str, Any]] = [
        {"scheduled_at": at, "started_at": at, "finished_at": at + took[n]}
        for n, at in enumerate(START + timedelta(hours=n) for n in range(5))
    ]
    row = {"job_id": "slow", "kind": "scheduled", "state": "succeeded"}
    with on_sqlite.engine.execution_options(writes=True).begin() as db:
        db.execute(tables.runs.insert(), [row | own for own in rows])
    clock = Clock(timezone="UTC")
    clock.ledger = Ledger(on_sqlite.engine)
    slow = clock.add_job(print, "interval", minutes=1, id="slow", misfire_grace_time=9)
    new = clock.add_job(print, "interval", minutes=1, id="new", misfire_grace_time=9)

    (surprise,) = job_row.describe(clock, slow)["surprises"]
    assert surprise["code"] == "too-long" and "usually takes 91 s" in surprise["text"]
    assert job_row.describe(clock, new)["surprises"] == []


MANY = {
    "postgresql": """
INSERT INTO clockdyno.runs (job_id, scheduled_at, kind, state, attempt, count, clock_id)
SELECT 'job' || (n % 100), timestamptz '2026-01-01Z' + n / 100 * interval '1 minute',
       'scheduled', 'succeeded', 1, 1, 1
FROM generate_series(0, 999999) AS n""",
    "sqlite": """
WITH RECURSIVE counted (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM counted WHERE n < 999999)
INSERT INTO clockdyno.runs (job_id, scheduled_at, kind, state, attempt, count, clock_id)
SELECT 'job' || (n % 100), datetime('2026-01-01', (n / 100) || ' minutes') || '.000000',
       'scheduled', 'succeeded', 1, 1, 1
FROM counted""",
}


@pytest.mark.slow
def test_a_million_rows_slow_nothing_down(site: Site) -> None:
    database.set_up(site.engine)
    ledger = Ledger(site.engine)
    ledger.register(paused=False)
    jobs = {f"job{n}": "trigger" for n in range(100)}
    ledger.arrive(jobs, START)
    few = timed(site, ledger, jobs, START + timedelta(days=1000))
    site.execute(MANY[site.engine.dialect.name])
    if site.engine.dialect.name == "postgresql":
        with site.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
            db.execute(sa.text("VACUUM ANALYZE clockdyno.runs"))
    many = timed(site, ledger, jobs, START + timedelta(days=2000))

    # A statement that reads the whole table would take a hundred milliseconds.
    slower = {k: (few[k], took) for k, took in many.items() if took > 3 * few[k] + 30}
    assert slower == {}, "milliseconds with few and with many rows"


def timed(site: Site, ledger: Ledger, jobs: dict[str, str], start: datetime) -> dict[str, float]:
    """Return the least milliseconds of each thing that a clock and its pages do."""

    def claim(n: int) -> None:
        claim = ledger.claim("job7", start + timedelta(minutes=n), 1)
        assert claim.outcome == "won" and ledger.finish(claim, state="succeeded")

    things: dict[str, Callable[[int], Any]] = {
        "claim": claim,
        "owed": lambda n: ledger.owed(),
        "bury": lambda n: ledger.bury([], {1}),
        "beat": lambda n: ledger.beat(),
        "arrive": lambda n: ledger.arrive(jobs, start),
        "prune": lambda n: ledger.prune(START - timedelta(days=1)),
        "history": lambda n: orders.history(site.engine),
        "history of a job": lambda n: orders.history(site.engine, "job7"),
    }
    found = {}
    for name, thing in things.items():
        took = []
        for n in range(21):
            begun = time.perf_counter()
            thing(n)
            took.append((time.perf_counter() - begun) * 1000)
        found[name] = min(took)
    return found


def test_a_job_that_fires_often_is_described_again_before_its_fires_run_out(
    on_sqlite: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.set_up(on_sqlite.engine)
    clock = Clock(timezone="UTC")
    clock.ledger = Ledger(on_sqlite.engine)
    job = clock.add_job(print, "interval", seconds=1, id="tick")
    told, now = list[Any](), datetime.now(UTC)
    monkeypatch.setattr(clock.ledger, "describe", told.extend)
    monkeypatch.setattr(clock, "find", lambda _: job)
    monkeypatch.setattr(clock, "grace", lambda *_: None)
    monkeypatch.setattr(clock, "now", lambda: now)
    beats = heartbeat.Heartbeat(clock)
    beats.again(job)
    for later in (0, 60, 60):
        now += timedelta(seconds=later)
        beats._tell()

    assert [len(row["fires"]) for row in told] == [200, 200]
