"""Schedules that are rows, and clocks that run them, in a time of our own."""

import contextlib
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import apscheduler.schedulers.base
import pytest
import sqlalchemy as sa
from apscheduler.schedulers.base import BaseScheduler
from clockdyno import Clock, schedules
from clockdyno.clock.process import lifecycle
from clockdyno.clock.process.executor import RunExecutor
from clockdyno.ledger import due, orders, presence, reports, schedule_tables, tables
from clockdyno.schedules import row

from support.fake_time import Inline
from support.postgres import Postgres
from support.rows import rows

SECOND = timedelta(seconds=1)
TASK = """
@sched.task
def work(key, scheduled_at):
    note("work", key, scheduled_at.isoformat())
"""


class RunTime:
    """The time, the clocks that are up, and what the tasks that schedules call did."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
        self.now = datetime(2026, 1, 5, 12, tzinfo=UTC)
        self.effects = Counter[tuple[str, datetime]]()
        self.up: list[Clock] = []
        self.options: dict[str, Any] = {}
        world = self

        class Time(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
                return world.now.astimezone(tz)

        for module in (apscheduler.schedulers.base, presence, orders, row, schedules):
            monkeypatch.setattr(module, "datetime", Time)
        monkeypatch.setattr(Clock, "now", lambda clock: world.now)
        monkeypatch.setattr(reports, "_engines", {})
        monkeypatch.setenv("DATABASE_URL", url)

    def start(self, *tasks: str, **settings: Any) -> Clock:
        """Start a clock that has these tasks; all of them do the same."""
        clock = Clock(timezone="UTC", **settings)
        clock.executor = RunExecutor(Inline())
        for thread in (clock.heartbeat, clock.agenda):
            thread.start = lambda: None  # type: ignore[method-assign]

        def work(who: str, scheduled_at: datetime) -> None:
            self.effects[who, scheduled_at.astimezone(UTC)] += 1

        for name in tasks or ("work",):
            # A function of its own for each, as in jobs.py.
            clock.task(lambda who, scheduled_at: work(who, scheduled_at), name=name, **self.options)
        BaseScheduler.start(clock)
        lifecycle.open(clock)
        self.up.append(clock)
        return clock

    def stop(self, clock: Clock) -> None:
        """Stop a clock as SIGTERM does."""
        self.up.remove(clock)
        lifecycle.close(clock)
        clock.ledger.engine.dispose()

    def kill(self, clock: Clock) -> None:
        """Let a clock be gone without a word."""
        self.up.remove(clock)
        clock.ledger.engine.dispose()

    def look(self) -> None:
        """Let every clock do what is due now."""
        for clock in self.up:
            while clock.agenda.once() == 0:
                pass
            clock.heartbeat.once()

    def pass_until(self, end: datetime) -> None:
        """Let time pass, from one due time to the next."""
        while self.now < end:
            self.look()
            with reports.engine().connect() as db:
                names = [name for clock in self.up for name in clock.tasks]
                at = due.soonest(db, names)
            self.now = min(end, max(at or end, self.now + timedelta(milliseconds=1)))
        self.look()

    def wait(self, seconds: float) -> None:
        """Let so many seconds pass."""
        self.pass_until(self.now + timedelta(seconds=seconds))

    def rows(self) -> Sequence[Any]:
        """Return the runs."""
        with reports.engine().connect() as db:
            return db.execute(sa.select(tables.runs).order_by(tables.runs.c.scheduled_at)).all()

    def times(self, job_id: str) -> list[tuple[int, str]]:
        """Return the runs of a schedule as (seconds ago, state)."""
        mine = [one for one in self.rows() if one.job_id == job_id]
        return [(int((self.now - one.scheduled_at).total_seconds()), one.state) for one in mine]

    def forget(self) -> None:
        """Begin anew: nothing is up, and nothing is in the database."""
        for clock in list(self.up):
            self.stop(clock)
        with reports.engine().execution_options(writes=True).begin() as db:
            for table in schedule_tables.schedules.metadata.sorted_tables:
                if table.name not in ("version", "roll"):
                    db.execute(table.delete())

    def close(self) -> None:
        """Leave nothing open."""
        for clock in list(self.up):
            self.stop(clock)
        for engine in reports._engines.values():
            engine.dispose()


@pytest.fixture(params=rows(("sqlite", "postgresql"), ("sqlite",)))
def run_time(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[RunTime]:
    """Give a time of our own on each kind of database."""
    url = f"sqlite:///{tmp_path / 'app.sqlite3'}"
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        url = server.create()
    with contextlib.closing(RunTime(monkeypatch, url)) as made:
        yield made
