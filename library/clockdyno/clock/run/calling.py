"""Calls a job's function to its real end, in a thread of the clock, a child or a worker."""

import asyncio
import contextlib
import functools
import inspect
import os
import sys
import threading
import traceback
from collections.abc import Awaitable, Callable
from types import AsyncGeneratorType, GeneratorType
from typing import Any, NamedTuple, NoReturn

from clockdyno import logs, texts
from clockdyno.clock.run import surroundings
from clockdyno.errors import RunError

FAREWELL = 2  # seconds that what is awaited has for its `finally` blocks when the process stops
ENDED = "somebody ended it by hand"
LAZY = (GeneratorType, AsyncGeneratorType, map, filter)
_put_frames = BaseException.__dict__["__traceback__"].__set__
_awaited: dict[int, "_Awaited"] = {}  # by thread
_fewer = threading.Condition()
_is_over = threading.Event()
_by_hand = set[tuple[int, int]]()  # attempts of runs that somebody has ended


class _Awaited(NamedTuple):
    loop: asyncio.AbstractEventLoop
    task: asyncio.Task[Any]
    attempt: tuple[int, int] | None

    def cancel(self) -> None:
        with contextlib.suppress(RuntimeError):  # The loop is closed.
            self.loop.call_soon_threadsafe(self.task.cancel)


class Stopped(BaseException):
    """The process stops before the function's end: its run is lost, and did not fail."""


def refuse(function: Any) -> None:
    """Raise ValueError for a function whose call runs none of its lines."""
    while isinstance(function, functools.partial):
        function = function.func
    if not callable(function):
        return
    called = function if inspect.isroutine(function) else type(function).__call__
    name = getattr(function, "__name__", None) or type(function).__name__
    if inspect.isasyncgenfunction(called):
        raise ValueError(
            f"{name} yields, so to call it runs nothing. Give the clock an `async def` function"
            f" that uses it up: `async for _ in {name}(): pass`."
        )
    if inspect.isgeneratorfunction(called):
        raise ValueError(
            f"{name} yields, so to call it runs nothing. Give the clock a function that uses it"
            f" up: `for _ in {name}(): pass`."
        )


def call(
    function: Callable[..., Any], args: Any, kwargs: Any, attempt: tuple[int, int] | None = None
) -> Any:
    """Call a function, await what it returns if that can be, and return what came of it.

    The attempt of a run is named by those who may have to end it. `sys.exit()` and `sys.exit(0)`
    are an end as any other, as they are for a script.
    """
    process = os.getpid()
    try:
        result = function(*args, **kwargs)
        if _says(inspect.isawaitable, result):
            return _wait_for(result, attempt)
        if _says(lambda one: isinstance(getattr(one, "gen", one), LAZY), result):
            raise TypeError(
                f"it returned a {type(result).__name__}, of which nothing has run yet: "
                "go through it with `for` or `async for` in the job itself"
            )
        return result
    except SystemExit as error:
        if not _is_success(error.code):
            raise
        return None
    finally:
        if os.getpid() != process:
            _end_fork(sys.exception())


def blame(error: BaseException) -> None:
    """Let the traceback of what a job has raised begin at the job's own frame."""
    ours = here = texts.frames(error)
    while here is not None:
        if here.tb_frame.f_code.co_filename == __file__:
            ours = here.tb_next
        here = here.tb_next
    _put_frames(error, ours)


def stop() -> None:
    """Cancel what is awaited in this process, and give it a moment."""
    _is_over.set()
    for awaited in list(_awaited.values()):
        awaited.cancel()
    with _fewer:
        _fewer.wait_for(lambda: not _awaited, FAREWELL)


def under_way() -> list[int]:
    """Return the ids of the runs in which something is awaited."""
    return [awaited.attempt[0] for awaited in list(_awaited.values()) if awaited.attempt]


def end(attempt: tuple[int, int]) -> None:
    """Cancel what an attempt of a run awaits, if it does: once, as it may have to tidy up."""
    for awaited in list(_awaited.values()):
        if awaited.attempt == attempt and attempt not in _by_hand:
            logs.event("stop", run=attempt[0], attempt=attempt[1])
            _by_hand.add(attempt)
            awaited.cancel()


def begin_anew() -> None:
    """Await again what jobs return: the clock that was over has signed off."""
    _is_over.clear()


def _wait_for(awaitable: Awaitable[Any], attempt: tuple[int, int] | None) -> Any:
    thread = threading.get_ident()

    async def wait() -> Any:
        task = asyncio.current_task()
        assert task
        _awaited[thread] = _Awaited(asyncio.get_running_loop(), task, attempt)
        if _is_over.is_set():
            task.cancel()
        try:
            return await awaitable
        except BaseException:
            if attempt in _by_hand:
                raise RunError("ended", ENDED) from None
            raise
        finally:
            if _is_over.is_set() and task.cancelling():
                raise Stopped

    try:
        return asyncio.run(wait())
    finally:
        with _fewer:
            _awaited.pop(thread, None)
            _by_hand.discard(attempt or (0, 0))
            _fewer.notify_all()


def _says(question: Callable[[Any], bool], result: Any) -> bool:
    """Ask a result, which may be a proxy that is bound to nothing and raises: then it is none."""
    try:
        return question(result)
    except BaseException:
        return False


def _is_success(code: Any) -> bool:
    return code is None or (isinstance(code, int) and code == 0)


def _end_fork(error: BaseException | None) -> NoReturn:
    """End a process that the job has forked: what follows the call is its parent's to do."""
    code = error.code if isinstance(error, SystemExit) else error and 1
    if error and not isinstance(error, SystemExit):
        traceback.print_exception(error)
    elif code and not isinstance(code, int):
        print(code, file=sys.stderr)
    surroundings.flush()
    os._exit(code & 0xFF if isinstance(code, int) else int(bool(code)))
