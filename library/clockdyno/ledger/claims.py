"""The ledger: each decision about a run is one short transaction, safe on any number of clocks.

No session state is used (a transaction pooler may sit in between), no leader, no lock that
outlives a transaction. The tables themselves are described in tables.py.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from clockdyno.ledger import schedules as rows
from clockdyno.ledger.attempts import keep
from clockdyno.ledger.jobs import KnownJobs
from clockdyno.ledger.presence import RUNNING
from clockdyno.ledger.schedule_tables import IS_THERE, schedules
from clockdyno.ledger.tables import Moment, attempts, clocks, jobs, orders, outputs, runs

STALE = timedelta(hours=6)  # A further attempt, or a run asked for, is given up after this.
WON = {"running": "won", "skipped": "skipped"}

ME_LOST = sa.select(clocks.c.lost_at).where(clocks.c.clock_id == sa.bindparam("me"))
LOCK = (
    sa.select(jobs.c.paused_at, ME_LOST.scalar_subquery().label("lost_at"))
    .where(jobs.c.job_id == sa.bindparam("job"))
    .with_for_update(of=jobs)
)
LOCK_ROW = (
    sa.select(schedules.c.paused_at, ME_LOST.scalar_subquery().label("lost_at"))
    .where(schedules.c.job_id == sa.bindparam("job"), IS_THERE)
    .with_for_update(of=schedules)
)
BUSY = (
    sa.select(runs.c.id, runs.c.scheduled_at, runs.c.kind, runs.c.attempt, runs.c.clock_id)
    .add_columns(clocks.c.heartbeat_at)
    .join_from(runs, clocks, runs.c.clock_id == clocks.c.clock_id, isouter=True)
    .where(runs.c.job_id == sa.bindparam("job"), RUNNING)
)
# A pause is for what comes by itself.
ASKED_FOR = sa.or_(
    runs.c.kind == "manual",
    runs.c.id.in_(sa.select(orders.c.run_id).where(orders.c.what == "again")),
)
OWED = (
    sa.select(runs.c.id, runs.c.job_id, runs.c.scheduled_at, runs.c.kind, runs.c.attempt)
    .join(jobs, jobs.c.job_id == runs.c.job_id, isouter=True)
    .join(schedules, schedules.c.job_id == runs.c.job_id, isouter=True)
    .where(runs.c.due_at.is_not(None), runs.c.due_at <= sa.bindparam("now", type_=Moment))
    .where(
        sa.or_(
            sa.and_(jobs.c.job_id.is_not(None), jobs.c.gone_at.is_(None)),
            schedules.c.job_id.is_not(None),
        )
    )
    .where(
        sa.or_(
            ASKED_FOR,
            # What a schedule had claimed before it was paused had come due before.
            runs.c.attempt == 0,
            sa.func.coalesce(jobs.c.paused_at, schedules.c.paused_at).is_(None),
        )
    )
    .order_by(runs.c.due_at)
    .limit(100)
)
CLAIM = ("job_id", "scheduled_at", "kind", "state", "clock_id", "started_at")
IF_ROOM = sa.select(
    *(sa.bindparam(name, type_=runs.c[name].type) for name in CLAIM), sa.literal(1), sa.literal(1)
).where(
    sa.select(sa.func.count())
    .where(runs.c.job_id == sa.bindparam("job_id"), RUNNING)
    .scalar_subquery()
    < sa.bindparam("limit")
)
ENDED = runs.update().where(
    runs.c.id == sa.bindparam("run"),
    runs.c.attempt == sa.bindparam("number"),
    runs.c.clock_id == sa.bindparam("me"),
    # Said twice where the answer to the first time got lost.
    sa.or_(RUNNING, runs.c.finished_at == sa.bindparam("ended")),
)


class Owed(NamedTuple):
    """A row that waits for a further attempt, or for its first if it was asked for by hand."""

    id: int
    job_id: str
    scheduled_at: datetime
    kind: str
    attempt: int


class Claim(NamedTuple):
    """What came of it: won, taken, skipped, missed, paused, failed, wait, unknown or silenced."""

    outcome: str
    run_id: int = 0
    attempt: int = 1
    clock_id: int = 0


class Ledger(KnownJobs):
    """What one process reads and writes."""

    def __init__(self, engine: sa.Engine, stopping: Callable[[], bool] = lambda: False) -> None:
        super().__init__(engine, stopping)
        dialect = postgresql if engine.dialect.name == "postgresql" else sqlite
        self._once = dialect.insert(runs).on_conflict_do_nothing()
        self._first = self._once.returning(runs.c.id)
        # In a herd of jobs each trip to the database counts.
        self._if_room = dialect.insert(runs).from_select([*CLAIM, "attempt", "count"], IF_ROOM)
        self._if_room = self._if_room.on_conflict_do_nothing().returning(runs.c.id)

    def claim(
        self,
        job: str,
        fire: datetime | None,
        limit: int,
        missed: Iterable[Mapping[str, Any]] = (),
        owed: Owed | None = None,
    ) -> Claim:
        """Win the right to run a fire, or learn why not; what was missed before gets its rows."""
        with self._write() as db:
            # The job's row is locked, so that two clocks never count its runs at the same time.
            me = self.clock_id
            known = lock(db, job, me)
            if known is None or known.lost_at:
                return Claim("silenced" if known else "unknown")
            # Asked again here: many claims may have been waiting for the database.
            if self._stopping() or (known.paused_at and not owed):
                return Claim("paused")
            if fire is None:
                return Claim("missed" if self._record(db, missed) else "taken")
            kind = owed.kind if owed else "scheduled"
            if not owed:
                values = (job, fire, kind, "running", me, self.now())
                row = {**dict(zip(CLAIM, values, strict=True)), "limit": limit}
                if (new := db.scalar(self._if_room, row)) is not None:
                    self._record(db, missed)
                    return Claim("won", new, 1, me)
            busy = db.execute(BUSY, {"job": job}).all()
            for run in busy:
                if (run.scheduled_at, run.kind, run.clock_id) == (fire, kind, me):
                    # Our own claim, whose commit went through although its answer got lost.
                    return Claim("won", run.id, run.attempt, me)
            state = state_of(busy, fire, limit, me)
            if state == "wait" or (state == "skipped" and owed and owed.attempt):
                key = (runs.c.job_id == job, runs.c.scheduled_at == fire, runs.c.kind == kind)
                there = not owed and db.scalar(sa.select(runs.c.id).where(*key))
                return Claim("taken" if there else "wait")
            self._record(db, missed)
            row = {"state": state, "reason": None if state == "running" else "overlap"}
            row |= {"clock_id": me, "started_at": self.now(), "due_at": None}
            if owed:
                return self._again(db, owed, row)
            row |= {"job_id": job, "scheduled_at": fire, "kind": kind}
            new = db.scalar(self._first, row)
            return Claim("taken") if new is None else Claim(WON[state], new, 1, me)

    def _again(self, db: sa.Connection, owed: Owed, row: dict[str, Any]) -> Claim:
        same = (runs.c.id == owed.id, runs.c.attempt == owed.attempt, runs.c.due_at.is_not(None))
        row |= {"attempt": owed.attempt + 1, "finished_at": None, "error": None, "exceeded": None}
        keep(db, owed.id)
        won = db.execute(runs.update().where(*same).values(row)).rowcount
        claim = Claim(WON[row["state"]], owed.id, owed.attempt + 1, row["clock_id"])
        return claim if won else Claim("taken")

    def _record(self, db: sa.Connection, missed: Iterable[Mapping[str, Any]]) -> int:
        rows = [{"kind": "scheduled", "state": "missed", **row} for row in missed]
        if not rows:
            return 0
        return db.execute(self._once, rows).rowcount

    def finish(self, claim: Claim, **values: Any) -> bool:
        """Write how a run ended; False if it had been declared lost in the meantime."""
        mine: dict[str, Any] = {"run": claim.run_id, "number": claim.attempt}
        mine |= {"me": claim.clock_id, "ended": values.get("finished_at")}
        with self._single.begin() as db:
            return bool(db.execute(ENDED, {**mine, **values}).rowcount)

    def exceed(self, claim: Claim, expected: float) -> None:
        """Mark a run that takes, or took, longer than expected: so many seconds."""
        mine = (runs.c.id == claim.run_id, runs.c.attempt == claim.attempt)
        with self._write() as db:
            db.execute(runs.update().where(*mine).values(exceeded=expected))

    def fail(self, job: str, fire: datetime, error: str, run: int = 0) -> None:
        """Write that a fire, or the run that there is of it, could not even begin, and why."""
        values: dict[str, Any] = {"state": "failed", "reason": "error", "error": error}
        values |= {"finished_at": self.now(), "due_at": None}
        with self._write() as db:
            if run:
                db.execute(runs.update().where(runs.c.id == run, ~RUNNING).values(values))
            else:
                row = {"job_id": job, "scheduled_at": fire, "kind": "scheduled"}
                db.execute(self._once, {**row, **values})

    def give_up(self, owed: Owed) -> bool:
        """Let a run that has not begun be missed; False if somebody has begun it."""
        same = (runs.c.id == owed.id, runs.c.attempt == owed.attempt, runs.c.due_at.is_not(None))
        values = {"state": "missed", "reason": "late", "due_at": None}
        with self._write() as db:
            return bool(db.execute(runs.update().where(*same).values(values)).rowcount)

    def owed(self, now: datetime | None = None) -> list[Owed]:
        """Return the rows whose next attempt is due; give up those that nobody ran for hours."""
        now = now or self.now()
        stale = sa.and_(runs.c.due_at.is_not(None), runs.c.due_at < now - STALE)
        asked = runs.c.state == "requested"
        given_up = {
            "due_at": None,
            "state": sa.case((asked, "missed"), else_=runs.c.state),
            "reason": sa.case((asked, "late"), else_=runs.c.reason),
        }
        with self._write() as db:
            db.execute(runs.update().where(stale).values(given_up))
            return [Owed(*row) for row in db.execute(OWED, {"now": now})]

    def to_stop(self, under_way: Collection[int]) -> set[tuple[int, int]]:
        """Return the runs, with their attempts, that somebody wants to end, of those."""
        c = orders.c
        asked = sa.select(c.run_id, c.attempt).where(c.run_id.in_(under_way), c.what == "stop")
        with self.engine.connect() as db:
            return {(row.run_id, row.attempt) for row in db.execute(asked)}

    def take_back(self) -> None:
        """Let runs that wait in a queue be due here: there is none any more."""
        waits = sa.and_(runs.c.state == sa.literal_column("'requested'"), runs.c.due_at.is_(None))
        values = {"due_at": runs.c.scheduled_at, "attempt": runs.c.attempt - 1}
        with self._write() as db:
            db.execute(runs.update().where(waits).values(values))

    def prune(self, before: datetime, limit: int = 500) -> int:
        """Delete a few rows from before a time, never the last one of a job."""
        later = runs.alias()
        newer = sa.exists().where(
            later.c.job_id == runs.c.job_id, later.c.scheduled_at > runs.c.scheduled_at
        )
        # Of a schedule that was deleted, none has to stay.
        there = [sa.exists().where(t.c.job_id == runs.c.job_id) for t in (jobs, schedules)]
        is_orphan = sa.and_(runs.c.job_id.like(f"%{rows.MARK}______"), ~sa.or_(*there))
        spare = sa.or_(newer, is_orphan)
        old = sa.select(runs.c.id).where(runs.c.scheduled_at < before, spare, ~RUNNING)
        old = old.order_by(runs.c.scheduled_at).limit(limit)
        with self._write() as db:
            db.execute(clocks.delete().where(clocks.c.heartbeat_at < before))
            rows.prune(db, before)
            ids = db.scalars(old).all()
            for table in (outputs, attempts):
                db.execute(table.delete().where(table.c.run_id.in_(ids)))
            db.execute(orders.delete().where(orders.c.at < before))
            return db.execute(runs.delete().where(runs.c.id.in_(ids))).rowcount


def lock(db: sa.Connection, job: str, me: int) -> Any:
    """Lock the row of a job, or of a schedule, so that its runs are counted by one at a time."""
    which = {"job": job, "me": me}
    return db.execute(LOCK, which).one_or_none() or db.execute(LOCK_ROW, which).one_or_none()


def state_of(busy: Sequence[Any], fire: datetime, limit: int, me: int) -> str:
    """Running if there is room, skipped if there surely is none, else wait and see."""
    if len(busy) < limit:
        return "running"
    # The clock of a run may be dead: it is sure to have lived only up to its last heartbeat.
    sure = [r for r in busy if r.clock_id == me or (r.heartbeat_at and r.heartbeat_at > fire)]
    return "skipped" if len(sure) >= limit else "wait"
