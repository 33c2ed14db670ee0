"""Clocks to be measured, and plain APScheduler beside them, with the same jobs."""

import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import sqlalchemy as sa
from support.site import Site

PLAIN = """
import logging, os, sys, time
from datetime import datetime
from apscheduler.schedulers.blocking import BlockingScheduler

sched = BlockingScheduler(timezone="UTC", job_defaults={"misfire_grace_time": 60})
"""


@contextlib.contextmanager
def running(
    body: str, url: str | None, clock: str = "", **env: str
) -> Iterator[tuple[Site, psutil.Process]]:
    """Run a clock, or where there is no database a plain APScheduler, with some jobs."""
    with tempfile.TemporaryDirectory() as folder:
        site = Site(Path(folder) / "site", url or sqlite())
        site.clock = clock or site.clock
        site.write(body, quick=False)
        if url is None:
            (site.folder / "jobs.py").write_text(PLAIN + body + "\nsched.start()\n")
        with contextlib.closing(site):
            process = site.start(LOG_LEVEL="WARNING", **env)
            yield site, psutil.Process(process.pid)


def sqlite() -> str:
    """Return the address of a file that is not there yet."""
    return f"sqlite:///{tempfile.mkdtemp()}/ledger.sqlite3"


def wait_for(site: Site, runs: int) -> None:
    """Wait without a heavy query, which would slow the clock down."""
    newest = "SELECT max(id) FROM clockdyno.runs"
    while True:
        time.sleep(0.5)
        with contextlib.suppress(sa.exc.DBAPIError), site.engine.connect() as db:
            if (db.scalar(sa.text(newest)) or 0) > runs:
                return


def least(measure: Callable[[], float], enough: float, times: int = 3) -> float:
    """Measure up to three times: what else the machine does makes a figure only larger."""
    found = [measure()]
    while min(found) > enough and len(found) < times:
        found.append(measure())
    return min(found)


def p99(values: list[float]) -> float:
    """Return what only one of a hundred exceeds."""
    return sorted(values)[int(len(values) * 0.99)]


def cpu(process: psutil.Process) -> float:
    """Return how many seconds of a processor a process has used."""
    return float(sum(process.cpu_times()[:2]))
