"""Thousands of jobs due at once on worker dynos, beside Procrastinate alone on the same machine."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import sqlalchemy as sa
from clockdyno.ledger import database
from support.postgres import Postgres
from support.workers import WorkerSite

from benchmarks.progress import doing
from benchmarks.table import Row, at_most, times_at_least

MANY = 10_000
AHEAD = 10  # seconds for the clock to read so many jobs
# How many at once, and connections: of each worker of Procrastinate alone. Its best counts.
SETTINGS = ((8, 4), (20, 10))
HERD = """
from datetime import UTC
def work(n): pass

at = datetime.fromtimestamp(int(os.environ["AT"]), UTC)
for n in range(MANY):
    sched.add_job(work, "date", [n], id=f"work{n}", run_date=at, catch_up=3600)

@sched.scheduled_job("interval", seconds=1, catch_up=3600, max_instances=1000)
def tick(): pass
"""
ALONE = """
import asyncio, logging, sys
from procrastinate import App, PsycopgConnector

logging.disable(logging.WARNING)

at_once, most = int(sys.argv[3]), int(sys.argv[4])
app = App(connector=PsycopgConnector(conninfo=sys.argv[1], min_size=1, max_size=most))

@app.task(name="work")
def work(n): pass

async def main():
    async with app.open_async():
        if sys.argv[2] == "work":
            return await app.run_worker_async(concurrency=at_once, delete_jobs="always")
        for start in range(0, at_once, 500):
            batch = [{"n": n} for n in range(start, start + 500)]
            await app.configure_task("work").batch_defer_async(*batch)

asyncio.run(main())
"""


def main(quick: bool = False) -> Iterator[Row]:
    """Yield the rows of all figures."""
    with contextlib.closing(Postgres(durable=True)) as postgres:
        if quick:
            yield from _throughput(postgres, 2, 2_000)
            return
        yield from _enqueueing(postgres, MANY)
        for workers in (1, 4):
            yield from _throughput(postgres, workers, 4_000)


def _enqueueing(postgres: Postgres, many: int) -> Iterator[Row]:
    """Measure the clock; on Heroku workers and database take none of its processor."""
    doing(f"a clock that enqueues {many:,} jobs due at once")
    url = postgres.create()
    _set_up(url)
    start = time.monotonic()
    _defer(url, many)
    peer = time.monotonic() - start
    with _herd(postgres, 0, many) as (site, at), ThreadPoolExecutor() as pool:
        late_ones = pool.submit(_late, site, at)
        herd = "FROM clockdyno.runs WHERE job_id <> 'tick'"
        _wait(site.engine, f"SELECT count(*) < {many} {herd}")
        took = time.time() - at
        late = late_ones.result()
    told = f"{many:,} due at once, all enqueued after; Procrastinate in batches, no claims"
    yield at_most(told, took, peer, 5, "s")
    yield at_most("due in the seconds after, enqueued late by", late, None, 1, "s")


def _throughput(postgres: Postgres, workers: int, many: int) -> Iterator[Row]:
    found = {}
    for at_once, connections in SETTINGS:
        doing(f"{workers} workers of Procrastinate alone, {at_once} jobs at once each")
        found[_alone(postgres, workers, many, at_once, connections)] = at_once
    peer, best = max(found), found[max(found)]
    doing(f"{many:,} jobs due at once on {workers} workers")
    with _herd(postgres, workers, many) as (site, _):
        over = "job_id <> 'tick' AND finished_at IS NOT NULL"
        _wait(site.engine, f"SELECT count(*) < {many} FROM clockdyno.runs WHERE {over}", 0.5)
        took = "extract(epoch FROM max(finished_at) - min(started_at))"
        (row,) = site.query(f"SELECT {many} / {took} FROM clockdyno.runs WHERE {over}")
        used = site.query(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    names = "1 worker" if workers == 1 else f"{workers} workers"
    told = f"{many:,} due at once, {names}; Procrastinate alone, at its best with {best} at once"
    yield times_at_least(told, float(row[0]), peer, 0.9, "runs/s")
    limit = 2 + 2 * workers
    yield at_most(f"connections of {names} and a clock", used[0][0], None, limit, "")


def _alone(postgres: Postgres, workers: int, many: int, at_once: int, connections: int) -> float:
    """Return how many jobs a second workers of Procrastinate's own do."""
    url = postgres.create()
    _set_up(url)
    engine = database.connect(url)
    with _program(url, "work", str(at_once), str(connections)) as command:
        running = [subprocess.Popen(command) for _ in range(workers)]
        time.sleep(3)
        try:
            _defer(url, many)
            start = time.monotonic()
            # Else it swings with the moment at which PostgreSQL itself looks at the queue.
            with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as db:
                db.execute(sa.text("ANALYZE procrastinate_jobs"))
            _wait(engine, "SELECT count(*) > 0 FROM procrastinate_jobs", 0.2)
            return many / (time.monotonic() - start)
        finally:
            for process in running:
                process.send_signal(signal.SIGTERM)
            for process in running:
                process.wait(60)
            engine.dispose()


def _set_up(url: str) -> None:
    from procrastinate import App, SyncPsycopgConnector

    engine = database.connect(url)
    schema = App(connector=SyncPsycopgConnector()).schema_manager.get_schema()
    with engine.begin() as db:
        db.connection.cursor().execute(schema)
    engine.dispose()


@contextlib.contextmanager
def _program(*words: str) -> Iterator[list[str]]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "alone.py"
        file.write_text(ALONE)
        yield [sys.executable, str(file), *words]


def _defer(url: str, many: int) -> None:
    with _program(url, "defer", str(many), "4") as command:
        subprocess.run(command, check=True)


@contextlib.contextmanager
def _herd(postgres: Postgres, workers: int, many: int) -> Iterator[tuple[WorkerSite, int]]:
    """Give a clock and workers, from the second on in which all jobs are due."""
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.closing(WorkerSite(Path(folder) / "site", postgres.create())) as site,
    ):
        site.write(HERD.replace("MANY", str(many)), quick=False)
        at = int(time.time()) + 6 + AHEAD * many // MANY + 4 * workers
        env = {"AT": str(at), "LOG_LEVEL": os.environ.get("LOG_LEVEL", "INFO")}
        site.start(**env)
        for _ in range(workers):
            site.work(**env)
        time.sleep(at - time.time())
        yield site, at


def _late(site: WorkerSite, at: int) -> float:
    """Return how late the ticks of the three seconds after the herd's came into the ledger."""
    late = []
    for second in range(at + 1, at + 4):
        there = f"scheduled_at = to_timestamp({second})"
        _wait(site.engine, f"SELECT NOT EXISTS (SELECT FROM clockdyno.runs WHERE {there})", 0.005)
        late.append(time.time() - second)
    return max(late)


def _wait(engine: sa.Engine, condition: str, pause: float = 0.02) -> None:
    """Wait as long as a condition holds."""
    while True:
        with engine.connect() as db:
            if not db.scalar(sa.text(condition)):
                return
        time.sleep(pause)
