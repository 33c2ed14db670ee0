"""What uptime monitors and `herokuclock deploy` read: is the clock alive, is a job overdue?"""

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from clock import reading
from clock.presence import SILENT

SECONDS = 2  # for which an answer is good, however many ask
_asking = threading.Lock()
_known: dict[str, Any] = {"until": 0.0}


def report() -> tuple[dict[str, Any], int]:
    """Return what is known, at most two seconds old, and 200 or 503."""
    with _asking:
        if time.monotonic() >= _known["until"]:
            _known["answer"] = _ask()
            _known["until"] = time.monotonic() + SECONDS
        answer: tuple[dict[str, Any], int] = _known["answer"]
        return answer


def _ask() -> tuple[dict[str, Any], int]:
    if not reading.has_shared_database():
        text = f"no shared database: {reading.ADD_DATABASE}"
        return {"state": "unshared", "heartbeat_age": None, "reason": text, "jobs": []}, 503
    try:
        with reading.engine().connect() as db:
            return judge(reading.status(db), reading.jobs(db), datetime.now(UTC))
    except SQLAlchemyError:
        reason = "The database cannot be reached."
        return {"state": "unknown", "heartbeat_age": None, "reason": reason, "jobs": []}, 503


def judge(
    status: reading.Status, jobs: list[reading.Job], now: datetime
) -> tuple[dict[str, Any], int]:
    """Say whether all is well: a heartbeat is fresh, and no job is overdue beyond its grace."""
    age = min((clock.age for clock in status.clocks), default=None)
    # While a deploy replaces the clock there may be none for a few seconds, and nothing is lost.
    fresh = age is not None and age < SILENT.total_seconds()
    late = [job.job_id for job in jobs if is_overdue(job, now)]
    reason = status.reason or (f"Overdue: {', '.join(late)}." if late else None)
    facts = {
        "state": "up" if status.state == "two" else status.state,
        "heartbeat_age": age and round(age, 1),
        "reason": reason,
        "jobs": [_facts(job, now) for job in jobs if not job.gone_at],
    }
    if late and facts["state"] == "up":
        facts["state"] = "overdue"
    return facts | status.besides, 200 if fresh and not late and status.state != "stuck" else 503


def is_overdue(job: reading.Job, now: datetime) -> bool:
    """Say whether a fire has neither run nor been given up although its grace is over."""
    if job.paused_at or job.gone_at or job.grace is None:
        return False
    seen = [run.scheduled_at for run in job.last if run.kind == "scheduled"]
    if job.last and not seen:
        return False  # So many runs by hand that the last one on time is out of sight.
    done = max([job.known_since, *seen])
    waiting = next((fire for fire in job.fires if fire > done), None)
    # The clock takes a moment to write down what it gives up.
    return bool(waiting and waiting + timedelta(seconds=job.grace) + SILENT < now)


def _facts(job: reading.Job, now: datetime) -> dict[str, Any]:
    last = job.last[0] if job.last else None
    ahead = [] if job.paused_at else [fire for fire in job.fires if fire > now]
    return {
        "job": job.job_id,
        "last_state": last and last.state,
        "last_at": last and last.scheduled_at.isoformat(),
        "next_at": ahead[0].isoformat() if ahead else None,
    }
