"""One run: calls the job, writes how it ended, tells the log, the listeners and the alerts."""

import threading
import time
import traceback
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.events import (
    EVENT_JOB_ERROR,
    EVENT_JOB_EXECUTED,
    EVENT_JOB_MAX_INSTANCES,
    EVENT_JOB_MISSED,
    JobExecutionEvent,
    JobSubmissionEvent,
)
from apscheduler.job import Job
from sqlalchemy.exc import SQLAlchemyError

from clock import logs
from clock.ledger import Claim
from clock.options import Options

RETRY_SECONDS = 10  # before the second attempt; twice as long before each further one
ERROR_LENGTH = 8000


def run(
    clock: Any, job: Job, options: Options, claim: Claim, fire: datetime, hurry: threading.Event
) -> None:
    """Run a job that has been claimed."""
    facts: dict[str, Any] = {"job": job.id, "scheduled_at": fire, "attempt": claim.attempt}
    facts["late"] = (clock.now() - fire).total_seconds()
    logs.event("run", **facts, state="running")
    start = time.monotonic()
    event = JobExecutionEvent(EVENT_JOB_EXECUTED, job.id, job._jobstore_alias, fire)
    values: dict[str, Any] = {"state": "succeeded"}
    try:
        event.retval = _call(job, options, fire)
    except BaseException as error:
        values = {"state": "failed", "reason": getattr(error, "reason", "error")}
        values["error"] = event.traceback = _text(error)
        event.code, event.exception = EVENT_JOB_ERROR, error
        if claim.attempt <= options.retries:
            pause = timedelta(seconds=RETRY_SECONDS * 2 ** (claim.attempt - 1))
            values["due_at"] = datetime.now(UTC) + pause
        # A traceback keeps every local variable of the job alive.
        traceback.clear_frames(error.__traceback__)
    facts["took"] = time.monotonic() - start
    if not _finish(clock, claim, hurry, finished_at=datetime.now(UTC), **values):
        logs.event("end", **facts, state=values["state"], ignored="declared lost")
        return
    logs.event("run", **facts, **{k: values[k] for k in values if k != "error"})
    if "error" in values:
        logs.log.error("%s", values["error"])
        if "due_at" not in values:
            clock.alerts.tell(f"{job.id} failed: {values['error'].splitlines()[-1]}", fire)
    clock._dispatch_event(event)


def report_missed(clock: Any, job: Job, rows: list[dict[str, Any]]) -> None:
    """Tell that fires of a job were missed."""
    number, reason = sum(row["count"] for row in rows), rows[-1]["reason"]
    first, last = rows[0]["scheduled_at"], rows[-1]["scheduled_at"]
    logs.event("missed", job=job.id, scheduled_at=first, until=last, count=number, reason=reason)
    clock.alerts.tell(f"{job.id} missed {number} of its times, from {first} to {last} ({reason})")
    clock._dispatch_event(JobExecutionEvent(EVENT_JOB_MISSED, job.id, job._jobstore_alias, last))


def report_skipped(clock: Any, job: Job, fire: datetime) -> None:
    """Tell that a fire was skipped, because the run before it still went on."""
    logs.event("run", job=job.id, scheduled_at=fire, state="skipped", reason="overlap")
    where = job._jobstore_alias
    clock._dispatch_event(JobSubmissionEvent(EVENT_JOB_MAX_INSTANCES, job.id, where, [fire]))


def report_lost(clock: Any, rows: list[Any]) -> None:
    """Tell that runs had begun whose process is gone."""
    for row in rows:
        facts = {"job": row.job_id, "scheduled_at": row.scheduled_at, "attempt": row.attempt}
        logs.event("run", **facts, state="lost", due_at=row.due_at)
        text = f"{row.job_id} was lost: it had begun, and its clock is gone"
        clock.alerts.tell(text, row.scheduled_at)


def _call(job: Job, options: Options, fire: datetime) -> Any:
    kwargs = dict(job.kwargs)
    if "scheduled_at" in kwargs and kwargs["scheduled_at"] is None:
        kwargs["scheduled_at"] = fire
    if not options.timeout:
        return job.func(*job.args, **kwargs)
    from clock import child  # Only here, as it costs a megabyte.

    return child.call(job.func, job.args, kwargs, options.timeout)


def _finish(clock: Any, claim: Claim, hurry: threading.Event, **values: Any) -> bool:
    pause = 0.25
    while True:
        try:
            return clock.ledger.finish(claim, **values)
        except SQLAlchemyError as error:
            clock.pulse.trouble(error)
            if hurry.wait(pause):
                return False
            pause = min(pause * 2, 15)


def _text(error: BaseException) -> str:
    """Return the end of the traceback, which says most."""
    text = getattr(error, "text", None) or "".join(traceback.format_exception(error))
    return text.strip()[-ERROR_LENGTH:]
