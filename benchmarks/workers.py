"""10,000 jobs due at once on worker dynos, beside Procrastinate alone on the same machine."""

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

from benchmarks.table import Row

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from clockdyno.ledger import database
from support.postgres import Postgres
from support.workers import WorkerSite

MANY = 10_000
AHEAD = 15  # seconds for the clock and the workers to read 10,000 jobs
HERD = f"""
from datetime import UTC
def work(n): pass

at = datetime.fromtimestamp(int(os.environ["AT"]), UTC)
for n in range({MANY}):
    sched.add_job(work, "date", [n], id=f"work{{n}}", run_date=at, catch_up=3600)

@sched.scheduled_job("interval", seconds=1, catch_up=3600, max_instances=1000)
def tick(): pass
"""
ALONE = f"""
import asyncio, logging, sys
from procrastinate import App, PsycopgConnector

app = App(connector=PsycopgConnector(conninfo=sys.argv[1], min_size=1, max_size=4))

@app.task(name="work")
def work(n): pass

async def main():
    async with app.open_async():
        if sys.argv[2] == "work":
            return await app.run_worker_async(concurrency=8, delete_jobs="always")
        for start in range(0, {MANY}, 500):
            batch = [{{"n": n}} for n in range(start, start + 500)]
            await app.configure_task("work").batch_defer_async(*batch)

logging.disable(logging.WARNING)
asyncio.run(main())
"""


def main() -> list[Row]:
    """Return the rows of all figures."""
    rows = []
    with contextlib.closing(Postgres(durable=True)) as postgres:
        rows += _enqueueing(postgres)
        for workers in (1, 2, 4):
            rows += _throughput(postgres, workers)
    return rows


def _enqueueing(postgres: Postgres) -> list[Row]:
    """Measure the clock; on Heroku workers and database take none of its processor."""
    peer, url = 0.0, postgres.create()
    with _alone(url, 0):
        start = time.monotonic()
        _defer(url)
        peer = time.monotonic() - start
    with _herd(postgres, 0) as (site, at), ThreadPoolExecutor() as pool:
        late_ones = pool.submit(_late, site, at)
        herd = "FROM clockdyno.runs WHERE job_id <> 'tick'"
        _wait(site.engine, f"SELECT count(*) < {MANY} {herd}")
        took = time.time() - at
        late = late_ones.result()
    return [
        Row(
            "10,000 due at once, all enqueued after",
            f"{took:.1f} s",
            f"{peer:.1f} s",
            took / peer,
            "<= 5 s",
            took <= 5,
        ),
        Row(
            "due in the seconds after, enqueued late by",
            f"{late:.2f} s",
            "-",
            0,
            "<= 1 s",
            late <= 1,
        ),
    ]


def _throughput(postgres: Postgres, workers: int) -> list[Row]:
    url = postgres.create()
    with _alone(url, workers):
        engine = database.connect(url)
        _defer(url)
        start = time.monotonic()
        _wait(engine, "SELECT count(*) > 0 FROM procrastinate_jobs", 0.5)
        peer = MANY / (time.monotonic() - start)
        engine.dispose()
    with _herd(postgres, workers) as (site, _):
        over = "job_id <> 'tick' AND finished_at IS NOT NULL"
        _wait(site.engine, f"SELECT count(*) < {MANY} FROM clockdyno.runs WHERE {over}", 0.5)
        took = "extract(epoch FROM max(finished_at) - min(started_at))"
        (row,) = site.query(f"SELECT {MANY} / {took}, count(*) FROM clockdyno.runs WHERE {over}")
        used = site.query(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        ours, connections = float(row[0]), used[0][0]
    limit = 2 + 3 * workers
    return [
        Row(
            f"runs/s of {MANY:,} due at once, {workers} workers",
            f"{ours:.0f}",
            f"{peer:.0f}",
            ours / peer,
            ">= 0.60",
            ours / peer >= 0.6,
        ),
        Row(
            f"connections, {workers} workers and a clock",
            str(connections),
            str(limit),
            connections / limit,
            f"<= {limit}",
            connections <= limit,
        ),
    ]


@contextlib.contextmanager
def _alone(url: str, workers: int) -> Iterator[None]:
    """Run workers of Procrastinate's own."""
    with tempfile.TemporaryDirectory() as folder:
        _program(folder)
        engine = database.connect(url)
        from procrastinate import App, SyncPsycopgConnector

        schema = App(connector=SyncPsycopgConnector()).schema_manager.get_schema()
        with engine.begin() as db:
            db.connection.cursor().execute(schema)
        engine.dispose()
        command = [sys.executable, f"{folder}/alone.py", url, "work"]
        running = [subprocess.Popen(command) for _ in range(workers)]
        time.sleep(3 if workers else 0)
        try:
            yield
        finally:
            for process in running:
                process.send_signal(signal.SIGTERM)
            for process in running:
                process.wait(60)


def _program(folder: str) -> None:
    (Path(folder) / "alone.py").write_text(ALONE)


def _defer(url: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _program(folder)
        subprocess.run([sys.executable, f"{folder}/alone.py", url, "defer"], check=True)


@contextlib.contextmanager
def _herd(postgres: Postgres, workers: int) -> Iterator[tuple[WorkerSite, int]]:
    """Give a clock and workers, from the second on in which all jobs are due."""
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.closing(WorkerSite(Path(folder) / "site", postgres.create())) as site,
    ):
        site.write(HERD, quick=False)
        at = int(time.time()) + AHEAD + 5 * workers
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
