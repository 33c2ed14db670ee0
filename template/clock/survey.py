"""jobs.py without running it: its jobs, when they fire next, and what is wrong with them."""

import importlib
import os
import pickle
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from apscheduler.job import Job
from apscheduler.jobstores.base import ConflictingIdError
from sqlalchemy.exc import SQLAlchemyError

from clock import process, tables, words
from clock.remarks import crowded, remarks
from clock.scheduler import Clock


def load() -> Clock:
    """Import jobs.py and return its clock."""
    jobs = importlib.import_module("jobs")
    clocks = {id(value): value for value in vars(jobs).values() if isinstance(value, Clock)}
    if len(clocks) != 1:
        raise LookupError(f"it has {len(clocks)} clocks, and needs exactly one: sched = Clock(...)")
    return next(iter(clocks.values()))


def outlook(job: Job, count: int) -> dict[str, Any]:
    """Say when a job fires next, and what may surprise about that."""
    now = datetime.now(UTC)
    fires = process.upcoming(job.trigger, now, count)
    return {
        "job": job.id,
        "zone": str(getattr(job.trigger, "timezone", job._scheduler.timezone)),
        "words": words.describe(job.trigger),
        "next": [{"at": f.isoformat(), "utc": f.astimezone(UTC).isoformat()} for f in fires],
        "remarks": [
            {"code": note.code, "text": note.text, "fix": note.fix}
            for note in remarks(job.trigger, now)
        ],
    }


def check() -> tuple[list[str], list[str]]:
    """Return the mistakes in jobs.py, and what is only worth a look."""
    try:
        clock = load()
    except ConflictingIdError as error:
        return [f"jobs.py: two jobs have one id. {error} Give one of them its own id=."], []
    except ValueError as error:
        return [f"jobs.py: {error}"], []
    except Exception as error:
        return [f"jobs.py: {type(error).__name__}: {error}"], []
    mistakes, notes, now = [], [], datetime.now(UTC)
    jobs = clock.get_jobs()
    for job in jobs:
        if not process.upcoming(job.trigger, now, 1):
            mistakes.append(f"{job.id} never fires: {words.describe(job.trigger)}.")
            continue
        if clock.options_of(job).timeout and not _travels(job):
            mistakes.append(f"{job.id} has a timeout, so its function must be importable by name.")
        if job.executor != "default":
            notes.append(f"{job.id} runs in the executor {job.executor!r}, which keeps no history.")
        notes += [f"{job.id}: {note.text} {note.fix}" for note in remarks(job.trigger, now)]
    notes += [f"{n.text} {n.fix}" for n in crowded({job.id: job.trigger for job in jobs}, now)]
    gone = _known() - {job.id for job in jobs}
    renamed = "is not in jobs.py any more; if it was only renamed, id= keeps its history"
    return mistakes, notes + [f"{name} {renamed}." for name in sorted(gone)]


def _travels(job: Job) -> bool:
    try:
        return bool(pickle.dumps((job.func, job.args, job.kwargs)))
    except Exception:
        return False


def _known() -> set[str]:
    """Return the jobs that a clock has seen in the last deploy, if there is a ledger to ask."""
    if "DATABASE_URL" not in os.environ and not (tables.PROJECT / "clock.sqlite3").exists():
        return set()
    here = sa.select(tables.jobs.c.job_id).where(tables.jobs.c.gone_at.is_(None))
    try:
        with tables.connect().connect() as db:
            return set(db.scalars(here))
    except SQLAlchemyError:
        return set()
