"""A catch-up that goes on for a while, fire after fire: its order, and what cuts it off."""

from collections import Counter
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from clockdyno.clock.process.spans import Span
from clockdyno.ledger import tables
from support.fake_time import MINUTE, World, world

__all__ = ["world"]


class Later(list[Any]):
    """A pool that does the work when it is told to."""

    def submit(self, function: Any, *args: Any) -> None:
        self.append((function, args))

    def work(self) -> None:
        while self:
            function, args = self.pop(0)
            function(*args)

    def shutdown(self, **_: Any) -> None:
        self.clear()


def test_no_newer_fire_is_claimed_while_a_catch_up_goes_on_that_may_be_cut_off(
    world: World,
) -> None:
    often = {"trigger": "interval", "minutes": 1, "coalesce": False, "misfire_grace_time": 3600}
    jobs = {"often": {**often, "max_instances": 9}}
    begun = world.now
    world.stop(world.start(jobs))
    world.now += 10 * MINUTE
    note = world.note

    def interrupted(name: str, scheduled_at: datetime) -> None:
        note(name, scheduled_at)
        if len(world.effects) == 3:
            # Another one comes due in the midst of the catch-up, and the dyno is told to stop.
            world.now += MINUTE
            clock._process_jobs()
            pool.work()
            clock._told_to_stop = True

    world.note = interrupted  # type: ignore[method-assign]
    clock, pool = world.start(jobs), Later()
    clock.executor._pool = pool
    clock._process_jobs()
    pool.work()
    world.stop(clock)
    assert 3 <= len(world.effects) < 11

    world.start(jobs)
    world.pass_until(world.now + MINUTE)

    assert world.effects == Counter({("often", begun + n * MINUTE): 1 for n in range(1, 12)})


def test_what_a_catch_up_begins_too_late_is_missed(world: World) -> None:
    often = {"trigger": "interval", "minutes": 1, "coalesce": False, "misfire_grace_time": 300}
    world.stop(world.start({"often": often}))
    world.now += 5 * MINUTE
    note = world.note

    def slow(name: str, scheduled_at: datetime) -> None:
        note(name, scheduled_at)
        world.now += 2 * MINUTE

    world.note = slow  # type: ignore[method-assign]
    clock = world.start({"often": often})
    clock._process_jobs()

    statement = sa.select(tables.runs.c.state).order_by(tables.runs.c.scheduled_at)
    with clock.ledger.engine.connect() as db:
        states = list(db.scalars(statement))
    # They begin 4, 5, 6, 5 and 6 minutes after their times.
    assert states == ["succeeded", "succeeded", "missed", "succeeded", "missed"]


def test_a_job_whose_times_could_not_be_told_once_runs_at_its_next(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise ArithmeticError

    world.start({"often": {"trigger": "interval", "minutes": 1}})
    with monkeypatch.context() as patch:
        patch.setattr(Span, "plan", fail)
        world.pass_until(world.now + MINUTE)
        world.up[0]._process_jobs()
    assert not world.effects

    world.pass_until(world.now + 2 * MINUTE)

    assert world.effects
