"""What the queue offers a worker, and what of it can begin here, now."""

import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from apscheduler.job import Job

from clockdyno import logs
from clockdyno.clock.declared.options import Options
from clockdyno.clock.declared.tasks import Call
from clockdyno.clock.process.places import Places
from clockdyno.ledger.settling import Claim
from clockdyno.workers import executor

POLL = 0.5  # seconds after which a queue that was empty is looked at again
FORGET = 5  # seconds after which what was passed over is looked at again


class Work(NamedTuple):
    """A run that begins here; with a timeout it holds a child's place until it is over."""

    job: Job | Call
    options: Options
    claim: Claim
    fire: datetime


class Offers:
    """Judges what is offered; what cannot begin here is passed over, and is anybody's."""

    def __init__(self, clock: Any) -> None:
        self._clock, self._children = clock, Places()
        self._passed, self._forget_at = set[int](), 0.0
        self._look_at = 0.0

    @property
    def passed(self) -> list[int]:
        """Return the rows of the queue that need not be looked at yet."""
        if time.monotonic() > self._forget_at:
            self._passed.clear()
            self._forget_at = time.monotonic() + FORGET
        return [*self._passed]

    @property
    def pause(self) -> float:
        """Say for how many seconds nothing new is expected of the queue."""
        return max(0.0, self._look_at - time.monotonic())

    def judge(self, rows: Sequence[Any], me: int) -> tuple[list[Work], list[int]]:
        """Return what is to begin here, and the runs that are too late to begin anywhere."""
        wanted = [row for row in rows if row.fits]
        jobs = self._clock.find_all({row.job_id for row in wanted})
        works, late = list[Work](), list[int]()
        for row in wanted:
            job = jobs.get(row.job_id)
            try:
                if job and row.is_first and executor.is_late(self._clock, job, row.scheduled_at):
                    late.append(row.run)
                    continue
                work = job and self._work(job, row, me)
            except Exception as error:  # The owner's own trigger may be asked.
                logs.failure(error, job=row.job_id)
                work = None
            if work:
                works.append(work)
            else:  # Of a newer deploy; of none any more, which the clock settles; or no room.
                self._passed.add(row.id)
        return works, late

    def _work(self, job: Job | Call, row: Any, me: int) -> Work | None:
        options = self._clock.options_of(job)
        if options.timeout and not self._children.take():
            return None
        claim = Claim("won", row.run, row.attempt, me)
        return Work(job, options, claim, row.scheduled_at)

    def settled(self, rows: Sequence[Any], most: int) -> list[int]:
        """Note what there was of so many that were wanted; return what leaves the queue."""
        over = [row.id for row in rows if row.id not in self._passed]
        is_all = len(rows) < most
        self._look_at = time.monotonic() + POLL if is_all or not over else 0.0
        if is_all:
            self._passed.clear()
        return over

    def let_go(self, works: Iterable[Work]) -> None:
        """Give back the places of works that are over, or do not begin."""
        for work in works:
            if work.options.timeout:
                self._children.give_back()

    def report_late(self, rows: Sequence[Any]) -> None:
        """Tell of runs that were too late."""
        executor.report_late(self._clock, rows)
