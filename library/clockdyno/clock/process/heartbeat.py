"""What the clock does every two seconds: beat, look for orders, find lost runs, keep house."""

import math
import os
import threading
import time
from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from clockdyno import logs, texts
from clockdyno.clock.declared import job_row
from clockdyno.clock.process import lifecycle
from clockdyno.clock.process.stand_in import StandIn
from clockdyno.ledger import outages, presence, tables

POLL = 2
HEARTBEAT = 10
HOUR = 3600
AT_ONCE = 20  # So many jobs are described at a time: no heartbeat may wait for long.


def reason(error: BaseException) -> str:
    """Return in one line why the database could not do something."""
    # What a queue raises hides the driver's own error behind it.
    hidden = None if isinstance(error, SQLAlchemyError) else error.__cause__
    return texts.brief(hidden or error)


class Heartbeat(threading.Thread):
    """A thread beside the scheduler's; a database that is away does not end it."""

    def __init__(self, clock: Any) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self._clock = clock
        self._closed = threading.Event()
        self._began, self._beaten, self._kept = time.monotonic(), -math.inf, -math.inf
        self._undescribed: deque[Any] = deque()
        self._changed: deque[Any] = deque()
        self._half_told: dict[str, datetime] = {}
        self._pruning = self._trouble = False
        self._told: dict[str, dict[str, int]] = {}

    def start(self) -> None:
        """Begin to beat; the stand-in is there before any job can hold the interpreter."""
        self._stand_in = StandIn(HEARTBEAT)
        self._stand_in.tell(self._clock.ledger)
        super().start()

    def run(self) -> None:
        """Beat until told to stop."""
        while not self._closed.wait(POLL):
            try:
                self._stand_in.tell(self._clock.ledger)
                self.once()
            except Exception as error:
                self.trouble(error)
        self._stand_in.close()

    def close(self) -> None:
        """Stop beating."""
        self._closed.set()

    def trouble(self, error: BaseException) -> bool:
        """Say if an error is worth another try: then the database is away, which is told once."""
        if not outages.passes(error):
            logs.failure(error)
            return False
        if not self._trouble:
            self._trouble = True
            logs.event("database", state="away", error=reason(error))
        return True

    def once(self) -> None:
        """Do what is due now."""
        clock, now = self._clock, time.monotonic()
        if self._beat(now):
            self._note_told()
            lifecycle.bury(clock)
            # Before that, clocks and workers of the last deploy may still hand things over.
            if now - self._began >= presence.SILENT.total_seconds():
                clock.executor.sweep()
        # Not while the database is away: then nothing runs, and somebody ought to know.
        clock.pings.live(now)
        clock.alerts.settle(clock.ledger)
        if not (clock.paused or clock.stopping):
            owed = clock.ledger.owed(clock.now())
            known = clock.find_all({one.job_id for one in owed})
            for one in owed:
                if job := known.get(one.job_id):
                    clock.executor.resume(job, one)
        if now - self._kept >= HOUR:
            self._kept = now
            self._undescribed = deque(clock.get_jobs())
            self._pruning = True
        self._tell()
        lifecycle.look_after_runs(clock)
        if self._pruning:
            self._pruning = False
            self._pruning = self._prune()

    def _note_told(self) -> None:
        """Write down what was sent since the last time, if anything was."""
        counts = {}
        for name in ("pings", "alerts"):
            told = getattr(self._clock, name)
            if told.sent or told.failed:
                counts[name] = {"sent": told.sent, "failed": told.failed}
        if counts != self._told:
            self._clock.ledger.note_told(counts)
            self._told = counts

    def again(self, job: Any) -> None:
        """Describe a job anew, soon."""
        self._undescribed.append(job)

    def changed(self, job: Any) -> None:
        """Enter a job's new schedule, and describe it anew, soon."""
        self._changed.append(job)

    def _beat(self, now: float) -> bool:
        """Beat if it is time, and register anew if that came too late."""
        if not self._trouble and now - self._beaten < HEARTBEAT:
            return False
        if not self._clock.ledger.beat():
            lifecycle.enter(self._clock)
        self._beaten = now
        if self._trouble:
            self._trouble = False
            logs.event("database", state="back")
        return True

    def _tell(self) -> None:
        """Describe jobs; one that fires often anew, before the fires run out that it told."""
        clock = self._clock
        while self._changed:
            lifecycle.enter(clock, self._changed[0])
            self._changed.popleft()
        for job_id in [name for name, at in self._half_told.items() if at <= clock.now()]:
            del self._half_told[job_id]
            self._undescribed.extend(filter(None, [clock.find(job_id)]))
        if not self._undescribed:
            return
        count = min(AT_ONCE, len(self._undescribed))
        jobs = [self._undescribed.popleft() for _ in range(count)]
        try:
            rows = self._describe(jobs)
        except Exception:
            self._undescribed.extend(jobs)
            raise
        for row in rows:
            if len(row["fires"]) >= tables.MOST_TOLD:
                middle = row["fires"][tables.MOST_TOLD // 2]
                self._half_told[row["id"]] = datetime.fromisoformat(middle)

    def _describe(self, jobs: Sequence[Any]) -> list[dict[str, Any]]:
        """Describe jobs at once; one by one where one of them cannot be described."""
        try:
            rows = []
            for job in jobs:
                self._clock.ledger.stand_back()  # A claim would wait for the interpreter.
                rows.append(job_row.describe(self._clock, job))
            self._clock.ledger.describe(rows)
            return rows
        except Exception as error:
            if outages.passes(error):
                raise
            if len(jobs) == 1:
                logs.failure(error, job=jobs[0].id)
                return []
        return [row for job in jobs for row in self._describe([job])]

    def _prune(self) -> bool:
        """Delete a few old rows, for no heartbeat may wait long; say if there were any."""
        kept = os.environ.get("RUNS_KEPT_DAYS") or "30"
        least = job_row.longest_grace(self._clock) + timedelta(days=1)
        try:
            before = self._clock.now() - max(timedelta(days=float(kept)), least)
        except (ValueError, OverflowError):
            logs.event("warning", msg=f"RUNS_KEPT_DAYS={kept} is no number of days: all is kept")
            return False
        return bool(self._clock.ledger.prune(before))
