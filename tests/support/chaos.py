"""Clocks that are killed, stopped and frozen at random, on a database that goes away too.

For every time that was due there must be exactly one row, and at most one effect for each attempt.
"""

import random
import signal
import subprocess
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path

from support.site import GUARD, Postgres, Site

JOBS = """
@sched.scheduled_job("interval", seconds=1)
def tick(scheduled_at):
    note("tick", scheduled_at.isoformat(), datetime.now().isoformat())

@sched.scheduled_job("interval", seconds=2)
def slow(scheduled_at):
    note("slow", scheduled_at.isoformat(), datetime.now().isoformat())
    time.sleep(0.7)

@sched.scheduled_job("interval", seconds=3, on_lost="rerun")
def again(scheduled_at):
    note("again", scheduled_at.isoformat(), datetime.now().isoformat())
    time.sleep(0.5)
"""
EVERY = {"tick": 1, "slow": 2, "again": 3}
# Each act waits until some job has begun, so a slow machine sees fewer of them: at any speed, a job
# that stands still through so many is one that was forgotten.
MOST_ACTS = 20


class Chaos:
    """Does something unkind about once a second."""

    def __init__(self, site: Site, postgres: Postgres | None, clocks: int) -> None:
        self.site, self.postgres, self.random = site, postgres, random.Random(clocks)
        self.told: dict[int, bool] = {}  # pid: it was listening when it was told to stop
        self.up = [site.start() for _ in range(clocks)]
        self.leaving: list[subprocess.Popen[bytes]] = []
        self.frozen: list[tuple[float, subprocess.Popen[bytes]]] = []
        self.database_back = 0.0
        self.acts = list[Counter[str]]()  # how often each job had begun when something was done

    def run(self, seconds: float) -> None:
        self.began = datetime.now(UTC)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.pause()
            acts = [self.kill, self.kill, self.terminate, self.terminate, self.freeze, self.cut]
            self.random.choice(acts)()
        self.restore(everything=True)
        self.ended = datetime.now(UTC)

    def pause(self) -> None:
        """Wait a moment, and until a job has begun: a busy machine would have nobody to run it."""
        end = time.monotonic() + self.random.uniform(0.4, 1.2)
        seen = begun(self.site).total()

        def over() -> bool:
            self.restore()
            return time.monotonic() > end and begun(self.site).total() > seen

        self.site.until(over)
        self.acts.append(begun(self.site))

    def pick(self) -> subprocess.Popen[bytes]:
        frozen = [process for _, process in self.frozen]
        return self.random.choice([process for process in self.up if process not in frozen])

    def kill(self) -> None:
        process = self.pick()
        process.kill()
        process.wait()
        self.up[self.up.index(process)] = self.site.another(process)

    def terminate(self) -> None:
        process = self.pick()
        self.tell(process)
        self.leaving.append(process)
        # As on Heroku, the new one starts while the old one stops.
        self.up[self.up.index(process)] = self.site.another(process)

    def tell(self, process: subprocess.Popen[bytes]) -> None:
        self.told[process.pid] = listens(process)
        process.terminate()

    def freeze(self) -> None:
        if len(self.frozen) < len(self.up) - 1:
            process = self.pick()
            process.send_signal(signal.SIGSTOP)
            self.frozen.append((time.monotonic() + self.random.uniform(0.5, 8), process))

    def cut(self) -> None:
        if self.postgres and not self.database_back and self.random.random() < 0.4:
            self.postgres.kill()
            self.database_back = time.monotonic() + self.random.uniform(0.5, 5)

    def restore(self, everything: bool = False) -> None:
        now = time.monotonic()
        for at, process in list(self.frozen):
            if everything or at < now:
                process.send_signal(signal.SIGCONT)
                self.frozen.remove((at, process))
        if self.database_back and (everything or self.database_back < now) and self.postgres:
            self.postgres.start()
            self.database_back = 0.0

    def calm(self) -> None:
        """Stop everything, then let one clock settle what is left, and go on."""
        for process in self.up:
            self.tell(process)
        for process in self.up + self.leaving:
            # Python itself, still importing, ends by the signal.
            ends = (0,) if self.told[process.pid] else (0, -signal.SIGTERM)
            assert process.wait(GUARD) in ends
        last = self.last()
        self.settle()
        self.site.until(self.goes_on)
        for process in last:
            assert self.site.stop(process) == 0
            # What a clock has enqueued in its last moment is done by the worker after it.
            self.settle()

    def settle(self) -> None:
        self.site.until(lambda: not self.site.rows("state IN ('running', 'requested')"))

    def goes_on(self) -> bool:
        """Say whether a time of each job that is after all the unkindness has been run."""
        rows = self.site.rows("state = 'succeeded'")
        return {row.job_id for row in rows if row.scheduled_at > self.ended} >= set(EVERY)

    def last(self) -> list[subprocess.Popen[bytes]]:
        return [self.site.start()]


def listens(process: subprocess.Popen[bytes]) -> bool:
    """Tell whether a process has a handler for SIGTERM by now."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1)


def begun(site: Site) -> Counter[str]:
    """Return how often each job has begun."""
    return Counter(line.split()[0] for line in site.effects())


def stood_still(chaos: Chaos, job: str) -> int:
    """Return through how many acts, at most, a job did not begin."""
    return max(len([*acts]) for _, acts in groupby(acts[job] for acts in chaos.acts)) - 1


def verdict(chaos: Chaos) -> list[str]:
    """Return what is wrong with the ledger or the effects: what ran, how often, and when."""
    site, wrong = chaos.site, []
    rows = site.rows("kind = 'scheduled' AND job_id NOT LIKE '%~%'")
    for job, seconds in EVERY.items():
        every = timedelta(seconds=seconds)
        times = Counter(row.scheduled_at for row in rows if row.job_id == job)
        due, last = min(times), max(times)
        if due > chaos.began + every or last < chaos.ended - every:
            wrong.append(f"{job}: from {due} to {last}, not {chaos.began} to {chaos.ended}")
        while due <= last:
            if times[due] != 1:
                wrong.append(f"{job} {due}: {times[due]} rows")
            due += every
        if (acts := stood_still(chaos, job)) > MOST_ACTS:
            wrong.append(f"{job} did nothing through {acts} acts")
    effects = Counter(" ".join(line.split()[:2]) for line in site.effects())
    for row in rows:
        key = f"{row.job_id} {row.scheduled_at.isoformat()}"
        most = row.attempt if row.job_id == "again" else 1
        if row.state in ("missed", "skipped"):
            most = 0
        if effects[key] > most or (row.state == "succeeded" and not effects[key]):
            wrong.append(f"{key}: {effects[key]} effects, {row.state}, attempt {row.attempt}")
    wrong += [
        f"{row.job_id} {row.scheduled_at}: still {row.state}"
        for row in rows
        if row.state in ("running", "requested")
    ]
    if "the clock itself failed" in site.log():
        wrong.append("a traceback in the log")
    return wrong
