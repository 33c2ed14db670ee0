"""The clock's side of the queue: what is due is claimed and enqueued in one transaction."""

import contextlib
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from apscheduler.job import Job
from procrastinate.exceptions import AlreadyEnqueued

from clockdyno import logs
from clockdyno.clock.declared.tasks import Call
from clockdyno.clock.process import lifecycle
from clockdyno.clock.process.executor import RunExecutor, is_too_late
from clockdyno.clock.process.spans import Span
from clockdyno.clock.run import runner
from clockdyno.ledger import outages
from clockdyno.ledger.settling import Owed
from clockdyno.ledger.tables import runs
from clockdyno.workers import queue_claims, queue_tables
from clockdyno.workers.queue import Order, Queue, lock
from clockdyno.workers.queue_claims import WAITS, Candidate, Settled

HANDS = "(those of the queue)"
BATCH = 500
LOCKED = 100  # So many schedules at a time, or those who change them would wait for long.
LOOK_AT = 1000  # So many of the runs that wait are looked at in one sweep, the oldest first.
Due = tuple[Job | Call, Owed]

# Only these are late beyond their grace: a retry, a run that was lost or one asked for by hand
# waits for a worker, though not for ever.
FOR_EVER = timedelta(days=2)
FIRST = sa.and_(runs.c.kind == "scheduled", runs.c.attempt == 1)


