"""Runs that take longer than their job expects: marked and told once, and left alone."""

import time
from datetime import datetime
from typing import Any, NamedTuple

from clockdyno import logs
from clockdyno.ledger.settling import Claim
from clockdyno.telling.events import Event


class _Run(NamedTuple):
    job: str
    fire: datetime
    expected: float
    due: float  # monotonic: later it takes too long


class Expectations:
    """The runs of this process that are expected to be over by a time."""

    def __init__(self) -> None:
        self._going: dict[Claim, _Run] = {}
        self._slow: dict[Claim, _Run] = {}

    def begin(self, claim: Claim, job: str, fire: datetime, expected: float | None) -> None:
        """Watch a run that begins, if anything is expected of it."""
        if expected:
            self._going[claim] = _Run(job, fire, expected, time.monotonic() + expected)

    def end(self, claim: Claim) -> None:
        """Watch it no longer; one that has just become too late is told all the same."""
        if (run := self._going.pop(claim, None)) and time.monotonic() > run.due:
            self._slow[claim] = run

    def look(self, clock: Any) -> None:
        """Mark and tell what takes too long."""
        for claim, run in [*self._going.items()]:
            if time.monotonic() > run.due:
                self.end(claim)
        for claim, run in [*self._slow.items()]:
            clock.ledger.exceed(claim, run.expected)
            del self._slow[claim]
            facts: dict[str, Any] = {"job": run.job, "scheduled_at": run.fire}
            logs.event("slow", **facts, attempt=claim.attempt, expected=run.expected)
            text = f"takes longer than the {run.expected:g} s that it should"
            clock.alerts.tell(Event("slow", run.job, text, run.fire, claim.run_id))
