"""The ledger over the years: old rows go, a few at a time, and many rows slow nothing down."""

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from clock import Clock, process, pulse, steering, tables
from clock.ledger import Ledger
from clock_site import Site

START = datetime(2026, 1, 1, tzinfo=UTC)


def fill(site: Site, job: str, times: list[datetime]) -> None:
    row = {"job_id": job, "kind": "scheduled", "state": "succeeded"}
    with site.engine.execution_options(writes=True).begin() as db:
        db.execute(tables.runs.insert(), [{**row, "scheduled_at": at} for at in times])


def test_rows_are_pruned_in_steps_but_never_the_last_of_a_job(site: Site) -> None:
    tables.set_up(site.engine)
    for job in ("a", "b"):
        fill(site, job, [START + timedelta(hours=n) for n in range(20)])
    ledger, before = Ledger(site.engine), START + timedelta(days=9)

    assert [ledger.prune(before, limit=15) for _ in range(4)] == [15, 15, 8, 0]
    assert {row.scheduled_at for row in site.rows()} == {START + timedelta(hours=19)}


@pytest.mark.parametrize(("kept", "catch_up", "left"), [("", 1, 30), ("3", 1, 3), ("3", 9, 10)])
def test_rows_are_kept_for_so_many_days_and_longer_where_a_job_may_be_caught_up(
    on_sqlite: Site, monkeypatch: pytest.MonkeyPatch, kept: str, catch_up: int, left: int
) -> None:
    tables.set_up(on_sqlite.engine)
    now = datetime.now(UTC)
    fill(on_sqlite, "a", [now - timedelta(days=n, minutes=-1) for n in range(1, 100)])
    monkeypatch.setenv("RUNS_KEPT_DAYS", kept)
    clock = Clock(timezone="UTC")
    clock.ledger = Ledger(on_sqlite.engine)
    clock.add_job(print, "interval", days=1, catch_up=catch_up * 86_400)
    pulse.Pulse(clock)._prune()

    assert len(on_sqlite.rows()) == left


def test_a_job_that_usually_takes_longer_than_its_gap_is_remarked_on(on_sqlite: Site) -> None:
    tables.set_up(on_sqlite.engine)
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

    (remark,) = process.describe(clock, slow)["remarks"]
    assert remark["code"] == "too-long" and "usually takes 91 s" in remark["text"]
    assert process.describe(clock, new)["remarks"] == []


MANY = {
    "postgresql": """
INSERT INTO clock_runs (job_id, scheduled_at, kind, state, attempt, count, clock_id)
SELECT 'job' || (n % 100), timestamptz '2026-01-01Z' + n / 100 * interval '1 minute',
       'scheduled', 'succeeded', 1, 1, 1
FROM generate_series(0, 999999) AS n""",
    "sqlite": """
WITH RECURSIVE counted (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM counted WHERE n < 999999)
INSERT INTO clock_runs (job_id, scheduled_at, kind, state, attempt, count, clock_id)
SELECT 'job' || (n % 100), datetime('2026-01-01', (n / 100) || ' minutes') || '.000000',
       'scheduled', 'succeeded', 1, 1, 1
FROM counted""",
}


@pytest.mark.slow
def test_a_million_rows_slow_nothing_down(site: Site) -> None:
    tables.set_up(site.engine)
    ledger = Ledger(site.engine)
    ledger.register(paused=False)
    jobs = {f"job{n}": "trigger" for n in range(100)}
    ledger.arrive(jobs, START)
    few = timed(site, ledger, jobs, START + timedelta(days=1000))
    site.execute(MANY[site.engine.dialect.name])
    if site.engine.dialect.name == "postgresql":
        with site.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
            db.execute(sa.text("VACUUM ANALYZE clock_runs"))
    many = timed(site, ledger, jobs, START + timedelta(days=2000))

    # A statement that reads the whole table would take a hundred milliseconds.
    slower = {k: (few[k], took) for k, took in many.items() if took > 3 * few[k] + 10}
    assert slower == {}, "milliseconds with few and with many rows"


def timed(site: Site, ledger: Ledger, jobs: dict[str, str], start: datetime) -> dict[str, float]:
    """Return the median milliseconds of each thing that a clock and its pages do."""

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
        "history": lambda n: steering.history(site.engine),
        "history of a job": lambda n: steering.history(site.engine, "job7"),
    }
    found = {}
    for name, thing in things.items():
        took = []
        for n in range(21):
            begun = time.perf_counter()
            thing(n)
            took.append((time.perf_counter() - begun) * 1000)
        found[name] = statistics.median(took)
    return found


def test_a_job_that_fires_often_is_described_again_before_its_fires_run_out(
    on_sqlite: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables.set_up(on_sqlite.engine)
    clock = Clock(timezone="UTC")
    clock.ledger = Ledger(on_sqlite.engine)
    job = clock.add_job(print, "interval", seconds=1, id="tick")
    told, now = list[Any](), datetime.now(UTC)
    monkeypatch.setattr(clock.ledger, "describe", told.extend)
    monkeypatch.setattr(clock, "find", lambda _: job)
    monkeypatch.setattr(clock, "grace", lambda *_: None)
    monkeypatch.setattr(clock, "now", lambda: now)
    beats = pulse.Pulse(clock)
    beats.again(job)
    for later in (0, 60, 60):
        now += timedelta(seconds=later)
        beats._tell()

    assert [len(row["fires"]) for row in told] == [200, 200]
