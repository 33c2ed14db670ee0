"""Which jobs need a look, and why: what the overview says first."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from clockdyno.dashboard import formats
from clockdyno.dashboard.health import is_overdue
from clockdyno.ledger.reports import OUTCOMES

BAD = ("failed", "missed", "lost")


class Trouble(NamedTuple):
    """A job with its last run, which did not go well; or without: then it is overdue."""

    job: Any
    run: Any
    why: str


def of(
    jobs: Sequence[Any], seen: Collection[tuple[int, int]], now: datetime, is_up: bool
) -> list[Trouble]:
    """Return them, the newest first. Without a clock every job is overdue: it is told by itself."""
    found = []
    for job in jobs:
        if not formats.fires_still(job):
            continue
        last = ended(job)
        if is_up and is_overdue(job, now):
            found.append(Trouble(job, None, "It should have run by now, and nothing says why not."))
        elif last and last.state in BAD and (last.id, last.attempt) not in seen:
            found.append(Trouble(job, last, formats.why(last)))
    return sorted(found, key=lambda one: one.run.scheduled_at if one.run else now, reverse=True)


def to_ask(jobs: Sequence[Any]) -> list[int]:
    """Return the runs that need a look unless somebody has seen them."""
    last = (ended(job) for job in jobs if formats.fires_still(job))
    return [run.id for run in last if run and run.state in BAD]


def is_seen(order: Any, run: Any) -> bool:
    """Say whether somebody has noted this very outcome of a run."""
    return bool(order.what == "see" and order.attempt == run.attempt)


def is_stop(order: Any, run: Any) -> bool:
    """Say whether somebody has asked this very attempt, which still goes on, to stop."""
    asked = order.what == "stop" and order.attempt == run.attempt
    return bool(asked and run.state == "running")


def last_paused(jobs: Sequence[Any]) -> Any:
    """Return the job that was paused last, if all are paused."""
    if not all(job.paused_at for job in jobs):
        return None
    return max(jobs, key=lambda job: job.paused_at, default=None)


def ended(job: Any) -> Any:
    """Return a job's last run that is over, not left out nor tried again, if there is one."""
    over = (run for run in job.last if run.state in OUTCOMES and not run.due_at)
    return next(over, None)
