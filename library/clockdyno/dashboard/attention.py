"""Which jobs need a look, and why: what the overview says first."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from clockdyno.dashboard import formats
from clockdyno.dashboard.health import is_overdue

BAD = ("failed", "missed", "lost")


class Trouble(NamedTuple):
    """A job with its last run, which did not go well; or without: then it is overdue."""

    job: Any
    run: Any
    why: str


def of(jobs: Sequence[Any], now: datetime, is_up: bool) -> list[Trouble]:
    """Return them, the newest first. Without a clock every job is overdue: it is told by itself."""
    found = []
    for job in jobs:
        if not formats.fires_still(job):
            continue
        last = ended(job)
        if is_up and is_overdue(job, now):
            found.append(Trouble(job, None, "It should have run by now, and nothing says why not."))
        elif last and last.state in BAD:
            found.append(Trouble(job, last, formats.why(last)))
    return sorted(found, key=lambda one: one.run.scheduled_at if one.run else now, reverse=True)


def ended(job: Any) -> Any:
    """Return a job's last run that is over, not left out nor tried again, if there is one."""
    over = (run for run in job.last if run.state in (*BAD, "succeeded") and not run.due_at)
    return next(over, None)
