"""What the clock costs beside a plain APScheduler: memory, lateness, a claim, an idle minute."""

import contextlib
import os
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

import psutil
from support.postgres import Postgres

from benchmarks.progress import doing
from benchmarks.sites import cpu, least, p99, running, sqlite, wait_for
from benchmarks.table import Row, at_most, times_at_most

TEN = """
def work(n): pass

for n in range(10):
    sched.add_job(work, "interval", [n], id=f"work{n}", seconds=1)
"""
# Sixteen or seventeen each second, until so many have begun.
SPREAD = """
LATE = []
def work(n):
    LATE.append(time.time() % 1)
    if len(LATE) == MANY:
        with open("late", "w") as file:
            file.write(" ".join(map(str, LATE)))

for n in range(1000):
    sched.add_job(work, "cron", [n], id=f"work{n}", second=n % 60)
"""
# Each writes down how late it began, in one line.
HERD = """
import os
AT = float(os.environ["AT"])
def work(n):
    with open("late", "a") as file:
        file.write(f"{time.time() - AT} ")

for n in range(1000):
    sched.add_job(work, "date", [n], id=f"work{n}", run_date=datetime.fromtimestamp(AT))
"""
STORE = """
sched.add_jobstore("sqlalchemy", url="{url}")
"""
IDLE = """
def work(n): pass

for n in range(1000):
    sched.add_job(work, "cron", [n], id=f"work{n}", month=(datetime.now().month + 5) % 12 + 1)
"""
MANY = TEN.replace("range(10)", "range(300)")
FIRST = """
@sched.scheduled_job("interval", days=1, next_run_time=datetime.now())
def work(): pass
"""


def main(quick: bool = False) -> Iterator[Row]:
    """Yield the rows of all figures."""
    with contextlib.closing(Postgres(durable=True)) as postgres:
        yield from _memory(postgres)
        yield from _lateness(postgres, 120 if quick else 1000)
        yield _herd(postgres, 1 if quick else 2)
        yield from _claims(postgres, 300 if quick else 1000)
        if not quick:
            yield _boot(postgres)
            yield _idle(postgres, 10)
            yield _growth(postgres)


def _memory(postgres: Postgres) -> Iterator[Row]:
    doing("memory of a clock with 10 jobs on each database, and of APScheduler, plain and on them")
    ours = {"SQLite": sqlite(), "PostgreSQL": postgres.create()}
    theirs = {"SQLite": sqlite(), "PostgreSQL": postgres.create()}
    with contextlib.ExitStack() as stack:

        def start(body: str, url: str | None) -> psutil.Process:
            return stack.enter_context(running(body, url))[1]

        plain = start(TEN, None)
        clocks = {name: start(TEN, url) for name, url in ours.items()}
        stored = {name: start(STORE.format(url=url) + TEN, None) for name, url in theirs.items()}
        time.sleep(6)
        for name, clock in clocks.items():
            rss, peer, store = (p.memory_info().rss / 2**20 for p in (clock, plain, stored[name]))
            yield times_at_most(f"RSS with 10 jobs, {name}; APScheduler", rss, peer, 1.8, "MB")
            told = f"RSS with 10 jobs, {name}; APScheduler with its job store there"
            yield times_at_most(told, rss, store, 1.8, "MB")


