"""One run: calls the job, writes how it ended, tells the log, the listeners and those outside."""

import threading
import time
import traceback
from collections.abc import Sequence
from contextvars import copy_context
from datetime import datetime, timedelta
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

from clockdyno import logs, texts
from clockdyno.clock.declared.options import Options
from clockdyno.clock.declared.tasks import Call
from clockdyno.clock.run import calling, capture, surroundings
from clockdyno.clock.run.app import App
from clockdyno.clock.run.outside import Outside
from clockdyno.clock.run.tail import Tail
from clockdyno.errors import RunError
from clockdyno.ledger.settling import Claim
from clockdyno.telling.events import Event
from clockdyno.telling.run import RunFacts

LOST = {
    "silent": "nothing more was heard of it",
    "stopped": "its process stopped before it had ended",
}
RETRY_SECONDS = 10  # before the second attempt; twice as long before each further one


def run(
    clock: Any,
    job: Job | Call,
    options: Options,
    claim: Claim,
    fire: datetime,
    hurry: threading.Event,
) -> None:
    """Run a job that has been claimed."""
    with Outside(clock, job, options, claim, fire) as outside:
        _run(clock, job, options, claim, fire, hurry, outside)


def _run(
    clock: Any,
    job: Job | Call,
    options: Options,
    claim: Claim,
    fire: datetime,
    hurry: threading.Event,
    outside: Outside,
) -> None:
    facts: dict[str, Any] = {"job": job.id, "scheduled_at": fire, "attempt": claim.attempt}
    facts["late"] = (clock.now() - fire).total_seconds()
    logs.event("run", **facts, state="running")
    outside.began()
    start = time.monotonic()
    event = JobExecutionEvent(EVENT_JOB_EXECUTED, job.id, job._jobstore_alias, fire)
    values: dict[str, Any] = {"state": "succeeded"}
    tail = clock.outputs.begin(job.id, claim.run_id, claim.attempt)
    clock.expectations.begin(claim, job.id, fire, options.expected)
    try:
        event.retval = _call(clock, job, options, fire, outside, tail)
    except calling.Stopped:
        return  # Who signs off says that it was lost.
    except BaseException as error:
        values = _failure(error)
        event.code, event.exception, event.traceback = EVENT_JOB_ERROR, error, values["error"]
        if claim.attempt <= options.retries and values["reason"] != "ended":
            pause = timedelta(seconds=RETRY_SECONDS * 2 ** (claim.attempt - 1))
            values["due_at"] = clock.now() + pause
    finally:
        clock.outputs.end(tail)
        clock.expectations.end(claim)
    facts["took"] = time.monotonic() - start
    ignored = _finish(clock, claim, hurry, {**values, "finished_at": clock.now()})
    outside.raised(event.exception)
    if ignored:
        logs.event("end", event.exception, **facts, state=values["state"], ignored=ignored)
    else:
        outside.ended(event.exception, values, facts["took"])
        _tell(clock, event, facts, values)
    if event.exception is not None:
        # A traceback keeps every local variable of the job alive.
        traceback.clear_frames(texts.frames(event.exception))


def report_unclaimed(
    clock: Any, job: Job | Call, fire: datetime, error: BaseException, run: int = 0
) -> None:
    """Write and tell that a fire, or the run that there is of it, could not even begin."""
    text = texts.of(error)
    try:
        clock.ledger.fail(job.id, fire, text, run)
    except Exception as other:
        clock.heartbeat.trouble(other)
    logs.event("run", job=job.id, scheduled_at=fire, state="failed", error=texts.brief(error))
    text = f"could not begin: {texts.brief(error)}"
    clock.alerts.tell(Event("failed", job.id, text, fire, run))
    Outside(clock, job, clock.options_of(job), Claim("failed", run), fire).never_ended(text)


