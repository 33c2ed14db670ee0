"""Claims for the queue: who may run a fire, settled for many jobs in one transaction.

A run that waits for a worker is `requested`; it occupies a place of its job like one that runs.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from apscheduler.job import Job
from sqlalchemy.dialects import postgresql

from clockdyno.clock.declared.tasks import Call
from clockdyno.clock.process.spans import Missed, Span
from clockdyno.ledger import pauses, settling
from clockdyno.ledger.attempts import keep
from clockdyno.ledger.settling import Owed, state_of
from clockdyno.ledger.tables import clocks, jobs, runs

# What is left out, and why: the run before goes on, or has not even begun.
LEFT_OUT = {"skipped": "overlap", "crowded": "waiting"}
IDS = sa.any_(sa.bindparam("ids", type_=sa.ARRAY(sa.Text)))
ME_LOST = sa.select(clocks.c.lost_at).where(clocks.c.clock_id == sa.bindparam("me"))
LOCK = (
    sa.select(jobs.c.job_id, jobs.c.paused_at, jobs.c.known_since)
    .add_columns(ME_LOST.scalar_subquery().label("lost_at"))
    .where(jobs.c.job_id == IDS)
    .order_by(jobs.c.job_id)  # Two clocks lock in the same order, or they could wait for ever.
    .with_for_update(of=jobs)
)
WAITS = sa.and_(runs.c.state == sa.literal_column("'requested'"), runs.c.due_at.is_(None))
BUSY = (
    sa.select(runs.c.job_id, runs.c.scheduled_at, runs.c.kind, runs.c.state, runs.c.clock_id)
    .add_columns(clocks.c.heartbeat_at)
    .join_from(runs, clocks, runs.c.clock_id == clocks.c.clock_id, isouter=True)
    .where(runs.c.job_id == IDS)
    .where(sa.or_(sa.and_(runs.c.state == sa.literal_column("'running'")), WAITS))
)
FRESH = (runs.c.id, runs.c.job_id, runs.c.scheduled_at, runs.c.state, runs.c.reason, runs.c.count)
ENTER = postgresql.insert(runs).on_conflict_do_nothing().returning(*FRESH, runs.c.attempt)
AGAIN = runs.update().where(
    runs.c.id == sa.bindparam("run"),
    runs.c.attempt == sa.bindparam("number"),
    runs.c.due_at.is_not(None),
)


class Candidate(NamedTuple):
    """A fire to be claimed (None: none is left) and the ones that were missed before it."""

    job: Job
    span: Span
    fire: datetime | None
    missed: Missed

    def since(self, resumed: datetime | None) -> "Candidate":
        """Return what is left of it after a pause, perhaps nothing."""
        fire = None if self.fire and pauses.covers([self.fire], resumed) else self.fire
        return self._replace(fire=fire, missed=[*pauses.owed(self.missed, resumed)])


class Settled(NamedTuple):
    """The rows that are new, and the candidates that have to wait or whose job is unknown."""

    rows: Sequence[Any]
    later: list[Candidate]
    unknown: list[Candidate]


def settle(db: sa.Connection, me: int, candidates: Sequence[Candidate]) -> Settled:
    """Enter what becomes of each candidate; what another clock has entered stays as it is."""
    ids = sorted({candidate.job.id for candidate in candidates})
    known = {row.job_id: row for row in db.execute(LOCK, {"ids": ids, "me": me})}
    unknown = [c for c in candidates if c.job.id not in known or known[c.job.id].lost_at]
    if unknown:
        return Settled([], [c for c in candidates if c not in unknown], unknown)
    resumed = pauses.ended(db, known, [(c.job.id, c.span.first) for c in candidates])
    busy, rows, later = _busy(db, ids), list[dict[str, Any]](), list[Candidate]()
    for whole in candidates:
        candidate = whole.since(resumed.get(whole.job.id))
        if known[candidate.job.id].paused_at:
            continue
        state = state_for(candidate.job, candidate.fire, "scheduled", busy[candidate.job.id], me)
        if state == "wait":
            later.append(candidate)
        elif state != "taken":
            rows += _rows(candidate, state, me)
            if state == "requested":
                busy[candidate.job.id].append(_Asked(candidate.fire, me))
    return Settled(db.execute(ENTER, rows).all() if rows else [], later, [])


def again(db: sa.Connection, me: int, job: Job | Call, owed: Owed) -> str:
    """Settle a further attempt, or a run asked for by hand: requested, left out, wait or taken."""
    locked = settling.lock(db, [job.id], me).get(job.id)
    if locked is None or locked.lost_at:
        return "wait"
    state = state_for(job, owed.scheduled_at, owed.kind, _busy(db, [job.id])[job.id], me)
    if state in ("wait", "taken") or (state in LEFT_OUT and owed.attempt):
        return "wait"
    values = {**_state_of_row(state, me), "attempt": owed.attempt + 1, "due_at": None}
    values |= {"finished_at": None, "error": None, "exceeded": None}
    which = {"run": owed.id, "number": owed.attempt}
    keep(db, [owed.id])
    return state if db.execute(AGAIN.values(values), which).rowcount else "taken"


def state_for(
    job: Job | Call, fire: datetime | None, kind: str, busy: Sequence[Any], me: int
) -> str:
    """Requested if there is room, left out if there surely is none, taken, wait, or missed."""
    if fire is None:
        return "missed"
    if any((run.scheduled_at, run.kind) == (fire, kind) for run in busy):
        return "taken"  # By another clock; or by us, and the commit's answer got lost.
    if len(busy) < job.max_instances:
        return "requested"
    waiting = sum(run.state == "requested" for run in busy)
    if waiting >= job.max_instances:
        return "crowded"
    running = [run for run in busy if run.state != "requested"]
    return state_of(running, fire, job.max_instances - waiting, me)


class _Asked(NamedTuple):
    scheduled_at: datetime | None
    clock_id: int
    kind: str = "scheduled"
    state: str = "requested"
    heartbeat_at: datetime | None = None


def _busy(db: sa.Connection, ids: Sequence[str]) -> dict[str, list[Any]]:
    found = defaultdict[str, list[Any]](list)
    for row in db.execute(BUSY, {"ids": ids}):
        found[row.job_id].append(row)
    return found


def _rows(candidate: Candidate, state: str, me: int) -> Iterable[dict[str, Any]]:
    row = {"job_id": candidate.job.id, "kind": "scheduled", "count": 1}
    for missed in candidate.missed:
        yield {**row, **_state_of_row("missed", None), **missed}
    if candidate.fire:
        yield {**row, **_state_of_row(state, me), "scheduled_at": candidate.fire}


def _state_of_row(state: str, me: int | None) -> dict[str, Any]:
    reason = LEFT_OUT.get(state)
    state, began = ("skipped", datetime.now(UTC)) if reason else (state, None)
    return {"state": state, "reason": reason, "clock_id": me, "started_at": began}
