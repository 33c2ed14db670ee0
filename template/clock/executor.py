"""Runs jobs: each fire is claimed in the ledger first, and how it ended is written there."""

import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apscheduler.executors.base import BaseExecutor
from apscheduler.job import Job

from clock import process, runner
from clock.ledger import Claim, Owed
from clock.options import Options
from clock.pools import Pools

CHILDREN = 4
STOP_SECONDS = 24
KEEP_MISSED = 1000
Missed = list[dict[str, Any]]


@dataclass
class Span:
    """Fires of one job, from the first to the last, that are owed a run or at least a row."""

    job: Job
    options: Options
    first: datetime
    last: datetime
    due: float = 0  # monotonic; when to take it up
    queued: bool = False
    tries: int = 0

    def fires(self) -> tuple[list[datetime], int]:
        """Return the newest fires, oldest first, and how many there are before them."""
        newest: deque[datetime] = deque(maxlen=KEEP_MISSED)
        fire, count = self.first, 0
        while fire and fire <= self.last:
            newest.append(fire)
            count += 1
            fire = self.job.trigger.get_next_fire_time(fire, fire)
        return list(newest), count - len(newest)


class RunExecutor(BaseExecutor):
    """Takes what is due from the scheduler, and runs it in the threads of its pools."""

    def __init__(self, pool: Any = None) -> None:
        super().__init__()
        self.pools = Pools(pool)
        self._children = threading.BoundedSemaphore(CHILDREN)
        self._spans: dict[str, Span] = {}  # not yet claimed: one for each job at most
        self._owed: set[int] = set()
        self._under_way: set[tuple[int, int]] = set()  # runs and their attempts
        self._given_up = threading.Event()
        self._swept = False

    def start(self, scheduler: Any, alias: str) -> None:
        """Belong to a scheduler, whatever names it has for this."""
        if self._scheduler is None:
            super().start(scheduler, alias)

    def _do_submit_job(self, job: Job, run_times: list[datetime]) -> None:
        raise NotImplementedError  # submit_job() below does it all

    def submit_job(self, job: Job, run_times: list[datetime]) -> None:
        """Take the fires from the job's next_run_time up to the last one that is due."""
        span = Span(job, self._scheduler.options_of(job), job.next_run_time, run_times[-1])
        delay = span.last + self._scheduler.jitter(job, span.last) - self._scheduler.now()
        self._put(span, delay.total_seconds())

    def _put(self, span: Span, delay: float = 0) -> None:
        """Keep a span until its time; fires of a job that are still waiting become one span."""
        with self._lock:
            other = self._spans.setdefault(span.job.id, span)
            other.first, other.last = min(other.first, span.first), max(other.last, span.last)
            if other is span:
                span.due, span.queued = time.monotonic() + delay, delay <= 0
                if span.queued:
                    self._begin(span)
                else:
                    self._scheduler.wakeup()

    def _begin(self, span: Span) -> None:
        self.pools.submit(span.job.executor, self._take_up, span)

    @property
    def busy(self) -> bool:
        """Say whether a job is still going on."""
        return self.pools.busy

    @property
    def under_way(self) -> list[int]:
        """Return the ids of the runs that go on here."""
        with self._lock:
            return [run for run, _ in self._under_way]

    def flush(self) -> float | None:
        """Queue the spans whose time has come; return how long until the next one's."""
        now, following = time.monotonic(), None
        with self._lock:
            for span in list(self._spans.values()):
                if span.queued:
                    continue
                if span.due <= now:
                    span.queued = True
                    self._begin(span)
                else:
                    following = min(span.due - now, following or span.due)
        return following

    def resume(self, job: Job, owed: Owed) -> None:
        """Take up a further attempt of a run, or one that was asked for by hand."""
        with self._lock:
            if owed.id not in self._owed:
                self._owed.add(owed.id)
                self.pools.submit(job.executor, self._attempt, job, owed)

    def sweep(self) -> None:
        """Mend what another process left undone: here, runs in a queue that was switched off."""
        if not (self._swept or self._scheduler.stopping):
            self._scheduler.ledger.take_back()
            self._swept = True

    def _take_up(self, span: Span) -> None:
        """Claim and run what a span owes; what cannot be known or written now is put back."""
        if self._scheduler.stopping:
            return  # The next clock finds it: nothing of it is in the ledger yet.
        if span.options.timeout and not self._children.acquire(blocking=False):
            span.queued, span.due = False, time.monotonic() + 0.1
            return self._scheduler.wakeup()
        try:
            with self._lock:
                if not self._spans.pop(span.job.id, None):
                    return  # The clock has begun to stop since.
            for fire, missed in self._plan(span):
                delay = self._claim(span, fire, missed)
                if delay is not None:
                    span.first = missed[0]["scheduled_at"] if missed else fire or span.last
                    return self._put(span, delay)
        finally:
            if span.options.timeout:
                self._children.release()

    def _plan(self, span: Span) -> Iterator[tuple[datetime | None, Missed]]:
        """Say which fires to run, and which ones were missed before each of them."""
        fires, older = span.fires()
        coalesce = span.job.coalesce
        tried = fires[-1:] if coalesce else fires
        chosen = [fire for fire in tried if not self._scheduler.is_late(span.job, fire)]
        row = {"job_id": span.job.id, "reason": "coalesced" if coalesce and chosen else "late"}
        missed = [{"scheduled_at": span.first, "count": older, **row}] if older else []
        for fire in fires:
            if fire not in chosen:
                missed.append({"scheduled_at": fire, "count": 1, **row})
        if not chosen:
            yield None, missed
        for fire in chosen:
            yield fire, missed
            missed = []

    def _claim(self, span: Span, fire: datetime | None, missed: Missed) -> float | None:
        """Claim a fire and run it; return the seconds to wait if that cannot be settled yet."""
        clock, job = self._scheduler, span.job
        try:
            if clock.paused:
                clock.ledger.forgo(job.id, span.last)
                return None
            claim = clock.ledger.claim(job.id, fire, job.max_instances, missed)
            if claim.outcome in ("silenced", "unknown"):
                process.enter(clock, job)
                return 0
        except Exception as error:
            if not clock.pulse.trouble(error):
                runner.report_unclaimed(clock, job, fire or span.last, error)
                return None
            span.tries += 1
            return min(0.25 * 2**span.tries, 15)
        if claim.outcome == "wait":
            return 1
        if missed and claim.outcome in ("won", "skipped", "missed"):
            runner.report_missed(clock, job, missed)
        self._go(job, span.options, claim, fire)
        return None

    def _attempt(self, job: Job, owed: Owed) -> None:
        """Claim and run one more attempt; what does not work now is offered again soon."""
        clock, options = self._scheduler, self._scheduler.options_of(job)
        child = bool(options.timeout)
        try:
            if clock.stopping or (child and not self._children.acquire(blocking=False)):
                return
            try:
                claim = clock.ledger.claim(job.id, owed.scheduled_at, job.max_instances, (), owed)
            except Exception as error:
                if not clock.pulse.trouble(error):
                    runner.report_unclaimed(clock, job, owed.scheduled_at, error, owed.id)
            else:
                self._go(job, options, claim, owed.scheduled_at)
            finally:
                if child:
                    self._children.release()
        finally:
            self._owed.discard(owed.id)

    def _go(self, job: Job, options: Options, claim: Claim, fire: datetime | None) -> None:
        """Run what was won, report what was skipped; the rest is another clock's business."""
        if claim.outcome == "skipped" and fire:
            runner.report_skipped(self._scheduler, job, fire)
        mine = (claim.run_id, claim.attempt)
        with self._lock:
            # A claim whose answer got lost is won again; by then it may be at work.
            if claim.outcome != "won" or not fire or mine in self._under_way:
                return
            self._under_way.add(mine)
        try:
            runner.run(self._scheduler, job, options, claim, fire, self._given_up)
        finally:
            with self._lock:
                self._under_way.discard(mine)

    def drain(self, wait: bool = True) -> None:
        """Start nothing more, and give what is under way its time."""
        with self._lock:
            self._spans.clear()
        self.pools.close(STOP_SECONDS if wait else 0)
        self._given_up.set()
