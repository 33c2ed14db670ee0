"""100,000 schedules that are rows: lateness, memory, an idle minute, a put, a start, a herd.

Beside APScheduler's own SQLAlchemyJobStore and Procrastinate's periodic deferrer, where these can
do the same work.
"""

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import sqlalchemy as sa
from clockdyno import schedules
from clockdyno.ledger import database, due
from support.postgres import Postgres
from support.site import Site

from benchmarks.progress import doing
from benchmarks.sites import cpu, p99
from benchmarks.table import Row, at_most

MANY, DUE, HERD = 100_000, 1_000, 10_000
SECONDS = 30  # of those in which so many are due each minute
TASK = """
@sched.task(max_instances=1)
def work(n): pass
"""
# As `put` would have written them; only that it would take minutes.
ROWS = """
INSERT INTO clockdyno.schedules (job_id, key, task, typed, parts, zone, kwargs, words, remarks,
    revision, known_since, next_at, changed_at)
SELECT 'k' || n || '~' || 'abcdef', 'k' || n, 'work', :typed,
    replace(:parts, '@', extract(second FROM at)::int::text),
    'UTC', '{"n": ' || n || '}', 'often', '[]', 1, now(), at, now()
FROM generate_series(:start, :start + :count - 1) n,
    LATERAL (SELECT :first + (n % :spread) * interval '1 second') due (at)
"""
WEB = """
import psutil
from flask import Flask
from clockdyno.dashboard import dashboard
from clockdyno.ledger import reports
app = Flask(__name__)
app.register_blueprint(dashboard)
app.test_client().get("/clock/")
@
print(psutil.Process().memory_info().rss / 2**20)
"""
PUT = """
from clockdyno import schedules
schedules.put("k", "work", "weekdays at 9", kwargs={"n": 1})
"""
MINUTELY = '[["cron", {"minute": "*", "second": "@"}]]'
YEARLY = '[["cron", {"day": 1, "hour": 0, "minute": 0, "month": 1, "second": "@"}]]'
STORE = """
import sys
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
import time

def work(n): pass

sched = BackgroundScheduler(
    jobstores={"default": SQLAlchemyJobStore(sys.argv[1])}, timezone="UTC"
)
sched.start()
took = []
for n in range(300):
    before = time.perf_counter()
    sched.add_job(work, "cron", [n], id=f"k{n}", hour=9, replace_existing=True)
    took.append((time.perf_counter() - before) * 1000)
took.sort()
print(took[150])
"""

# Its whole tick: each task that is due is deferred, once.
DEFERRER = """
import asyncio, logging, sys, time
from procrastinate import App, PsycopgConnector
from procrastinate.periodic import PeriodicDeferrer

app = App(connector=PsycopgConnector(conninfo=sys.argv[1]))
for n in range(int(sys.argv[2])):
    @app.periodic(cron="* * * * *", periodic_id=str(n))
    @app.task(name=f"work{n}")
    def work(timestamp): pass

async def main():
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        deferrer, now = PeriodicDeferrer(registry=app.periodic_registry), time.time()
        await deferrer.defer_jobs(deferrer.get_previous_tasks(at=now))
        print(time.time() - now)

logging.disable(logging.WARNING)
asyncio.run(main())
"""


def main(quick: bool = False) -> Iterator[Row]:
    """Yield the rows of all figures."""
    with contextlib.closing(Postgres(durable=True)) as postgres:
        yield _put(postgres)
        yield _herd(postgres, DUE, _deferrer(postgres))
        if not quick:
            yield _web(postgres)
            yield from _minute(postgres)
            yield _herd(postgres, HERD)


@contextlib.contextmanager
def _clock(postgres: Postgres, *fills: tuple[str, int, int, datetime]) -> Iterator[Site]:
    """Make a project whose database has rows already; its clock is not started yet."""
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        site = stack.enter_context(
            contextlib.closing(Site(Path(folder) / "site", postgres.create()))
        )
        site.write(TASK, quick=False)
        database.set_up(site.engine)
        start = 0
        for parts, count, spread, first in fills:
            facts = {"parts": parts, "count": count, "spread": spread, "first": first}
            site.execute(ROWS, typed="often", start=start, **facts)
            start += count
        with site.engine.connect() as db:
            db.execution_options(isolation_level="AUTOCOMMIT").execute(sa.text("ANALYZE"))
        yield site


def _put(postgres: Postgres) -> Row:
    """Measure a `put` that is new, each in a transaction of its own."""
    doing("500 schedules put one after the other, and SQLAlchemyJobStore's add_job")
    with _clock(postgres) as site:
        os.environ["DATABASE_URL"] = site.url
        facts = {"zone": "UTC", "fastest": 10.0, "doc": "", "on_lost": "report"}
        with site.engine.begin() as db:
            takes = '{"must": ["n"], "may": ["n"]}'
            due.enroll(db, [{"name": "work", "takes": takes, **facts}], datetime.now(UTC))
        took = []
        for n in range(500):
            before = time.perf_counter()
            schedules.put(f"k{n}", "work", f"weekdays at {n % 24}:{n % 60:02}", kwargs={"n": n})
            took.append((time.perf_counter() - before) * 1000)
        url = site.url.replace("postgresql://", "postgresql+psycopg://")
        found = subprocess.run(
            [sys.executable, "-c", STORE, url], capture_output=True, text=True, check=True
        )
    peer, ours = float(found.stdout), statistics.median(took)
    return at_most("a put, p50; SQLAlchemyJobStore's add_job", ours, peer, 3, "ms")


