"""What uptime monitors and `herokuclock deploy` read: is the clock alive, is a job overdue?"""

import threading
import time
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from clockdyno import host
from clockdyno.ledger import reports, schedules
from clockdyno.ledger.presence import SILENT

SECONDS = 2  # for which an answer is good, however many ask
LONGEST_WAIT = 5  # seconds for which anybody waits for the database, from the moment it was asked
Answer = tuple[dict[str, Any], int]


class _Kept:
    """The last answer, and the question that is under way.

    The database is asked in a thread of its own, since nobody knows when one that hangs answers.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answer: Answer | None = None
        self._question: Future[Answer] | None = None
        self._at = self._asked_at = float("-inf")

    def get(self) -> Answer:
        """Return what is known: two seconds old at most, unless the database keeps us waiting."""
        with self._lock:
            age = time.monotonic() - self._at
            if self._answer and age < SECONDS:
                return self._answer
            last = self._answer if age < SILENT.total_seconds() else None
            if last and self._question:
                return last
            question = self._question or self._asked()
            left = self._asked_at + LONGEST_WAIT - time.monotonic()
        try:
            return question.result(max(left, 0))
        except TimeoutError:
            return last or _unknown("The database has not answered yet.")

    def _asked(self) -> Future[Answer]:
        self._question, self._asked_at = Future(), time.monotonic()
        threading.Thread(target=self._ask, args=(self._question,), daemon=True).start()
        return self._question

    def _ask(self, question: Future[Answer]) -> None:
        try:
            answer = _ask()
        except Exception as error:
            with self._lock:
                self._question = None
            question.set_exception(error)
            return
        with self._lock:
            self._answer, self._at, self._question = answer, time.monotonic(), None
        question.set_result(answer)


kept = _Kept()


def report() -> Answer:
    """Return what is known, and 200 or 503."""
    return kept.get()


def for_all(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the verdict without what belongs to those who know the password: the jobs' names."""
    told = {name: fact for name, fact in facts.items() if name != "jobs"}
    if facts["state"] == "overdue":
        late = facts["counts"]["overdue"]
        told["reason"] = f"{late} job{'s are' if late > 1 else ' is'} overdue."
    return told


def _ask() -> Answer:
    if not host.has_shared_database():
        return _unknown(f"no shared database: {host.add_database()}", "unshared")
    try:
        with reports.engine().connect() as db:
            answer = judge(reports.status(db), reports.jobs(db), datetime.now(UTC))
            return with_schedules(*answer, schedules.count(db))
    except SQLAlchemyError:
        return _unknown("The database cannot be reached.")


def _unknown(reason: str, state: str = "unknown") -> Answer:
    return {"state": state, "heartbeat_age": None, "reason": reason, "counts": {}, "jobs": []}, 503


def judge(status: reports.Status, jobs: list[reports.Job], now: datetime) -> Answer:
    """Say whether all is well: a heartbeat is fresh, and no job is overdue beyond its grace."""
    age = min((clock.age for clock in status.clocks), default=None)
    # While a deploy replaces the clock there may be none for a few seconds, and nothing is lost.
    fresh = age is not None and age < SILENT.total_seconds()
    late = [job.job_id for job in jobs if is_overdue(job, now)]
    here = [job for job in jobs if not job.gone_at]
    paused = sum(job.paused_at is not None for job in here)
    facts = {
        "state": "up" if status.state == "two" else status.state,
        "heartbeat_age": age and round(age, 1),
        "reason": status.reason or (f"Overdue: {', '.join(late)}." if late else None),
        "counts": {"jobs": len(here), "paused": paused, "overdue": len(late)},
        "jobs": [_facts(job, now) for job in here],
    }
    if late and facts["state"] == "up":
        facts["state"] = "overdue"
    well = fresh and not late and status.state != "stuck"
    return {**facts, **status.besides}, 200 if well else 503


def with_schedules(facts: dict[str, Any], code: int, counts: dict[str, int]) -> Answer:
    """Add how many schedules there are; those that no clock has seen to are overdue."""
    if not counts["schedules"]:
        return facts, code
    if (late := counts["overdue"]) and facts["state"] in ("up", "overdue"):
        said = f"Overdue: {late:,} schedules."
        facts |= {"state": "overdue", "reason": " ".join(filter(None, [facts["reason"], said]))}
        facts["counts"] = {**facts["counts"], "overdue": facts["counts"]["overdue"] + late}
        code = 503
    return {**facts, "schedules": counts}, code


def is_overdue(job: reports.Job, now: datetime) -> bool:
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


def _facts(job: reports.Job, now: datetime) -> dict[str, Any]:
    last = job.last[0] if job.last else None
    ahead = [] if job.paused_at else [fire for fire in job.fires if fire > now]
    return {
        "job": job.job_id,
        "zone": job.zone,
        "last_state": last and last.state,
        "last_at": last and last.scheduled_at.isoformat(),
        "next_at": ahead[0].isoformat() if ahead else None,
    }
