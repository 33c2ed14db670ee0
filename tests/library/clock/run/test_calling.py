"""A job's function is called to its real end, whatever it is and returns."""

import asyncio
import functools
import os
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from clockdyno import Clock
from clockdyno.clock.process.heartbeat import Heartbeat
from clockdyno.clock.run import calling


async def fetch(notes: list[str]) -> str:
    await asyncio.sleep(0)
    notes.append(threading.current_thread().name)
    return "fetched"


class Fetch:
    async def __call__(self, notes: list[str]) -> str:
        return await fetch(notes)


class Later:
    """An awaitable that is no coroutine."""

    def __init__(self, notes: list[str]) -> None:
        self.notes = notes

    def __await__(self) -> Any:
        return fetch(self.notes).__await__()


@pytest.mark.parametrize(
    "job",
    [fetch, functools.partial(fetch), lambda notes: fetch(notes), Fetch(), Later],
    ids=["coroutine", "partial", "lambda", "object", "awaitable"],
)
def test_what_a_job_returns_is_awaited_in_its_own_thread(job: Callable[..., Any]) -> None:
    notes = list[str]()

    assert calling.call(job, (notes,), {}) == "fetched"
    assert notes == [threading.current_thread().name]


def steps() -> Iterator[int]:
    yield 1


async def async_steps() -> AsyncIterator[int]:
    yield 1


class Steps:
    def __call__(self) -> Iterator[int]:
        yield 1

    def walk(self) -> Iterator[int]:
        yield 1


REFUSED: list[tuple[Any, str]] = [
    (steps, "for _ in steps(): pass"),
    (async_steps, "async for _ in async_steps(): pass"),
    (functools.partial(functools.partial(steps)), "for _ in steps(): pass"),
    (Steps(), "for _ in Steps(): pass"),
    (Steps().walk, "for _ in walk(): pass"),
]


@pytest.mark.parametrize(("function", "instead"), REFUSED)
def test_a_generator_function_is_refused_with_what_to_write_instead(
    function: Any, instead: str
) -> None:
    with pytest.raises(ValueError, match="runs nothing") as refusal:
        Clock(timezone="UTC").add_job(function, "interval", minutes=1, id="job")

    assert f"`{instead}`" in str(refusal.value)


@contextmanager
def locked() -> Iterator[None]:
    yield


LAZY: list[Callable[[], Any]] = [
    lambda: steps(),
    lambda: async_steps(),
    lambda: (n for n in "ab"),
    lambda: map(print, "ab"),
    locked,
]


@pytest.mark.parametrize("job", LAZY)
def test_a_job_that_returns_what_has_not_begun_fails(job: Callable[[], Any]) -> None:
    with pytest.raises(TypeError, match="nothing has run yet"):
        calling.call(job, (), {})


@pytest.mark.parametrize("code", [(), (None,), (0,), (False,)])
def test_to_exit_with_success_is_success(code: tuple[Any, ...]) -> None:
    async def leaves() -> None:
        sys.exit(*code)

    assert calling.call(sys.exit, code, {}) is None
    assert calling.call(leaves, (), {}) is None


@pytest.mark.parametrize("code", [1, "no luck", 0.0])
def test_to_exit_with_anything_else_is_failure_and_says_what(code: Any) -> None:
    with pytest.raises(SystemExit, match=str(code)):
        calling.call(sys.exit, (code,), {})


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
@pytest.mark.parametrize(("ends", "code"), [(None, 0), (0, 0), (3, 3), ("no", 1), (ValueError, 1)])
def test_a_process_that_a_job_forked_ends_where_the_job_does(
    ends: Any, code: int, capfd: pytest.CaptureFixture[str]
) -> None:
    def forks() -> int:
        if pid := os.fork():
            return pid
        if ends is ValueError:
            raise ValueError("in the fork")
        return ends is not None and sys.exit(ends)

    pid = calling.call(forks, (), {})

    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == code
    shown = {"no": "no\n", ValueError: "ValueError: in the fork"}.get(ends, "")
    assert shown in capfd.readouterr().err


def test_what_is_awaited_can_clean_up_when_the_process_stops(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(calling, "_is_over", threading.Event())
    notes, begun = list[str](), threading.Event()

    async def waits() -> None:
        try:
            begun.set()
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            notes.append("cleaned up")

    def work() -> None:
        try:
            calling.call(waits, (), {})
        except calling.Stopped:
            notes.append("stopped")

    thread = threading.Thread(target=work)
    thread.start()
    begun.wait()
    calling.stop()
    thread.join()

    assert notes == ["cleaned up", "stopped"]


def test_the_pulse_hides_nothing_of_a_thread() -> None:
    plain = threading.Thread()

    added = set(vars(Heartbeat(Clock(timezone="UTC")))) - set(vars(plain))

    assert not added & set(dir(plain))
