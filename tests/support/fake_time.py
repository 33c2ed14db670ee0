"""A time of our own, with the clocks that live in it and what their jobs did."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import apscheduler.schedulers.base
import pytest
from apscheduler.schedulers.base import BaseScheduler
from clockdyno import Clock
from clockdyno.clock.process import lifecycle
from clockdyno.clock.process.executor import RunExecutor

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


class Inline:
    """A pool that does the work at once."""

    def submit(self, function: Any, *args: Any) -> None:
        function(*args)

    def shutdown(self, **_: Any) -> None:
        pass


class World:
    """The time, the clocks that are up, and what their jobs did."""

    def __init__(self, now: datetime, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
        self.now, self.effects = now, Counter[tuple[str, datetime]]()
        self.up: list[Clock] = []
        world = self

        class Time(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
                return world.now.astimezone(tz)

        monkeypatch.setattr(apscheduler.schedulers.base, "datetime", Time)
        monkeypatch.setattr(Clock, "now", lambda clock: world.now)
        monkeypatch.setenv("DATABASE_URL", url)

    def start(self, jobs: dict[str, dict[str, Any]]) -> Clock:
        """Start one more clock."""
        clock = Clock(timezone="UTC")
        clock.executor = RunExecutor(Inline())
        clock.heartbeat.start = lambda: None
        for name, keywords in jobs.items():
            clock.add_job(self.note, id=name, kwargs={"name": name}, **keywords)
        BaseScheduler.start(clock)
        lifecycle.open(clock)
        self.up.append(clock)
        return clock

    def note(self, name: str, scheduled_at: datetime) -> None:
        self.effects[name, scheduled_at.astimezone(UTC)] += 1

    def stop(self, clock: Clock) -> None:
        self.up.remove(clock)
        lifecycle.close(clock)
        clock.ledger.engine.dispose()

    def pass_until(self, end: datetime) -> None:
        """Let time pass, from one fire to the next."""
        while self.now < end:
            waits = [clock._process_jobs() for clock in self.up]
            known = [timedelta(seconds=wait) for wait in waits if wait is not None]
            self.now = min([end, *(self.now + wait for wait in known)])


def differences(found: Counter[Any], due: Counter[Any]) -> list[str]:
    """Say what there is too much and what is missing, a few of each."""
    extra, missing = sorted((found - due).items()), sorted((due - found).items())
    return [f"extra {item}" for item in extra[:5]] + [f"missing {item}" for item in missing[:5]]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[World]:
    made = World(
        datetime(2026, 1, 1, 12, tzinfo=UTC), monkeypatch, f"sqlite:///{tmp_path / 'l.sqlite3'}"
    )
    yield made
    for clock in list(made.up):
        made.stop(clock)
