"""The jobs that the ledger knows: from when on each is owed its runs, and what people see of it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from clockdyno.ledger.dialects import insert
from clockdyno.ledger.presence import Presence
from clockdyno.ledger.tables import jobs, runs

LAST = (
    sa.select(runs.c.started_at, runs.c.finished_at)
    .where(runs.c.job_id == sa.bindparam("job"), runs.c.state == "succeeded")
    .where(runs.c.started_at.is_not(None))
    .order_by(runs.c.scheduled_at.desc())
    .limit(20)
)


class KnownJobs(Presence):
    """What a process reads and writes of the jobs themselves."""

    def arrive(self, found: Mapping[str, str], now: datetime) -> dict[str, datetime]:
        """Enter the jobs (id: trigger) of this deploy; return up to when each has its rows."""
        statement = insert(self.engine, jobs).values(known_since=now)
        new = statement.excluded
        # An edited schedule, or a job that comes back, starts from now: it never fires backwards.
        changed = sa.or_(jobs.c.trigger != new.trigger, jobs.c.gone_at.is_not(None))
        since = sa.case((changed, new.known_since), else_=jobs.c.known_since)
        values = {"known_since": since, "trigger": new.trigger, "gone_at": None}
        statement = statement.on_conflict_do_update(index_elements=["job_id"], set_=values)
        last = sa.select(sa.func.max(runs.c.scheduled_at))
        last = last.where(runs.c.job_id == jobs.c.job_id, runs.c.kind == "scheduled")
        known = sa.select(jobs.c.job_id, jobs.c.known_since, last.scalar_subquery().label("last"))
        with self._write() as db:
            rows = [{"job_id": key, "trigger": text} for key, text in sorted(found.items())]
            if rows:
                db.execute(statement, rows)
            return {
                row.job_id: max(row.known_since, row.last or row.known_since)
                for row in db.execute(known)
                if row.job_id in found
            }

    def part_with(self, known: Collection[str], now: datetime) -> list[str]:
        """Mark the jobs that are no longer in jobs.py, and return them; their history stays."""
        gone = sa.and_(jobs.c.job_id.not_in(known), jobs.c.gone_at.is_(None))
        with self._write() as db:
            statement = jobs.update().where(gone).values(gone_at=now).returning(jobs.c.job_id)
            return list(db.scalars(statement))

    def describe(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write down for people what each job is and when it fires next."""
        same = sa.and_(jobs.c.job_id == sa.bindparam("id"), jobs.c.trigger == sa.bindparam("text"))
        with self._write() as db:
            # In the order of their ids: two clocks that lock alike do not wait for each other.
            if rows:
                db.execute(jobs.update().where(same), sorted(rows, key=lambda row: row["id"]))

    def usual(self, job: str) -> timedelta | None:
        """Return how long a job's last runs took, the middle one of twenty."""
        with self.engine.connect() as db:
            took = sorted(
                row.finished_at - row.started_at for row in db.execute(LAST, {"job": job})
            )
        return took[(len(took) - 1) // 2] if took else None

    def mend(self, broken: Collection[str], worked: Collection[str]) -> dict[str, datetime]:
        """Note since when jobs fail; return those that work again, with since when they did not.

        Of several processes that ask for one job, one gets it.
        """
        fails = jobs.c.failing_since.is_not(None)
        if broken:
            new = sa.and_(jobs.c.job_id.in_(broken), ~fails)
            with self._write() as db:
                db.execute(jobs.update().where(new).values(failing_since=datetime.now(UTC)))
        if not worked:
            return {}
        question = sa.select(jobs.c.job_id, jobs.c.failing_since)
        with self.engine.connect() as db:
            found = db.execute(question.where(jobs.c.job_id.in_(worked), fails)).all()
        mended = {}
        for job, since in found:
            same = sa.and_(jobs.c.job_id == job, jobs.c.failing_since == since)
            with self._write() as db:
                if db.execute(jobs.update().where(same).values(failing_since=None)).rowcount:
                    mended[job] = since
        return mended

    def forgo(self, job: str, fire: datetime) -> None:
        """Let a fire pass without a row, for good."""
        earlier = sa.and_(jobs.c.job_id == job, jobs.c.known_since < fire)
        with self._write() as db:
            db.execute(jobs.update().where(earlier).values(known_since=fire))
