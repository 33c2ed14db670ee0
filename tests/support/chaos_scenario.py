"""One piece of chaos from its start to its verdict."""

import contextlib
import os
from collections.abc import Callable, Iterator
from datetime import UTC
from typing import Any
from unittest import mock

import sqlalchemy as sa
from clockdyno.ledger import reports
from clockdyno.ledger.schedule_tables import schedules
from clockdyno.ledger.tables import runs

from support import chaos_oracle
from support.chaos import Chaos
from support.chaos_jobs import Jobs
from support.chaos_oracle import Findings, Interference
from support.postgres import Postgres
from support.schedule_chaos import Changes
from support.site import Site

AGAIN = ["again"]
# Runs that are over, and still offered to workers, who take them up and give them back.
QUEUED = """
SELECT q.id FROM clockdyno.procrastinate_jobs q JOIN clockdyno.runs r
    ON r.id = (args->>'run')::bigint
WHERE status IN ('todo', 'doing') AND r.finished_at IS NOT NULL
"""


class Scenario:
    """Jobs of every kind, schedules that change all the time, and processes that end at random."""

    def __init__(
        self,
        site: Site,
        postgres: Postgres | None,
        *,
        clocks: int,
        workers: int = 0,
        schedules: int = 0,
        pause: float = 0.05,
        seed: int = 0,
        quick: bool = False,
        twist: str = "",
    ) -> None:
        self.site, self.jobs = site, Jobs(site, quick=quick, twist=twist)
        self.chaos = Chaos(site, postgres, clocks=clocks, workers=workers, seed=seed)
        # A job may begin before its clock has entered the tasks.
        site.until(lambda: site.effects() and site.query("SELECT name FROM clockdyno.tasks"))
        with self._database():
            self.changes = Changes("scheduled", schedules, pause)

    def run(self, kills: int, watch: Callable[[], object] = lambda: True) -> Findings:
        """Kill so many processes, until watch() is true, let the rest be settled, and judge."""
        with self._database(), contextlib.closing(self.chaos):
            self._change_meanwhile(kills, watch)
            due = {*self.jobs.due(self.chaos.began, self.chaos.ended)}
            due |= {*self.changes.due(self.chaos.ended)}
            self._last = dict(sorted(due, key=lambda one: one[1]))
            with contextlib.suppress(AssertionError):  # What is absent then is counted.
                self.chaos.calm(self._is_settled)
        return self._judge(due)

    def _change_meanwhile(self, kills: int, watch: Callable[[], object]) -> None:
        self.changes.start()
        try:
            self.chaos.run(kills, watch)
        finally:
            self.changes.over.set()
        self.changes.join()

    @contextlib.contextmanager
    def _database(self) -> Iterator[None]:
        """Let `clockdyno.schedules` find the database here."""
        here = mock.patch.dict(os.environ, DATABASE_URL=self.site.url)
        with here, mock.patch.dict(reports._engines, clear=True):
            yield
            for engine in reports._engines.values():
                engine.dispose()

    def _is_settled(self) -> bool:
        """Say whether the ledger knows of all that was due, and nothing of it goes on."""
        with self.site.engine.connect() as db:
            going_on = sa.or_(
                runs.c.state.in_(["running", "requested"]), runs.c.due_at.is_not(None)
            )
            known = runs.c.scheduled_at <= self.chaos.ended
            if db.scalar(sa.select(sa.func.count()).select_from(runs).where(known, going_on)):
                return False
            late = schedules.c.next_at <= self.chaos.ended
            if db.scalar(sa.select(sa.func.count()).select_from(schedules).where(late)):
                return False
            if self.chaos.has_workers and db.scalar(sa.text(QUEUED)):
                return False
            newest = sa.select(runs.c.job_id, sa.func.max(runs.c.scheduled_at))
            found = dict(db.execute(newest.group_by(runs.c.job_id)).all())
        return all(job in found and found[job] >= at for job, at in self._last.items())

    def _judge(self, due: set[chaos_oracle.Due]) -> Findings:
        rows: list[Any] = self.site.rows("kind = 'scheduled'")
        rows = [row for row in rows if row.scheduled_at <= self.chaos.ended]
        said = chaos_oracle.read(self.site.effects())
        self.chaos.done["in a run"] = chaos_oracle.in_a_run(said, self.chaos.killed)
        interference = Interference(self.chaos.harmed, self.chaos.away)
        found = chaos_oracle.judge(due, rows, said, interference, AGAIN)
        for row in rows:
            knows = self.changes.knows if "~" in row.job_id else self.jobs.knows
            if not knows(row.job_id, at := row.scheduled_at.astimezone(UTC)):
                found.wrong.append(f"{row.job_id} {at.isoformat()}: not due")
        found.wrong += self.chaos.strange
        if "the clock itself failed" in self.site.log():
            found.wrong.append("a traceback in the log")
        if self.chaos.has_workers:
            found.wrong += [f"still in the queue: {row}" for row in self.site.query(QUEUED)]
        return found
