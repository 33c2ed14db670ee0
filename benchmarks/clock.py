"""What the clock costs beside a plain APScheduler: memory, lateness, a claim, an idle minute."""

import contextlib
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import psutil
import sqlalchemy as sa

from benchmarks.table import Row

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from support.postgres import Postgres
from support.site import Site

PLAIN = """
import logging, sys, time
from datetime import datetime
from apscheduler.schedulers.blocking import BlockingScheduler

sched = BlockingScheduler(timezone="UTC", job_defaults={"misfire_grace_time": 60})
"""
TEN = """
def work(n): pass

for n in range(10):
    sched.add_job(work, "interval", [n], id=f"work{n}", seconds=1)
"""
# Sixteen or seventeen each second.
SPREAD = """
LATE = []
def work(n):
    LATE.append(time.time() % 1)
    if len(LATE) == 1000:
        with open("late", "w") as file:
            file.write(" ".join(map(str, LATE)))

for n in range(1000):
    sched.add_job(work, "cron", [n], id=f"work{n}", second=n % 60)
"""
HERD = SPREAD.replace("second=n % 60", 'second="*/20"')
IDLE = """
def work(n): pass

for n in range(1000):
    sched.add_job(work, "cron", [n], id=f"work{n}", month=(datetime.now().month + 5) % 12 + 1)
"""
MANY = TEN.replace("range(10)", "range(150)")
FIRST = """
@sched.scheduled_job("interval", days=1, next_run_time=datetime.now())
def work(): pass
"""


def main() -> list[Row]:
    """Return the rows of all figures."""
    with contextlib.closing(Postgres(durable=True)) as postgres:
        rows = [*_memory(postgres), *_lateness(postgres), _herd(postgres)]
        rows += [*_claims(postgres), _idle(postgres), _boot(postgres), _growth(postgres)]
    return rows


@contextlib.contextmanager
def running(body: str, url: str | None) -> Iterator[tuple[Site, psutil.Process]]:
    """Run a clock, or where there is no database a plain APScheduler, with some jobs."""
    with tempfile.TemporaryDirectory() as folder:
        site = Site(Path(folder) / "site", url or f"sqlite:///{folder}/ledger.sqlite3")
        site.write(body, quick=False)
        if url is None:
            (site.folder / "jobs.py").write_text(PLAIN + body + "\nsched.start()\n")
        process = site.start(LOG_LEVEL="WARNING")
        with contextlib.closing(site):
            yield site, psutil.Process(process.pid)


def _sqlite() -> str:
    return f"sqlite:///{tempfile.mkdtemp()}/ledger.sqlite3"


def _memory(postgres: Postgres) -> list[Row]:
    found = {}
    for name, url in (("plain", None), ("SQLite", _sqlite()), ("PostgreSQL", postgres.create())):
        with running(TEN, url) as (_, process):
            time.sleep(8)
            found[name] = process.memory_info().rss / 2**20
    peer = found.pop("plain")
    return [
        Row(
            f"RSS with 10 jobs, {name}",
            f"{ours:.1f} MB",
            f"{peer:.1f} MB",
            ours / peer,
            "<= 64 MB and 2.5",
            ours <= 64 and ours / peer <= 2.5,
        )
        for name, ours in found.items()
    ]


def _late(body: str, url: str | None) -> list[float]:
    """Return how late each run began, in milliseconds, by the job's own clock."""
    with running(body, url) as (site, _):
        site.until((site.folder / "late").exists, 90)
        time.sleep(0.5)
        text = (site.folder / "late").read_text()
    return sorted(float(late) * 1000 for late in text.split())


def _lateness(postgres: Postgres) -> list[Row]:
    peer = _p99(_late(SPREAD, None))
    return [
        _bar(
            f"lateness p99, 1,000 jobs spread over a minute, {name}",
            _least(partial(_spread, make), 50),
            peer,
            50,
        )
        for name, make in (("SQLite", _sqlite), ("PostgreSQL", postgres.create))
    ]


def _spread(make: Callable[[], str]) -> float:
    return _p99(_late(SPREAD, make()))


def _herd(postgres: Postgres) -> Row:
    name = "1,000 jobs in one second on PostgreSQL, the last began after"
    return _bar(name, _least(lambda: _last(postgres), 2000), max(_late(HERD, None)), 2000)


