"""The threads in which jobs run: who is busy, who is idle, and what happens at the end."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from clockdyno import logs
from clockdyno.clock.process.pools import Pools

SECONDS = 60


class Gate:
    """Work that says when it has begun, and ends when it is let."""

    def __init__(self) -> None:
        self.begun, self._ends = threading.Semaphore(0), threading.Event()

    def work(self) -> None:
        """Begin, and wait for the end."""
        self.begun.release()
        assert self._ends.wait(SECONDS)

    def open(self) -> None:
        """Let all end."""
        self._ends.set()


@pytest.fixture
def gate() -> Iterator[Gate]:
    """Give a gate that is open at the end, whatever came of the test."""
    made = Gate()
    yield made
    made.open()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Give what the log was told."""
    events: list[Any] = []
    monkeypatch.setattr(logs, "event", lambda at, *_, **facts: events.append((at, facts)))
    return events


def test_who_works_is_busy_and_the_others_are_idle(gate: Gate) -> None:
    pools = Pools(ThreadPoolExecutor(3))
    assert not pools.busy and pools.idle == 3
    for _ in range(2):
        pools.submit("default", gate.work)
        assert gate.begun.acquire(timeout=SECONDS)
    assert pools.busy and pools.idle == 1

    gate.open()
    pools.close(SECONDS)
    assert not pools.busy and pools.idle == 3


def test_without_a_pool_of_its_own_twenty_work_at_once(gate: Gate) -> None:
    pools = Pools()
    assert pools.idle == 20
    for _ in range(21):
        pools.submit("any name", gate.work)
    for _ in range(20):
        assert gate.begun.acquire(timeout=SECONDS)
    assert pools.idle == 0 and not gate.begun.acquire(blocking=False)

    gate.open()
    assert gate.begun.acquire(timeout=SECONDS)
    pools.close(SECONDS)


def test_a_pool_that_is_full_is_told_of_and_a_quiet_one_is_not(gate: Gate, told: list[Any]) -> None:
    pools = Pools(ThreadPoolExecutor(2))
    pools.name("quiet", ThreadPoolExecutor(1), is_quiet=True)
    for alias in ("quiet", "default", "default"):
        assert told == []
        pools.submit(alias, gate.work)
        assert gate.begun.acquire(timeout=SECONDS)

    assert told == [("full", {"threads": 2})]
    gate.open()
    pools.close(SECONDS)


def test_once_closed_nothing_begins_and_what_goes_on_is_waited_for(gate: Gate) -> None:
    pools, begun = Pools(ThreadPoolExecutor(1)), list[int]()
    pools.submit("default", gate.work)
    pools.submit("default", begun.append, 1)
    assert gate.begun.acquire(timeout=SECONDS)
    pools.close(0)
    pools.submit("default", begun.append, 2)
    assert pools.busy

    gate.open()
    pools.close(SECONDS)
    assert not pools.busy and begun == []


def test_a_fault_of_the_clock_itself_is_logged(told: list[Any]) -> None:
    pools = Pools(ThreadPoolExecutor(1))
    pools.name("quiet", ThreadPoolExecutor(1), is_quiet=True)
    pools.submit("quiet", divmod, 1, 0)
    pools.submit("quiet", told.append, "goes on")
    while "goes on" not in told:
        threading.Event().wait(0.001)
    pools.close(SECONDS)

    (at, facts), _ = told
    assert at == "clock" and facts["msg"] == "the clock itself failed"
    assert "by zero" in facts["error"]