class QueueExecutor(RunExecutor):
    """Hands what is due to the workers; a job that says executor="clock" runs in the clock."""

    def __init__(self) -> None:
        super().__init__()
        self._queue = Queue()
        self._ready: list[Span] = []
        self._claimed: list[Due] = []
        # No job that runs here may hold up what the workers do.
        hands = ThreadPoolExecutor(1, thread_name_prefix="run-queue")
        self.pools.name(HANDS, hands, is_quiet=True)

    has_workers = True

    def set_up(self, engine: sa.Engine) -> None:
        """Make the tables of the queue."""
        queue_tables.set_up(engine)

    def runs_here(self, job: Job | Call) -> bool:
        """Say whether a job runs in this process, the clock."""
        return job.executor != "default"

    def _begin(self, span: Span) -> None:
        if self.runs_here(span.job):
            super()._begin(span)
        else:
            self._ready.append(span)

    def flush(self) -> float | None:
        """Hand over what is due now, many at a time; return how long until there is more."""
        following = super().flush()
        if self._ready:
            self.pools.submit(HANDS, self._hand_over)
        return following

    def _hand_over(self) -> None:
        number = 0
        while self._ready and not self._scheduler.stopping:
            with self._lock:
                # The newest first: what is due now does not wait for a herd that is late.
                self._ready.sort(key=lambda span: span.last)
                batch, self._ready = self._ready[-BATCH:], self._ready[:-BATCH]
                for span in batch:
                    self._spans.pop(span.job.id, None)
            self._enqueue(batch)
            number += 1
            if number == 1 and self._ready:
                self._count_up()

    def _enqueue(self, batch: Sequence[Span]) -> None:
        clock = self._scheduler
        try:
            if clock.paused:
                for span in batch:
                    clock.ledger.forgo(span.job.id, span.last)
                return
            candidates = [
                Candidate(span.job, span, *step)
                for span in batch
                for step in span.plan(clock, span.last)
            ]
            with clock.ledger.engine.begin() as db:
                settled = queue_claims.settle(db, clock.ledger.clock_id, candidates)
                asked = [row for row in settled.rows if row.state == "requested"]
                self._queue.put(db, [self._order(row) for row in asked])
        except Exception as error:
            self._take_back(batch, error)
        else:
            self._tell(settled)

    def _take_back(self, batch: Sequence[Span], error: Exception) -> None:
        """Enqueue later what failed for a while, one by one what failed for one of them."""
        if len(batch) > 1 and not outages.passes(error):
            for span in batch:
                self._enqueue([span])
        elif self._scheduler.heartbeat.trouble(error):
            for span in batch:
                span.tries += 1
                self._put(span, min(0.25 * 2**span.tries, 10))
        else:
            runner.report_unclaimed(self._scheduler, batch[0].job, batch[0].last, error)

    def _count_up(self) -> None:
        try:
            with self._scheduler.ledger.engine.begin() as db:
                self._queue.count_up(db)
        except Exception as error:
            self._scheduler.heartbeat.trouble(error)

    def _order(self, row: Any, job: Job | Call | None = None) -> Order:
        queue = self._scheduler.options_of(job or self._scheduler.find(row.job_id)).queue
        return Order(row.id, row.attempt, queue, row.job_id, row.scheduled_at)

    def _tell(self, settled: Settled) -> None:
        clock, missed = self._scheduler, defaultdict[str, list[Any]](list)
        for row in settled.rows:
            job = clock.find(row.job_id)
            if row.state == "requested":
                _log(row.job_id, row.scheduled_at, row.attempt)
            elif row.state == "skipped":
                runner.report_skipped(clock, job, row.scheduled_at, row.reason)
            else:
                missed[row.job_id].append(row._asdict())
        for name, rows in missed.items():
            rows.sort(key=lambda row: row["scheduled_at"])
            runner.report_missed(clock, clock.find(name), rows)
        for candidate in settled.unknown:
            lifecycle.enter(clock, candidate.job)
        first: dict[str, Candidate] = {}
        for candidate in [*settled.unknown, *settled.later]:
            first.setdefault(candidate.job.id, candidate)  # Those of one span are in order.
        for candidate in first.values():
            since = candidate.missed[0]["scheduled_at"] if candidate.missed else candidate.fire
            candidate.span.first = since or candidate.span.last
            self._put(candidate.span, 0 if settled.unknown else 1)

    def hand_over(self, job: Call, owed: Owed) -> None:
        """Enqueue a run of a schedule soon, many at a time: no further claim waits for that."""
        if self.runs_here(job):
            return super().hand_over(job, owed)
        with self._lock:
            self._claimed.append((job, owed))
        return self.pools.submit(HANDS, self._enqueue_claimed)

    def _enqueue_claimed(self) -> None:
        with self._lock:
            batch, self._claimed = self._claimed[:LOCKED], self._claimed[LOCKED:]
        if batch:
            # Two clocks lock in the same order, or they could wait for ever.
            self._enqueue_again(sorted(batch, key=lambda one: one[0].id))

    def resume(self, job: Job | Call, owed: Owed) -> None:
        """Enqueue a further attempt of a run, or one that was asked for by hand."""
        if self.runs_here(job):
            return super().resume(job, owed)
        return self._enqueue_again([(job, owed)])

    def _enqueue_again(self, batch: Sequence[Due]) -> None:
        """Enqueue attempts of runs in one transaction; one by one what failed for one of them."""
        clock, settled = self._scheduler, list[tuple[Job | Call, Owed, str]]()
        try:
            batch = [one for one in batch if not is_too_late(clock, *one)]
            if not batch:
                return
            with clock.ledger.engine.begin() as db:
                for job, owed in batch:
                    state = queue_claims.again(db, clock.ledger.clock_id, job, owed)
                    settled.append((job, owed._replace(attempt=owed.attempt + 1), state))
                asked = [one for one in settled if one[2] == "requested"]
                self._queue.put(db, [self._order(owed, job) for job, owed, _ in asked])
        except Exception as error:
            if len(batch) > 1 and not outages.passes(error):
                for one in batch:
                    self._enqueue_again([one])
            elif not clock.heartbeat.trouble(error):
                job, owed = batch[0]
                runner.report_unclaimed(clock, job, owed.scheduled_at, error, owed.id)
            return
        for job, owed, state in settled:
            if state == "requested":
                _log(job.id, owed.scheduled_at, owed.attempt)
            elif state in queue_claims.LEFT_OUT:
                runner.report_skipped(clock, job, owed.scheduled_at, queue_claims.LEFT_OUT[state])

    def sweep(self) -> None:
        """Give up what has waited beyond its grace; enqueue again what fell out of the queue."""
        clock = self._scheduler
        if clock.stopping:
            return  # The jobs of a newer deploy are not known here.
        waiting = sa.select(runs.c.id, runs.c.job_id, runs.c.scheduled_at, runs.c.attempt)
        waiting = waiting.order_by(runs.c.scheduled_at)
        old = sa.and_(WAITS, runs.c.scheduled_at < clock.now() - timedelta(seconds=10))
        with clock.ledger.engine.begin() as db:
            found = db.execute(waiting.where(old).limit(LOOK_AT)).all()
            known = clock.find_all({row.job_id for row in found})
            gone = {row.job_id for row in found if not known.get(row.job_id)}
            which = sa.or_(
                FIRST, runs.c.job_id.in_(gone), runs.c.scheduled_at < clock.now() - FOR_EVER
            )
            late = [row for row in found if is_late(clock, known.get(row.job_id), row.scheduled_at)]
            missed = give_up(db, [row.id for row in late], which)
            self._queue.drop(db, [lock(row.id, row.attempt) for row in missed])
            self._queue.clear(db)
        report_late(clock, missed)
        with contextlib.suppress(AlreadyEnqueued), clock.ledger.engine.begin() as db:
            orphans = self._queue.orphans(db)  # None of them has begun.
            self._queue.put(db, [self._order(row) for row in orphans if clock.find(row.job_id)])


def is_late(clock: Any, job: Job | Call | None, fire: datetime) -> bool:
    """Say whether a run may no longer begin."""
    return job is None or clock.is_late(job, fire)


def give_up(db: sa.Connection, ids: Sequence[int], which: sa.ColumnElement[bool]) -> Sequence[Any]:
    """Let those of the runs that wait and that `which` means be missed, and return them."""
    values = {"state": "missed", "reason": "late", "finished_at": datetime.now(UTC)}
    statement = runs.update().where(runs.c.id.in_(ids), WAITS, which).values(values)
    return db.execute(statement.returning(runs)).all() if ids else []


def report_late(clock: Any, rows: Sequence[Any]) -> None:
    """Tell of runs that were given up."""
    for row in rows:
        if job := clock.find(row.job_id):
            runner.report_missed(clock, job, [row._asdict()])


def _log(job: str, fire: datetime, attempt: int) -> None:
    logs.event("run", job=job, scheduled_at=fire, attempt=attempt, state="requested")
