"""Clocks and workers that are killed, stopped and frozen at random, and their database, too."""

import contextlib
import os
import subprocess
from typing import Any

import pytest
from support.chaos import JOBS, Chaos, verdict
from support.site import Postgres
from support.workers import WorkerSite

# Never too late, so that the ledger alone keeps what is offered again from running again.
PATIENT = JOBS.replace("seconds=2)", "seconds=2, catch_up=3600)")


class WorkerChaos(Chaos):
    """Does the same to clocks and workers."""

    def __init__(self, site: WorkerSite, postgres: Postgres | None, clocks: int, workers: int):
        super().__init__(site, postgres, clocks)
        self.worker_site = site
        self.up += [site.work() for _ in range(workers)]

    def last(self) -> list[subprocess.Popen[bytes]]:
        return [self.site.start(), self.worker_site.work()]


def unkind(site: WorkerSite, postgres: Postgres, seconds: float, workers: int) -> list[str]:
    site.write(PATIENT)
    chaos = WorkerChaos(site, postgres, 2, workers)
    try:
        site.until(lambda: site.rows("state = 'succeeded'"))
        chaos.run(seconds)
        chaos.calm()
    finally:
        with contextlib.suppress(Exception):
            chaos.restore(everything=True)
    return verdict(chaos) + left_over(site)


def left_over(site: WorkerSite) -> list[str]:
    rows: Any = site.query(
        "SELECT status, args FROM clockdyno.procrastinate_jobs WHERE status = 'todo'"
    )
    return [f"still in the queue: {row}" for row in rows]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_minutes_of_chaos_lose_and_double_nothing(workers: WorkerSite, postgres: Postgres) -> None:
    seconds = float(os.environ.get("CHAOS_SECONDS", "60"))
    assert unkind(workers, postgres, seconds, workers=4) == []


@pytest.mark.slow
def test_a_few_seconds_of_chaos_lose_and_double_nothing(
    workers: WorkerSite, postgres: Postgres
) -> None:
    assert unkind(workers, postgres, 8, workers=2) == []
