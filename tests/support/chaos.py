"""Processes that are killed, stopped and frozen at random moments, and a database that goes away.

What came of it is judged in chaos_oracle.py.
"""

import contextlib
import os
import random
import signal
import subprocess
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from support.postgres import Postgres
from support.site import GUARD, Site
from support.workers import WorkerSite

# How processes end, and in how many of a hundred cases.
DEEDS = {signal.SIGKILL: 86, signal.SIGTERM: 8, signal.SIGSTOP: 6}
PATIENCE = 60  # seconds


@dataclass
class Life:
    """A process, and when it is to end or to go on; monotonic."""

    process: subprocess.Popen[bytes]
    ends: float
    thaws: float = 0


class Chaos:
    """Some clocks and workers, each of which has another in its place as soon as it ends."""

    def __init__(
        self, site: Site, postgres: Postgres | None, *, clocks: int, workers: int = 0, seed: int = 0
    ) -> None:
        self.site, self.postgres, self.random = site, postgres, random.Random(seed)
        self.done = Counter[str]()
        self.harmed = defaultdict[int, list[float]](list)  # pid: when it was interfered with
        self.killed: list[tuple[int, float]] = []  # pids, and when
        self.away: list[float] = []  # when the database went
        self.strange: list[str] = []  # ways to end that nobody asked for
        begin = [site.start] * clocks + [self._work] * workers
        self.lives = [Life(start(), self._lifetime()) for start in begin]
        self.has_workers = bool(workers)
        self._leaving: list[tuple[subprocess.Popen[bytes], bool]] = []
        self._back, self._next_cut = 0.0, time.monotonic() + self.random.uniform(2, 20)
        self._seen, self._grown, self._since = 0, time.monotonic(), 0

    def run(self, kills: int, watch: Callable[[], object] = lambda: True) -> None:
        """Go on until so many were killed, and who watches has seen enough."""
        self.began = datetime.now(UTC)
        while not watch() or self.done["SIGKILL"] < kills:
            time.sleep(self.random.uniform(0, 0.02))
            self._restore()
            self._cut()
            if not self._is_quiet():
                everything = self.random.random() < 0.002
                for life in self.lives:
                    if everything or life.ends <= time.monotonic():
                        self._end(life)
        self.ended = datetime.now(UTC)

    def _work(self) -> subprocess.Popen[bytes]:
        assert isinstance(self.site, WorkerSite)
        return self.site.work()

    def _lifetime(self) -> float:
        """Most end while they start, others a little later, and some live to be at rest."""
        whim = self.random
        kinds = [(55, whim.uniform(0, 0.4)), (37, whim.expovariate(2)), (8, whim.uniform(2, 6))]
        weights, spans = zip(*kinds, strict=True)
        return time.monotonic() + float(whim.choices(spans, weights)[0])

    def _is_quiet(self) -> bool:
        """Say whether nothing has run while many ended: a busy machine would never run anything."""
        size, now = (self.site.folder / "effects").stat().st_size, time.monotonic()
        if size > self._seen:
            self._seen, self._grown, self._since = size, now, 0
        return self._since >= 3 * len(self.lives) and now - self._grown < PATIENCE

    def _end(self, life: Life) -> None:
        self._since += 1
        (number,) = self.random.choices([*DEEDS], [*DEEDS.values()])
        awake = [other for other in self.lives if not other.thaws]
        if number == signal.SIGSTOP and (life.thaws or len(awake) == 1):
            number = signal.SIGKILL
        self.done[number.name] += 1
        process = life.process
        self.harmed[process.pid].append(time.time())
        if number == signal.SIGSTOP:
            process.send_signal(number)
            # A few stay so for longer than a clock may be silent.
            longest = 60 if self.random.random() < 0.1 else 8
            life.thaws = time.monotonic() + self.random.uniform(0.5, longest)
            life.ends = life.thaws + self.random.uniform(-2, 4)
            return
        if number == signal.SIGKILL:
            self._kill(process)
        else:
            self._tell(process)
        # As on Heroku, the new one starts while the old one stops.
        life.process, life.ends, life.thaws = self.site.another(process), self._lifetime(), 0

    def _kill(self, process: subprocess.Popen[bytes]) -> None:
        self.done["at start"] += not listens(process)
        self.killed.append((process.pid, time.time()))
        if self.random.random() < 0.5:
            process.kill()
        else:  # As when the whole dyno goes.
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.site.processes.remove(process)

    def _tell(self, process: subprocess.Popen[bytes]) -> None:
        # Python itself, still importing, ends by the signal.
        self._leaving.append((process, listens(process)))
        process.terminate()
        process.send_signal(signal.SIGCONT)

    def _cut(self) -> None:
        if self.postgres and not self._back and self._next_cut < time.monotonic():
            self.done["database"] += 1
            self.away.append(time.time())
            self.postgres.kill()
            self._back = time.monotonic() + self.random.uniform(0.1, 5)

    def _restore(self, everything: bool = False) -> None:
        now = time.monotonic()
        for life in self.lives:
            if life.thaws and (everything or life.thaws < now):
                life.process.send_signal(signal.SIGCONT)
                life.thaws = 0
        if self.postgres and self._back and (everything or self._back < now):
            self.postgres.start()
            self._back, self._next_cut = 0.0, time.monotonic() + self.random.uniform(10, 40)
        for process, listened in list(self._leaving):
            if process.poll() is not None:
                self._see_end(process, listened)

    def _see_end(self, process: subprocess.Popen[bytes], listened: bool) -> None:
        self._leaving.remove((process, listened))
        self.site.processes.remove(process)
        if process.returncode not in ((0,) if listened else (0, -signal.SIGTERM)):
            self.strange.append(f"a process that was told to stop ended with {process.returncode}")

    def calm(self, is_settled: Callable[[], bool]) -> None:
        """Stop everything, then let one clock and one worker settle what is left."""
        self._restore(everything=True)
        for life in self.lives:
            self._tell(life.process)
        for process, listened in list(self._leaving):
            process.wait(GUARD)
            self._see_end(process, listened)
        last = [self.site.start()]
        last += [self._work()] if self.has_workers else []
        self.site.until(is_settled)
        self.site.until(lambda: all(map(listens, last)))
        for process in last:
            if code := self.site.stop(process):
                self.strange.append(f"the last process ended with {code}")

    def close(self) -> None:
        """Leave nothing frozen, and the database up."""
        with contextlib.suppress(Exception):
            self._restore(everything=True)


def listens(process: subprocess.Popen[bytes]) -> bool:
    """Tell whether a process has a handler for SIGTERM by now."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    caught = next((line for line in status.splitlines() if line.startswith("SigCgt:")), "x 0")
    return bool(int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1)
