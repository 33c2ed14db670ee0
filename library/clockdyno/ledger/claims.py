"""The ledger: each decision about a run is one short transaction, safe on any number of clocks.

No session state is used (a transaction pooler may sit in between), no leader, no lock that
outlives a transaction. The tables themselves are described in tables.py.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from clockdyno.ledger import ends, settling
from clockdyno.ledger import schedules as rows
from clockdyno.ledger.dialects import insert
from clockdyno.ledger.group_commit import GroupCommit
from clockdyno.ledger.jobs import KnownJobs
from clockdyno.ledger.presence import RUNNING
from clockdyno.ledger.schedule_tables import schedules
from clockdyno.ledger.settling import Claim, Owed, Wanted
from clockdyno.ledger.tables import Moment, attempts, clocks, jobs, orders, outputs, runs

STALE = timedelta(hours=6)  # A further attempt, or a run asked for, is given up after this.
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


class Ledger(KnownJobs):
    """What one process reads and writes."""

    def __init__(self, engine: sa.Engine, stopping: Callable[[], bool] = lambda: False) -> None:
        super().__init__(engine, stopping)
        self._once = insert(engine, runs).on_conflict_do_nothing()
        # What has ended makes room for what begins.
        self._together = GroupCommit(self._end_all, self._claim_all)

    def claim(
        self,
        job: str,
        fire: datetime | None,
        limit: int,
        missed: Sequence[Mapping[str, Any]] = (),
        owed: Owed | None = None,
    ) -> Claim:
        """Win the right to run a fire, or learn why not; what was missed before gets its rows."""
        wanted = Wanted(job, fire, limit, missed, owed)
        claim: Claim = self._together.write(self._claim_all, wanted)
        return claim

    def expect(self, number: int) -> None:
        """Learn how many fires will be claimed next, all at one moment."""
        self._together.expect(number)

    def stand_back(self) -> None:
        """Let those who claim, or finish, go first: wait a moment while somebody does."""
        self._together.stand_back()

    def finish(self, claim: Claim, **values: Any) -> bool:
        """Write how a run ended; False if it had been declared lost in the meantime."""
        return bool(self._together.write(self._end_all, (claim, values)))

    def _claim_all(self, wanted: Sequence[Wanted]) -> list[Claim]:
        with self._write() as db:
            return settling.settle(db, wanted, self.clock_id, self.now, self._stopping)

    def _end_all(self, over: Sequence[tuple[Claim, dict[str, Any]]]) -> list[bool]:
        with self._single.begin() as db:
            return ends.write(db, over)

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
