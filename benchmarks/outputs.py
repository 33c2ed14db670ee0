"""What it costs a run that it is heard, beside the same run that nobody hears; and the clock."""

import contextlib
import logging
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextvars import copy_context
from pathlib import Path

import psutil
from clockdyno.clock.run import capture
from clockdyno.clock.run.tail import Tail

from benchmarks.table import Row

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from support.postgres import Postgres
from support.site import Site

LINES, RUNS = 200, 400
BEFORE = 54.0  # MB of a clock with one job, before runs were heard, pings sent and alerts gathered
TICK = """
@sched.scheduled_job("interval", seconds=1)
def tick():
    pass
"""


def main(quick: bool = False) -> Iterator[Row]:
    """Yield the rows of all figures."""
    runs = RUNS // 4 if quick else RUNS
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        log = logging.getLogger("job")
        log.propagate, log.level = True, logging.INFO
        handler = logging.StreamHandler(nowhere)
        logging.getLogger().addHandler(handler)
        costs = {
            "a silent run": _pair(lambda: None, runs),
            f"a run that prints {LINES} lines": _pair(lambda: _each(print), runs),
            f"a run that logs {LINES} lines": _pair(lambda: _each(log.info), runs),
        }
        logging.getLogger().removeHandler(handler)
    for name, (heard, unheard) in costs.items():
        more, bar = heard - unheard, max(1.0, unheard * 0.05)
        told = f"{name}, CPU more by {max(more, 0):.3f} ms"
        ratio = heard / unheard
        yield Row(
            told, f"{heard:.3f} ms", f"{unheard:.3f} ms", ratio, f"<= {bar:g} ms", more <= bar
        )
    rss = _rss()
    kept = rss <= BEFORE + 3
    yield Row("RSS of a clock", f"{rss:.1f} MB", f"{BEFORE} MB", rss / BEFORE, "<= 3 MB more", kept)


def _each(say: Callable[[str], None]) -> None:
    for _ in range(LINES):
        say("fetched https://shop.example/prices?page=17")


def _pair(job: Callable[[], None], runs: int) -> tuple[float, float]:
    """Return the CPU time of the job in ms where it is heard, and where it is not, in turns."""
    heard, unheard = list[float](), list[float]()
    for n in range(runs):
        heard.append(_took(job, Tail("job", n, 1)))
        unheard.append(_took(job, None))
    return statistics.median(heard), statistics.median(unheard)


def _took(job: Callable[[], None], tail: Tail | None) -> float:
    start = time.thread_time()
    copy_context().run(_run, job, tail)
    return (time.thread_time() - start) * 1000


def _run(job: Callable[[], None], tail: Tail | None) -> None:
    if tail:
        capture.begin(tail)
    job()
    if tail:
        tail.lines()


def _rss() -> float:
    """Return the memory of a real clock that has run a job for a while."""
    with contextlib.ExitStack() as stack:
        postgres = stack.enter_context(contextlib.closing(Postgres()))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        site = stack.enter_context(contextlib.closing(Site(folder / "site", postgres.create())))
        site.write(TICK, quick=False)
        # Not forked from a process that has more loaded.
        process = subprocess.Popen(
            [sys.executable, "jobs.py"],
            cwd=site.folder,
            env=site.env(),
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        site.processes.append(process)
        (site.folder / "log").touch()
        site.until(lambda: len(site.rows("state = 'succeeded'")) >= 12)
        return float(psutil.Process(process.pid).memory_info().rss / 2**20)
