"""What the ledger is told of a job: the columns of its row, for people and for the next start."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.job import Job
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.combining import OrTrigger

from clockdyno import texts
from clockdyno.clock.declared import first_run, options
from clockdyno.ledger import tables
from clockdyno.schedule import at_start, description
from clockdyno.schedule.surprises.report import surprises


def text_of(clock: Any, job: Job) -> str:
    """Return what tells an edited schedule from the one before: no address in memory, no order."""
    text = texts.fit(re.sub(r" at 0x[0-9a-f]+", "", _written(job.trigger)))
    return f"paused {text}" if clock.is_paused(job) else text


def recall(clock: Any, job: Job, text: str | None) -> None:
    """Let a date that is now be a date all the same, where the last start had the very same."""
    written = at_start.as_written(job.trigger)
    if clock.is_at_start(job) and text and _written(written) == text != _written(job.trigger):
        job.trigger = written
        clock.given(job).pop("next_run_time")
        clock.given(job)["at_start"] = False


def _written(trigger: Any) -> str:
    if not isinstance(trigger, OrTrigger):
        return repr(trigger)
    # Of two decorators, or of a set, any one may come first.
    found = ", ".join(sorted(map(_written, trigger.triggers)))
    jitter = f", jitter={trigger.jitter}" if trigger.jitter else ""
    return f"<{type(trigger).__name__}([{found}]{jitter})>"


def describe(clock: Any, job: Job) -> dict[str, Any]:
    """Say for people what a job is and when it fires: the columns of its row."""
    now = clock.now()
    fires = [] if clock.is_paused(job) else _soon(job.trigger, now)
    grace = clock.grace(job, fires[0]) if fires else None
    notes = first_run.surprises(clock, job)
    usual = clock.ledger.usual(job.id)
    at_once = getattr(job, "max_instances", 1)  # A job that waits for the start has none yet.
    notes += surprises(job.trigger, now, usual, clock.timezone, at_once)
    doc, given = getattr(job.func, "__doc__", None), clock.options_of(job)
    return {
        "id": job.id,
        "text": text_of(clock, job),
        "doc": texts.fit(doc.strip().partition("\n")[0]) if isinstance(doc, str) else "",
        "words": texts.fit(description.describe(job.trigger)),
        "zone": texts.fit(str(getattr(job.trigger, "timezone", clock.timezone))),
        "grace": grace and grace.total_seconds() + options.most_jitter(job),
        "surprises": [{k: texts.fit(text) for k, text in r._asdict().items()} for r in notes],
        "fires": [fire.astimezone(UTC).isoformat() for fire in fires],
        "timeout": given.timeout,
        "expected": given.expected,
        "awaits": options.awaits(job.func),
        "described_at": now,
    }


def _soon(trigger: BaseTrigger, now: datetime) -> list[datetime]:
    """Return the fires of a day, at least five and at most two hundred."""
    fires = description.fires(trigger, now, 5)
    while fires and len(fires) < tables.MOST_TOLD:
        fire = trigger.get_next_fire_time(fires[-1], fires[-1])
        if not fire or fire >= now + timedelta(days=1):
            break
        fires.append(fire)
    return fires


def longest_grace(clock: Any) -> timedelta:
    """Return the longest time that any job may be late."""
    given = [job.misfire_grace_time or 0 for job in clock.get_jobs()]
    return timedelta(seconds=max([6 * 3600, *given]))
