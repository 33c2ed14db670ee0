"""Who is there: processes beat, call the roll, and find what those left behind that died.

How long one has been silent is told by the database, not by the age of who looks. Whoever beats
calls the roll, about every ten seconds; one who let three calls pass without a new heartbeat is
dead. While nobody reaches the database nobody calls, however long that takes.
"""

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from clockdyno import host
from clockdyno.ledger.schedule_tables import schedules, tasks
from clockdyno.ledger.tables import Moment, clocks, roll, runs

SILENT = timedelta(seconds=30)  # A clock without a heartbeat for so long is taken for dead.
CALLS = 3  # of the roll, in that time
MAX_ATTEMPTS = 4  # A run that keeps killing its clock is not started a fifth time.
RUNNING = runs.c.state == sa.literal_column("'running'")  # Literal: partial indexes need it.
RERUN = (
    sa.select(schedules.c.job_id)
    .join(tasks, tasks.c.name == schedules.c.task)
    .where(tasks.c.on_lost == "rerun", schedules.c.job_id == runs.c.job_id)
    .correlate(runs)
)
ALIVE = sa.and_(clocks.c.stopped_at.is_(None), clocks.c.lost_at.is_(None))


class Presence:
    """One process among those that share the ledger; `clock_id` is the row that it beats in."""

    role = "clock"
    has_workers = False  # It hands runs over to them.

    def __init__(self, engine: sa.Engine, stopping: Callable[[], bool] = lambda: False) -> None:
        self.engine, self._stopping = engine, stopping
        self.clock_id = 0
        self._single = self.writer = engine.execution_options(writes=True)
        if engine.dialect.name == "postgresql":
            self._single = engine.execution_options(isolation_level="AUTOCOMMIT")

    def now(self) -> datetime:
        """Say what time it is for what is written down; another time may be put here."""
        return datetime.now(UTC)

    def register(self, paused: bool) -> None:
        """Enter this process as a clock, anew if it had been taken for dead."""
        row: dict[str, Any] = {"dyno": host.dyno(), "release": host.release()}
        row |= {"role": self.role, "workers": self.has_workers}
        row |= {"started_at": self.now(), "heartbeat_at": self._ago(), "paused": paused}
        with self._write() as db:
            due = self._is_time(db)
            statement = clocks.insert().values(row).returning(clocks.c.clock_id)
            self.clock_id = db.execute(statement).scalar_one()
            if due:
                self._call(db)

    def beat(self) -> bool:
        """Say that this clock lives; False if another one has declared it dead."""
        with self._write() as db:
            due = self._is_time(db)
            found = db.execute(self._beat(self._ago())).rowcount
            if due:
                self._call(db)
            return bool(found)

    def note_told(self, counts: dict[str, int]) -> None:
        """Write down how many pings and alerts this process has sent."""
        mine = clocks.c.clock_id == self.clock_id
        with self._write() as db:
            db.execute(clocks.update().where(mine).values(told=counts))

    def beat_as_text(self) -> str:
        """Return the heartbeat as SQL, for the one who beats in this process's name."""
        now: Any = sa.func.strftime("%Y-%m-%d %H:%M:%f000", "now")
        if self.engine.dialect.name == "postgresql":
            now = self._ago()
        statement = self._beat(now).compile(self.engine, compile_kwargs={"literal_binds": True})
        return " ".join(str(statement).split())

    def _beat(self, now: Any) -> sa.Update:
        mine = sa.and_(clocks.c.clock_id == self.clock_id, clocks.c.lost_at.is_(None))
        return clocks.update().where(mine).values(heartbeat_at=now)

    def _is_time(self, db: sa.Connection) -> bool:
        """Say whether to call the roll; then all others wait for it, so that none calls twice."""
        pause = SILENT / CALLS * 0.9  # Less than a heartbeat, or only each second one would call.
        # What lies far in the future was called before the database's time was put back.
        near = roll.c.called_at.between(self._ago(pause), self._ago(-pause))
        return bool(db.execute(roll.update().where(~near).values(called_at=self._ago())).rowcount)

    def _call(self, db: sa.Connection) -> None:
        """Count the calls that each has let pass; heartbeats are only told apart, not measured."""
        same = clocks.c.answered_at == clocks.c.heartbeat_at
        dead = sa.and_(same, clocks.c.silent + 1 >= CALLS)
        values = {
            "silent": sa.case((same, clocks.c.silent + 1), else_=0),
            "answered_at": clocks.c.heartbeat_at,
            "lost_at": sa.case((dead, self._ago()), else_=None),
        }
        db.execute(clocks.update().where(ALIVE).values(values))

    def bury(self, rerun: Collection[str], under_way: Collection[int]) -> list[Any]:
        """Mark the runs lost whose clock is dead, and return them."""
        # Not "whose clock is gone": the row of a clock that died long ago has been pruned.
        gone = runs.c.clock_id.not_in(sa.select(clocks.c.clock_id).where(ALIVE))
        # A row of ours that nothing here works on: its claim's answer got lost, and we gave up.
        stray = sa.and_(
            runs.c.clock_id == self.clock_id,
            runs.c.id.not_in(under_way),
            runs.c.started_at < self.now() - SILENT,
        )
        with self._write() as db:
            which = sa.and_(RUNNING, sa.or_(gone, stray))
            return self._lose(db, which, "silent", rerun)

    def leave(self, rerun: Collection[str]) -> list[Any]:
        """Sign this clock off; what it leaves unfinished is lost, and returned."""
        mine = clocks.c.clock_id == self.clock_id
        with self._write() as db:
            db.execute(clocks.update().where(mine).values(stopped_at=self._ago()))
            which = sa.and_(RUNNING, runs.c.clock_id == self.clock_id)
            return self._lose(db, which, "stopped", rerun)

    def _lose(
        self, db: sa.Connection, which: Any, reason: str, rerun: Collection[str]
    ) -> list[Any]:
        asks = sa.or_(runs.c.job_id.in_(rerun), runs.c.job_id.in_(RERUN))
        again = sa.and_(asks, runs.c.attempt < MAX_ATTEMPTS)
        now = self.now()
        row = {"state": "lost", "reason": reason, "finished_at": now}
        row["due_at"] = sa.case((again, sa.literal(now, Moment)), else_=None)
        statement = runs.update().where(which).values(row)
        columns = (runs.c.id, runs.c.job_id, runs.c.scheduled_at, runs.c.attempt, runs.c.due_at)
        return list(db.execute(statement.returning(*columns, runs.c.reason)))

    def _write(self) -> AbstractContextManager[sa.Connection]:
        return self.writer.begin()

    def _ago(self, time: timedelta = timedelta(0)) -> Any:
        """Return a moment by the database's clock; for SQLite that is this machine's."""
        if self.engine.dialect.name == "sqlite":
            return sa.literal(self.now() - time, Moment)
        return sa.func.clock_timestamp(type_=sa.DateTime(timezone=True)) - time
