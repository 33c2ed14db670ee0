"""Runs jobs: each fire is claimed in the ledger first, and how it ended is written there."""

import threading
import time
from datetime import datetime
from typing import Any

from apscheduler.executors.base import BaseExecutor
from apscheduler.job import Job

from clockdyno import host
from clockdyno.clock.declared.options import Options
from clockdyno.clock.declared.tasks import Call
from clockdyno.clock.process import lifecycle
from clockdyno.clock.process.places import Places
from clockdyno.clock.process.pools import THREADS, Pools
from clockdyno.clock.process.spans import Missed, Span
from clockdyno.clock.run import runner
from clockdyno.ledger import pauses
from clockdyno.ledger.settling import Claim, Owed

STOP_SECONDS = host.run_seconds()
LATER = {"silenced": 0, "unknown": 0, "wait": 1}  # What is not settled is asked again: seconds.


class RunExecutor(BaseExecutor):
    """Takes what is due from the scheduler, and runs it in the threads of its pools."""

    def __init__(self, pool: Any = None) -> None:
        super().__init__()
        self.pools = Pools(pool)
        self._children = Places()
        self._spans: dict[str, Span] = {}  # not yet all claimed: one for each job at most
        self._kept = 0  # of them, since the last flush
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
        self._keep(span, delay.total_seconds())
        self._kept += 1
        if self._kept >= THREADS:
            self.flush()  # No thread waits for what it will not be given.

    def _put(self, span: Span, delay: float = 0) -> None:
        """Keep a span until its time, of which the scheduler is told."""
        self._keep(span, delay)
        self._scheduler.wakeup()

    def _keep(self, span: Span, delay: float) -> None:
        """Keep a span for flush(); fires of a job that are still waiting become one span."""
        with self._lock:
            other = self._spans.setdefault(span.job.id, span)
            other.first, other.last = min(other.first, span.first), max(other.last, span.last)
            if other is span:
                span.due, span.queued = self.moment() + delay, False

    def _begin(self, span: Span) -> None:
        self.pools.submit(span.job.executor, self._take_up, span)

    def moment(self) -> float:
        """Say what time it is for what waits here: seconds that nobody puts back."""
        return time.monotonic()

    has_workers = False

    def set_up(self, engine: Any) -> None:
        """Make the tables that this takes beside the ledger's: none."""

    def runs_here(self, job: Job | Call) -> bool:
        """Say whether a job runs in this process."""
        return True

    @property
    def busy(self) -> bool:
        """Say whether a job is still going on."""
        return self.pools.busy

    @property
    def under_way(self) -> list[int]:
        """Return the ids of the runs that go on here."""
        return [run for run, _ in tuple(self._under_way)]

    def flush(self) -> float | None:
        """Queue the spans whose time has come; return how long until the next one's."""
        now, following, ready = self.moment(), None, list[Span]()
        with self._lock:
            self._kept = 0
            for span in list(self._spans.values()):
                if span.queued:
                    continue
                if span.due <= now:
                    span.queued = True
                    ready.append(span)
                else:
                    following = min(span.due - now, following or span.due)
            number = min(len(ready), self.pools.idle)
            for span in ready:
                self._begin(span)
            if number:  # None of them claims before the lock is free.
                self._scheduler.ledger.expect(number)
        return following

    def hand_over(self, job: Call, owed: Owed) -> None:
        """Take up a run of a schedule that has just been claimed."""
        self.resume(job, owed)

    def resume(self, job: Job | Call, owed: Owed) -> None:
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
            return None  # The next clock finds it: nothing of it is in the ledger yet.
        child = bool(span.options.timeout)
        if child and not self._children.take():
            return self._put_back(span, span.first, 0.1)
        try:
            self._settle(span)
        finally:
            if child:
                self._children.give_back()

    def _settle(self, span: Span) -> None:
        """Claim one fire after the other, and run it; no newer one is claimed before it."""
        until = span.last
        try:
            for fire, missed in span.plan(self._scheduler, until):
                with self._lock:
                    if self._spans.get(span.job.id) is not span:
                        return  # The clock has begun to stop since.
                claim = self._claim(span, fire, missed)
                if claim is None:
                    return
                if fire is None or fire >= until:
                    self._let_go(span, until)
                self._go(span.job, span.options, claim, fire)
        except Exception:
            self._let_go(span, until)
            raise
        self._let_go(span, until)

    def _let_go(self, span: Span, until: datetime) -> None:
        """Let newer fires of the job be a span of their own, now that all up to one are claimed."""
        with self._lock:
            if self._spans.get(span.job.id) is span:
                del self._spans[span.job.id]
                if rest := span.rest(until):
                    self._put(rest)

    def _put_back(self, span: Span, since: datetime, delay: float) -> None:
        """Keep what is left of a span for later."""
        with self._lock:
            span.first, span.due, span.queued = since, self.moment() + delay, False
        self._scheduler.wakeup()

    def _claim(self, span: Span, fire: datetime | None, missed: Missed) -> Claim | None:
        """Claim a fire; None if that cannot be settled yet, and the span is put back."""
        clock, job = self._scheduler, span.job
        since = missed[0]["scheduled_at"] if missed else fire or span.last
        try:
            if clock.paused:
                clock.ledger.forgo(job.id, fire or span.last)
                return Claim("paused")
            claim = clock.ledger.claim(job.id, fire, job.max_instances, missed)
            if claim.outcome in ("silenced", "unknown"):
                lifecycle.enter(clock, job)
        except Exception as error:
            if not clock.heartbeat.trouble(error):
                runner.report_unclaimed(clock, job, fire or span.last, error)
                return Claim("failed")
            span.tries += 1
            self._put_back(span, since, min(0.25 * 2**span.tries, 10))
            return None
        if claim.outcome in LATER:
            self._put_back(span, since, LATER[claim.outcome])
            return None
        if claim.outcome in ("won", "skipped", "missed"):
            runner.report_missed(clock, job, pauses.owed(missed, claim.resumed))
        return claim

    def _attempt(self, job: Job | Call, owed: Owed) -> None:
        """Claim and run one more attempt; what does not work now is offered again soon."""
        clock, options = self._scheduler, self._scheduler.options_of(job)
        child = bool(options.timeout)
        try:
            if clock.stopping or (child and not self._children.take()):
                return
            try:
                if is_too_late(clock, job, owed):
                    return
                claim = clock.ledger.claim(job.id, owed.scheduled_at, job.max_instances, (), owed)
            except Exception as error:
                if not clock.heartbeat.trouble(error):
                    runner.report_unclaimed(clock, job, owed.scheduled_at, error, owed.id)
            else:
                self._go(job, options, claim, owed.scheduled_at)
            finally:
                if child:
                    self._children.give_back()
        finally:
            self._owed.discard(owed.id)

    def _go(self, job: Job | Call, options: Options, claim: Claim, fire: datetime | None) -> None:
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


def is_too_late(clock: Any, job: Job | Call, owed: Owed) -> bool:
    """Say whether a schedule's run has waited beyond its grace; then it is missed."""
    first = owed.kind == "scheduled" and not owed.attempt
    if not (first and clock.is_late(job, owed.scheduled_at)):
        return False
    if clock.ledger.give_up(owed):
        row = {"scheduled_at": owed.scheduled_at, "count": 1, "reason": "late"}
        runner.report_missed(clock, job, [row])
    return True
