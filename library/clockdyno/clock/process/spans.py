"""Fires of one job that are owed a run, or at least a row: which ones to run, which were missed."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apscheduler.job import Job

from clockdyno.clock.declared.options import Options
from clockdyno.clock.declared.tasks import Call

KEEP_MISSED = 1000
Missed = list[dict[str, Any]]


@dataclass
class Span:
    """Fires of one job, from the first to the last, none of which is in the ledger yet."""

    job: Job | Call
    options: Options
    first: datetime
    last: datetime
    due: float = 0  # monotonic; when to take it up
    queued: bool = False
    tries: int = 0

    def rest(self, until: datetime) -> "Span | None":
        """Return what has come due since the plan up to a fire was made."""
        following = self.job.trigger.get_next_fire_time(until, until) if self.last > until else None
        return following and Span(self.job, self.options, following, self.last)

    def plan(self, clock: Any, until: datetime) -> Iterator[tuple[datetime | None, Missed]]:
        """Say which fires to run, and which ones were missed before each of them."""
        fires, older = self._fires(until)
        missed: Missed = []
        if older:
            missed.append({"scheduled_at": self.first, "count": older})
        for fire in fires:
            passed = self.job.coalesce and fire != fires[-1]
            if passed or clock.is_late(self.job, fire):
                missed.append({"scheduled_at": fire, "count": 1})
                continue
            yield fire, self._because("coalesced" if self.job.coalesce else "late", missed)
            missed = []
        if missed:
            yield None, self._because("late", missed)

    def _because(self, reason: str, missed: Missed) -> Missed:
        return [{**row, "job_id": self.job.id, "reason": reason} for row in missed]

    def _fires(self, until: datetime) -> tuple[list[datetime], int]:
        """Return the newest fires, oldest first, and how many there are before them."""
        newest: deque[datetime] = deque(maxlen=KEEP_MISSED)
        fire, count = self.first, 0
        while fire and fire <= until:
            newest.append(fire)
            count += 1
            fire = self.job.trigger.get_next_fire_time(fire, fire)
        return list(newest), count - len(newest)