def report_missed(clock: Any, job: Job | Call, rows: Sequence[dict[str, Any]]) -> None:
    """Tell that fires of a job were missed, if any were."""
    if not rows:
        return
    number, reason = sum(row["count"] for row in rows), rows[-1]["reason"]
    first, last = rows[0]["scheduled_at"], rows[-1]["scheduled_at"]
    logs.event("missed", job=job.id, scheduled_at=first, until=last, count=number, reason=reason)
    text = f"missed {number} of its times, from {first} to {last} ({reason})"
    clock.alerts.tell(Event("missed", job.id, text))
    clock._dispatch_event(JobExecutionEvent(EVENT_JOB_MISSED, job.id, job._jobstore_alias, last))


def report_skipped(clock: Any, job: Job | Call, fire: datetime, reason: str = "overlap") -> None:
    """Tell that a fire was skipped, because the run before it still went on, or waited."""
    logs.event("run", job=job.id, scheduled_at=fire, state="skipped", reason=reason)
    where = job._jobstore_alias
    clock._dispatch_event(JobSubmissionEvent(EVENT_JOB_MAX_INSTANCES, job.id, where, [fire]))


def report_lost(clock: Any, rows: list[Any]) -> None:
    """Tell that runs had begun whose end nobody has heard of."""
    for row in rows:
        facts = {"job": row.job_id, "scheduled_at": row.scheduled_at, "attempt": row.attempt}
        logs.event("run", **facts, state="lost", due_at=row.due_at)
        text = f"was lost: it had begun, and {LOST[row.reason]}"
        clock.alerts.tell(Event("lost", row.job_id, text, row.scheduled_at, row.id))
        job = clock.find(row.job_id)
        if job and row.due_at is None:  # Else it is tried again.
            claim = Claim("lost", row.id, row.attempt)
            outside = Outside(clock, job, clock.options_of(job), claim, row.scheduled_at)
            outside.never_ended(text)


def _call(
    clock: Any,
    job: Job | Call,
    options: Options,
    fire: datetime,
    outside: Outside,
    tail: Tail | None,
) -> Any:
    kwargs = dict(job.kwargs)
    if "scheduled_at" in kwargs and kwargs["scheduled_at"] is None:
        kwargs["scheduled_at"] = fire
    if not options.timeout:
        with surroundings.Shared():
            # What a job sets for its context, decimals for one, is not the next one's.
            return copy_context().run(_call_here, clock.app, job, kwargs, outside.run, tail)
    from clockdyno.clock.run import child  # Only here, as it costs a megabyte.

    return child.call(clock.app, job.func, job.args, kwargs, options.timeout, outside.run, tail)


def _call_here(
    app: App, job: Job | Call, kwargs: dict[str, Any], run: RunFacts, tail: Tail | None
) -> Any:
    if tail:
        capture.begin(tail)
    with app.context():
        return calling.call(job.func, job.args, kwargs, (run.id, run.attempt))


def _failure(error: BaseException) -> dict[str, Any]:
    """Return what is written down of an exception; only our own says more than its text."""
    reason = "error"
    if type(error) is RunError:
        reason = error.reason
        error.__traceback__ = None  # It shows how the clock waited, which is nobody's mistake.
    else:
        calling.blame(error)
    return {"state": "failed", "reason": reason, "error": texts.of(error)}


def _tell(
    clock: Any, event: JobExecutionEvent, facts: dict[str, Any], values: dict[str, Any]
) -> None:
    """Tell the log and the listeners how a run ended."""
    shown = {name: value for name, value in values.items() if name != "error"}
    logs.event("run", event.exception, **facts, **shown)
    clock._dispatch_event(event)


def _finish(clock: Any, claim: Claim, hurry: threading.Event, values: dict[str, Any]) -> str | None:
    """Write how a run ended, however long the database is away; say why if that was in vain."""
    pause, refused = 0.25, False
    while True:
        try:
            return None if clock.ledger.finish(claim, **values) else "declared lost"
        except Exception as error:
            if clock.heartbeat.trouble(error):
                if hurry.wait(pause):
                    return "stopped before the database was back"
                pause = min(pause * 2, 15)
            elif refused:
                return "refused by the database"
            else:
                # What is known, in letters that every database takes.
                text = values.get("error") or f"its end was refused: {texts.brief(error)}"
                text = texts.fit(text).encode("ascii", "backslashreplace").decode()
                values, refused = {**values, "error": text}, True