def _last(postgres: Postgres) -> float:
    """Return how late the last of a herd began; by the ledger, for it may be seconds."""
    with running(HERD, postgres.create()) as (site, _):
        _wait_for(site, 1000)
        site.until(lambda: len(site.rows("started_at IS NOT NULL")) >= 1000)
        rows = site.rows("started_at IS NOT NULL")[:1000]
    return float(max((row.started_at - row.scheduled_at).total_seconds() for row in rows)) * 1000


def _claims(postgres: Postgres) -> list[Row]:
    """Measure claims one at a time; the peer is the least that one could do: insert a row."""
    return [
        _bar(
            f"one claim p99, {name}",
            _least(partial(_claim, make), 2),
            _least(partial(_insert, make), 0),
            2,
        )
        for name, make in (("SQLite", _sqlite), ("PostgreSQL", postgres.create))
    ]


def _claim(make: Callable[[], str]) -> float:
    from clockdyno.ledger import claims, database

    clock = claims.Ledger(database.connect(make()))
    database.set_up(clock.engine)
    clock.register(paused=False)
    start, took = datetime(2027, 1, 4, tzinfo=UTC), []
    clock.arrive({"job": "trigger"}, start)
    for number in range(2000):
        before = time.perf_counter()
        claim = clock.claim("job", start + timedelta(seconds=number), 1)
        took.append((time.perf_counter() - before) * 1000)
        clock.finish(claim, state="succeeded")
    clock.engine.dispose()
    return _p99(took)


def _insert(make: Callable[[], str]) -> float:
    from clockdyno.ledger import database, tables

    engine, took = database.connect(make()), []
    database.set_up(engine)
    row = {"job_id": "job", "kind": "scheduled", "state": "running"}
    for number in range(2000):
        before = time.perf_counter()
        at = datetime(2027, 1, 4, tzinfo=UTC) + timedelta(seconds=number)
        with engine.execution_options(writes=True).begin() as db:
            db.execute(tables.runs.insert(), {**row, "scheduled_at": at})
        took.append((time.perf_counter() - before) * 1000)
    engine.dispose()
    return _p99(took)


def _idle(postgres: Postgres) -> Row:
    plain = _share(None)
    ours = _least(lambda: _share(postgres.create()), 1.5)
    return _bar("CPU with 1,000 jobs, none due", ours, plain or None, 1.5, "%")


def _share(url: str | None) -> float:
    """Return the percentage of a core that an idle clock takes, the first minutes included."""
    with running(IDLE, url) as (_, process):
        time.sleep(15)
        before = sum(process.cpu_times()[:2])
        time.sleep(60)
        return (sum(process.cpu_times()[:2]) - before) / 60 * 100


def _boot(postgres: Postgres) -> Row:
    took = []
    for _ in range(5):
        start = time.time()
        with running(FIRST, postgres.create()) as (site, _):
            (row,) = site.until(site.rows)
            took.append((row.started_at.timestamp() - start) * 1000)
    return _bar("boot to first claim", statistics.median(took), None, 2000)


def _growth(postgres: Postgres) -> Row:
    with running(MANY, postgres.create()) as (site, process):
        _wait_for(site, 2000)
        before = process.memory_info().rss
        _wait_for(site, 12000)
        grown = (process.memory_info().rss - before) / 2**20
    return _bar("growth of the RSS over 10,000 runs", grown, None, 1, "MB")


def _wait_for(site: Site, runs: int) -> None:
    """Wait without a heavy query, which would slow the clock down."""
    newest = "SELECT max(id) FROM clockdyno.runs"
    while True:
        time.sleep(0.5)
        with contextlib.suppress(sa.exc.DBAPIError), site.engine.connect() as db:
            if (db.scalar(sa.text(newest)) or 0) > runs:
                return


def _least(measure: Callable[[], float], enough: float) -> float:
    """Measure up to three times: what else the machine does makes a figure only larger."""
    found = [measure()]
    while min(found) > enough and len(found) < 3:
        found.append(measure())
    return min(found)


def _p99(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.99)]


def _bar(name: str, ours: float, peer: float | None, bar: float, unit: str = "ms") -> Row:
    shown = f"{peer:.2f} {unit}" if peer else "-"
    ratio = ours / (peer or bar)
    return Row(name, f"{ours:.2f} {unit}", shown, ratio, f"<= {bar} {unit}", ours <= bar)
