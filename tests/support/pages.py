"""The template's web app in this process, on a ledger that a test fills."""

import contextlib
import importlib.util
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
import sqlalchemy as sa
from clockdyno.dashboard import access, health, throttle
from clockdyno.ledger import database, reports, tables

from support.files import TEMPLATE
from support.site import GUARD, Site

NOW = datetime.now(UTC).replace(microsecond=0)
PASSWORD = "correct horse"
LOGIN = ("anybody", PASSWORD)
ROUTER = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}


class Ledger:
    """Rows as a clock would have written them."""

    def __init__(self, engine: Any) -> None:
        self.engine = engine

    def job(self, job_id: str = "report", **facts: Any) -> None:
        row = {"job_id": job_id, "known_since": NOW, "trigger": "", **facts}
        self._insert(tables.jobs, row)

    def run(self, scheduled_at: datetime, job_id: str = "report", **facts: Any) -> int:
        row = {"job_id": job_id, "scheduled_at": scheduled_at, "kind": "scheduled"}
        return int(self._insert(tables.runs, {**row, "state": "succeeded", **facts}))

    def output(self, run: int, *texts: str, attempt: int = 1, **facts: Any) -> None:
        lines = [[int(NOW.timestamp() * 1000), "INFO", text] for text in texts]
        row = {"run_id": run, "attempt": attempt, "job_id": "report", "said": len(lines)}
        self._insert(tables.outputs, {**row, "size": 10, "lines": lines, **facts})

    def attempt(self, run: int, **facts: Any) -> None:
        self._insert(tables.attempts, {"run_id": run, "attempt": 1, **facts})

    def order(self, what: str, run: int | None = None, **facts: Any) -> None:
        row = {"at": NOW, "what": what, "job_id": "report", "run_id": run, "attempt": 1}
        self._insert(tables.orders, {**row, **facts})

    def clock(self, **facts: Any) -> int:
        now = datetime.now(UTC)
        row = {"started_at": now, "heartbeat_at": now, "paused": False}
        return int(self._insert(tables.clocks, {**row, **facts}))

    def _insert(self, table: Any, row: dict[str, Any]) -> Any:
        with self.engine.execution_options(writes=True).begin() as db:
            return db.execute(table.insert().values(row)).inserted_primary_key[0]


PAST = """
INSERT INTO clockdyno.runs (job_id, scheduled_at, kind, state, reason, attempt, count, started_at,
    finished_at, error, clock_id)
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :count)
SELECT 'job' || (n % 50), at, 'scheduled', state, CASE state WHEN 'failed' THEN 'error' END, 1, 1,
    at, ended, CASE state WHEN 'failed' THEN :error END, 1
FROM (
    SELECT n, {at} AS at, {ended} AS ended,
        CASE WHEN n % 97 = 0 THEN 'failed' WHEN n % 389 = 0 THEN 'missed' ELSE 'succeeded' END state
    FROM numbers
) made
"""
TIMES = {
    "postgresql": {
        "at": ":now - n * interval '2.592 seconds'",
        "ended": ":now + (n % 90 - n * 2.592) * interval '1 second'",
    },
    "sqlite": {
        "at": "strftime('%Y-%m-%d %H:%M:%f000', :now, (-n * 2.592) || ' seconds')",
        "ended": "strftime('%Y-%m-%d %H:%M:%f000', :now, (n % 90 - n * 2.592) || ' seconds')",
    },
}


def fill(url: str, count: int = 1_000_000) -> None:
    """Put 50 jobs into an empty database, and runs: a million make 30 days."""
    engine = database.connect(url)
    database.set_up(engine)
    ledger = Ledger(engine)
    ledger.clock(dyno="clock.1", release="v12", heartbeat_at=NOW + timedelta(days=1))
    fires = [(NOW + timedelta(minutes=43) * n / 10).isoformat() for n in range(1, 201)]
    for n in range(50):
        ledger.job(f"job{n}", doc="Do it.", words="Every 4 minutes", zone="UTC", fires=fires)
    kind, error = engine.dialect.name, '  File "jobs.py", line 1\n' * 20
    now = NOW if kind == "postgresql" else f"{NOW:%Y-%m-%d %H:%M:%S}"
    past = sa.text(PAST.format(**TIMES[kind]))
    with engine.execution_options(writes=True).begin() as db:
        db.execute(past, {"now": now, "count": count, "error": error})
    if kind == "postgresql":  # As a server does by itself within minutes.
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
            db.execute(sa.text("VACUUM ANALYZE"))
    engine.dispose()


@cache
def create_app() -> Any:
    """Return the template's app, which is no package that could be imported by name."""
    spec = importlib.util.spec_from_file_location("app", TEMPLATE / "app.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.create_app()


@contextlib.contextmanager
def web(
    monkeypatch: pytest.MonkeyPatch, url: str, make: Callable[[], Any] = create_app
) -> Iterator[Any]:
    """Give a test client of the template's app or another; of config vars DATABASE_URL is set."""
    monkeypatch.setenv("DATABASE_URL", url)
    for name in ("DYNO", "DASHBOARD_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(reports, "_engines", {})
    monkeypatch.setattr(access, "throttle", throttle.Throttle())
    monkeypatch.setattr(health, "kept", health._Kept())
    monkeypatch.setattr(health, "LONGEST_WAIT", GUARD)  # A busy machine is no hung database.
    try:
        yield make().test_client()
    finally:
        for engine in reports._engines.values():
            engine.dispose()


@pytest.fixture
def client(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Give a test client on each kind of database."""
    with web(monkeypatch, site.url) as made:
        yield made


@pytest.fixture
def ledger(client: Any) -> Ledger:
    """Give the client's ledger."""
    return Ledger(reports.engine())


@pytest.fixture
def dyno(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Be on a dyno, with a password."""
    monkeypatch.setenv("DYNO", "web.1")
    monkeypatch.setenv("DASHBOARD_PASSWORD", PASSWORD)
    return monkeypatch