def _web(postgres: Postgres) -> Row:
    """Measure by how much a web process grows when it puts its first schedule."""
    doing("a web process that puts its first schedule")
    with _clock(postgres) as site:
        site.start()
        site.until(lambda: site.query("SELECT 1 FROM clockdyno.tasks"))
        found = [
            subprocess.run(
                [sys.executable, "-c", WEB.replace("@", put)],
                env=site.env(),
                capture_output=True,
                text=True,
                check=True,
            )
            for put in ("", PUT)
        ]
    before, after = (float(one.stdout) for one in found)
    return at_most("RSS that a first put adds to a web process", after - before, None, 6, "MB")


def _minute(postgres: Postgres) -> Iterator[Row]:
    """Measure a clock with 100,000 schedules, 1,000 of which are due each minute."""
    doing("starts of an empty clock")
    empty_boot, empty = _boot(postgres)
    far = datetime.now(UTC).replace(month=1, day=1) + timedelta(days=366)
    idle = (YEARLY, MANY - DUE, 60, far)
    doing(f"starts with {MANY:,} rows")
    boot, _ = _boot(postgres, idle)
    yield at_most(f"start with {MANY:,} rows, more than with none", boot - empty_boot, None, 1, "s")
    with _clock(postgres, idle) as site:
        process = psutil.Process(site.start(LOG_LEVEL="WARNING").pid)
        doing(f"10 s of a clock with {MANY:,} rows, none due")
        time.sleep(6)
        before = cpu(process)
        time.sleep(10)
        share = (cpu(process) - before) / 10 * 100
        yield at_most(f"CPU with {MANY:,} rows, none due", share, None, 2, "%")
    doing(f"{SECONDS} s of a clock with {MANY:,} rows, {DUE:,} of them due each minute")
    first = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=15)
    with _clock(postgres, idle, (MINUTELY, DUE, 60, first)) as site:
        process = psutil.Process(site.start(LOG_LEVEL="WARNING").pid)
        while datetime.now(UTC) < first + timedelta(seconds=SECONDS + 2):
            time.sleep(1)
        grown = process.memory_info().rss / 2**20 - empty
        rows = site.query(
            "SELECT extract(epoch FROM started_at - scheduled_at) FROM clockdyno.runs"
            " WHERE state = 'succeeded'"
        )
    late = [float(row[0]) for row in rows]
    assert len(late) >= DUE * SECONDS // 60, f"{len(late)} runs"
    name = f"lateness p99, {MANY:,} rows, {DUE:,} due a minute"
    yield at_most(name, p99(late), None, 1, "s")
    yield at_most("RSS over an empty clock", grown, None, 20, "MB")


def _boot(postgres: Postgres, *fills: tuple[str, int, int, datetime]) -> tuple[float, float]:
    """Return in how many seconds a clock enters the ledger, and its memory a little later."""
    took = []
    with _clock(postgres, *fills) as site:
        for number in range(2):
            before = time.monotonic()
            process = site.start(LOG_LEVEL="WARNING")
            while len(site.query("SELECT 1 FROM clockdyno.clocks")) <= number:
                time.sleep(0.02)
            took.append(time.monotonic() - before)
            time.sleep(3)
            rss = psutil.Process(process.pid).memory_info().rss / 2**20
            site.stop(process)
    return min(took), rss


def _deferrer(postgres: Postgres) -> float:
    """Return in how many seconds Procrastinate defers its periodic tasks that are due."""
    doing(f"{DUE:,} periodic tasks that Procrastinate defers")
    command = [sys.executable, "-c", DEFERRER, postgres.create(), str(DUE)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def _herd(postgres: Postgres, many: int, peer: float | None = None) -> Row:
    """Measure how long after one instant all that was due at it is claimed."""
    doing(f"{many:,} schedules due at one instant")
    at = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=8 + many // 2000)
    parts = f'[["date", {{"run_date": "{at:%Y-%m-%d %H:%M:%S}"}}]]'
    with _clock(postgres, (parts, many, 1, at)) as site:
        site.start(LOG_LEVEL="WARNING")
        left = "SELECT 1 FROM clockdyno.schedules WHERE next_at IS NOT NULL LIMIT 1"
        site.until(lambda: not site.query(left))
        took = (datetime.now(UTC) - at).total_seconds()
        runs = site.query("SELECT count(*) FROM clockdyno.runs")[0][0]
        assert runs == many, f"{runs} runs"
    name = f"{many:,} schedules due at one instant, all claimed after"
    return at_most(f"{name}; Procrastinate's deferrer" if peer else name, took, peer, 5, "s")
