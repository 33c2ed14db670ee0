"""Any sequence of changes and restarts: one row for each time that was due while it was wanted."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from clockdyno import schedules
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.run_time import RunTime, run_time

__all__ = ["run_time"]

KEYS = st.sampled_from(["a", "b", "c"])
TASKS = st.sampled_from(["work", "other"])
# By seconds; anchored at midnight, as the clock has it.
EVERY = {"every minute": 60, "every 2 minutes": 120, "every 90 seconds": 90}
STEPS = st.one_of(
    st.tuples(st.just("put"), KEYS, TASKS, st.sampled_from([*EVERY])),
    st.tuples(st.sampled_from(["pause", "resume", "delete"]), KEYS),
    st.tuples(st.just("pass"), st.sampled_from([1, 30, 60, 61, 150, 400])),
    st.tuples(st.just("start"), st.sampled_from([("work", "other"), ("work",)])),
    st.tuples(st.sampled_from(["stop", "kill"])),
)


class Model:
    """What each incarnation of a key is owed, told by nothing but what was asked for."""

    def __init__(self, world: RunTime) -> None:
        self.world, self.due = world, Counter[tuple[str, datetime]]()
        self.live: dict[str, dict[str, Any]] = {}
        self.tasks: tuple[str, ...] = ("work", "other")  # of the newest deploy

    def settle(self) -> None:
        """Count what has come due since the last look."""
        for facts in self.live.values():
            start, end = facts["since"], self.world.now
            step = timedelta(seconds=EVERY[facts["when"]])
            midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
            at = midnight + ((start - midnight) // step + 1) * step
            while at <= end and not facts["paused"]:
                self.due[facts["job"], at] += 1
                at += step
            facts["since"] = end

    def put(self, key: str, task: str, when: str) -> None:
        try:
            job = schedules.put(key, task, when, kwargs={"who": key}).job_id
        except schedules.Refused:
            assert task not in self.tasks
            return
        facts = self.live.setdefault(key, {"paused": False, "since": self.world.now})
        facts.update(job=job, when=when)

    def pause(self, key: str) -> None:
        assert schedules.pause(key) == (key in self.live)
        if key in self.live:
            self.live[key]["paused"] = True

    def resume(self, key: str) -> None:
        assert schedules.resume(key) == (key in self.live)
        if key in self.live:
            self.live[key]["paused"] = False

    def delete(self, key: str) -> None:
        assert schedules.delete(key) == (key in self.live)
        self.live.pop(key, None)

    def start(self, tasks: tuple[str, ...]) -> None:
        if len(self.world.up) < 2:
            self.world.start(*tasks)
            self.tasks = tasks

    def stop(self) -> None:
        for clock in self.world.up[:1]:
            self.world.stop(clock)

    def kill(self) -> None:
        for clock in self.world.up[:1]:
            self.world.kill(clock)


def live(world: RunTime, steps: list[tuple[Any, ...]]) -> None:
    """Do all steps on a database of its own, let a clock settle the rest, and compare."""
    world.effects.clear()
    model = Model(world)
    world.start("work", "other")
    for name, *arguments in steps:
        if name == "pass":
            world.wait(arguments[0])
        model.settle()
        if name != "pass":
            getattr(model, name)(*arguments)
    for clock in list(world.up):
        world.stop(clock)
    world.start("work", "other")
    world.look(), world.look()
    model.settle()

    rows = [row for row in world.rows() if row.kind == "scheduled"]
    assert {row.count for row in rows} <= {1}
    assert Counter((row.job_id, row.scheduled_at) for row in rows) == model.due
    assert {row.state for row in rows} <= {"succeeded", "missed", "skipped"}
    ran = Counter((row.job_id[0], row.scheduled_at) for row in rows if row.state == "succeeded")
    assert world.effects == ran


@settings(
    max_examples=4,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(STEPS, min_size=8, max_size=16))
def test_each_time_that_was_due_while_it_was_wanted_has_one_row(
    run_time: RunTime, steps: list[tuple[Any, ...]]
) -> None:
    try:
        live(run_time, steps)
    finally:
        run_time.forget()


@pytest.mark.slow
@pytest.mark.timeout(300)
@settings(
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(STEPS, min_size=4, max_size=60))
def test_the_same_for_longer(run_time: RunTime, steps: list[tuple[Any, ...]]) -> None:
    try:
        live(run_time, steps)
    finally:
        run_time.forget()
