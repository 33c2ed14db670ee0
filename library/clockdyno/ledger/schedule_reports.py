"""What the dashboard knows of schedules: a page of them, and one of them as a job."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, NamedTuple

import sqlalchemy as sa

from clockdyno.ledger import reports, run_reports, schedules
from clockdyno.ledger.schedule_tables import tasks
from clockdyno.ledger.schedules import count
from clockdyno.ledger.tables import orders

__all__ = ["Page", "count", "job", "page"]
PAGE = 50


class Page(NamedTuple):
    """A page of schedules, how many there are in all, and after which key the next one begins."""

    found: Sequence[Any]
    counts: dict[str, int]
    tasks: Sequence[Any]
    following: str | None


def page(db: sa.Connection, task: str, search: str, after: str) -> Page:
    """Return a page of schedules, by their keys."""
    found = schedules.listing(db, task or None, search, after, PAGE + 1)
    shown = [SimpleNamespace(**row._mapping, gone_at=None) for row in found[:PAGE]]
    following = shown[-1].key if len(found) > PAGE else None
    counts = count(db, task or None, search)
    return Page(shown, counts, schedules.known_tasks(db), following)


def job(db: sa.Connection, job_id: str) -> reports.Job | None:
    """Return the schedule whose runs bear this id as a job, with its last runs."""
    row = schedules.by_job(db, job_id)
    if row is None:
        return None
    task = db.execute(sa.select(tasks).where(tasks.c.name == row.task)).one_or_none()
    told = f"{row.task}: {task.doc}" if task and task.doc else f"It calls {row.task}."
    if task is None or task.gone_at:
        told = f"It waits: its task {row.task} is not there any more."
    # One that a clock has still to look at is due at once.
    soon = datetime.now(UTC) + timedelta(seconds=1)
    fires = [] if row.next_at is None else [max(row.next_at, soon).isoformat()]
    facts = {"job_id": row.job_id, "doc": told, "words": row.words, "zone": row.zone}
    facts |= {"surprises": json.loads(row.remarks), "fires": fires, "grace": None}
    facts |= {name: task and task._mapping[name] for name in ("timeout", "expected", "awaits")}
    facts |= {"paused_by": _paused_by(db, row)}
    facts |= {"paused_at": row.paused_at, "gone_at": None, "known_since": row.known_since}
    return reports.with_figures(
        SimpleNamespace(**facts), run_reports.runs(db, job_id, limit=reports.LAST)
    )


def _paused_by(db: sa.Connection, row: Any) -> str | None:
    """Say who paused a schedule, or all of them, if that is known."""
    c = orders.c
    asked = (c.job_id.in_([row.job_id, schedules.MARK]), c.what == "pause", c.at == row.paused_at)
    return db.scalar(sa.select(c.who).where(*asked).limit(1)) if row.paused_at else None