def _lateness(postgres: Postgres, many: int) -> Iterator[Row]:
    seconds = many * 60 // 1000
    doing(f"lateness of plain APScheduler, {seconds // 6} s")
    peer = _spread(None, many // 6)
    for name, url, bar in (("SQLite", sqlite(), 25), ("PostgreSQL", postgres.create(), 15)):
        doing(f"lateness of {many:,} runs in {seconds} s, {name}")
        os.sync()  # What others have still to write would keep its commits waiting.
        what = f"lateness p99, {many:,} of 1,000 jobs over a minute, {name}; APScheduler"
        yield at_most(what, _spread(url, many), peer, bar, "ms")


def _spread(url: str | None, many: int) -> float:
    """Return how late runs began, by the job's own clock."""
    with running(SPREAD.replace("MANY", str(many)), url) as (site, _):
        site.until((site.folder / "late").exists, 90)
        time.sleep(0.5)
        text = (site.folder / "late").read_text()
    return p99([float(late) * 1000 for late in text.split()])


def _herd(postgres: Postgres, times: int) -> Row:
    doing("1,000 jobs due in one second, on PostgreSQL and in plain APScheduler")
    ours = least(lambda: _last(postgres.create()), 500, times)
    what = "1,000 jobs due in one second on PostgreSQL, the last began after; APScheduler"
    return at_most(what, ours, _last(None), 500, "ms")


def _last(url: str | None) -> float:
    """Return after how many milliseconds the last of a herd began, by the job's own clock."""
    at = int(time.time()) + 5
    with running(HERD, url, AT=str(at)) as (site, _):
        file = site.folder / "late"
        site.until(lambda: file.exists() and len(file.read_text().split()) >= 1000)
        return max(map(float, file.read_text().split())) * 1000


def _claims(postgres: Postgres, many: int) -> Iterator[Row]:
    """Measure claims one at a time; the peer is the least that one could do: insert a row."""
    for name, make in (("SQLite", sqlite), ("PostgreSQL", postgres.create)):
        doing(f"{many:,} claims one after the other, {name}")
        ours = least(partial(_claim, make, many), 2)
        yield at_most(f"one claim p99, {name}; one INSERT", ours, _insert(make, many), 2, "ms")


def _claim(make: Callable[[], str], many: int) -> float:
    from clockdyno.ledger import claims, database

    clock = claims.Ledger(database.connect(make()))
    database.set_up(clock.engine)
    clock.register(paused=False)
    start, took = datetime(2027, 1, 4, tzinfo=UTC), []
    clock.arrive({"job": "trigger"}, start)
    for number in range(many):
        before = time.perf_counter()
        claim = clock.claim("job", start + timedelta(seconds=number), 1)
        took.append((time.perf_counter() - before) * 1000)
        clock.finish(claim, state="succeeded")
    clock.engine.dispose()
    return p99(took)


def _insert(make: Callable[[], str], many: int) -> float:
    from clockdyno.ledger import database, tables

    engine, took = database.connect(make()), []
    database.set_up(engine)
    row = {"job_id": "job", "kind": "scheduled", "state": "running"}
    for number in range(many):
        before = time.perf_counter()
        at = datetime(2027, 1, 4, tzinfo=UTC) + timedelta(seconds=number)
        with engine.execution_options(writes=True).begin() as db:
            db.execute(tables.runs.insert(), {**row, "scheduled_at": at})
        took.append((time.perf_counter() - before) * 1000)
    engine.dispose()
    return p99(took)


def _idle(postgres: Postgres, seconds: int) -> Row:
    doing(f"{seconds} s of a clock and of plain APScheduler with 1,000 jobs, none due")
    with running(IDLE, postgres.create()) as (_, ours), running(IDLE, None) as (_, plain):
        time.sleep(6)
        before = [cpu(process) for process in (ours, plain)]
        time.sleep(seconds)
        used = [(cpu(p) - b) / seconds * 100 for p, b in zip((ours, plain), before, strict=True)]
    return at_most("CPU with 1,000 jobs, none due; APScheduler", used[0], used[1], 1.5, "%")


def _boot(postgres: Postgres) -> Row:
    doing("three starts of a clock")
    took = []
    for _ in range(3):
        start = time.time()
        with running(FIRST, postgres.create()) as (site, _):
            (row,) = site.until(site.rows)
            took.append((row.started_at.timestamp() - start) * 1000)
    return at_most("boot to first claim", statistics.median(took), None, 2000, "ms")


def _growth(postgres: Postgres) -> Row:
    doing("memory over 6,000 runs, 300 a second")
    with running(MANY, postgres.create()) as (site, process):
        wait_for(site, 2000)
        before = process.memory_info().rss
        wait_for(site, 8000)
        grown = (process.memory_info().rss - before) / 2**20
    return at_most("growth of the RSS over 6,000 runs", grown, None, 1, "MB")
