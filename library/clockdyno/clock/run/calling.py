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
from typing import Any, NoReturn

from clockdyno import texts
from clockdyno.clock.run import surroundings

FAREWELL = 2  # seconds that what is awaited has for its `finally` blocks when the process stops
LAZY = (GeneratorType, AsyncGeneratorType, map, filter)
_put_frames = BaseException.__dict__["__traceback__"].__set__
_awaited: dict[int, tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]]] = {}  # by thread
_fewer = threading.Condition()
_is_over = threading.Event()


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


def call(function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """Call a function, await what it returns if that can be, and return what came of it.

    `sys.exit()` and `sys.exit(0)` are an end as any other, as they are for a script.
    """
    process = os.getpid()
    try:
        result = function(*args, **kwargs)
        if _says(inspect.isawaitable, result):
            return _wait_for(result)
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
    for loop, task in list(_awaited.values()):
        with contextlib.suppress(RuntimeError):  # The loop is closed.
            loop.call_soon_threadsafe(task.cancel)
    with _fewer:
        _fewer.wait_for(lambda: not _awaited, FAREWELL)


def begin_anew() -> None:
    """Await again what jobs return: the clock that was over has signed off."""
    _is_over.clear()


def _wait_for(awaitable: Awaitable[Any]) -> Any:
    thread = threading.get_ident()

    async def wait() -> Any:
        task = asyncio.current_task()
        assert task
        _awaited[thread] = asyncio.get_running_loop(), task
        if _is_over.is_set():
            task.cancel()
        try:
            return await awaitable
        finally:
            if _is_over.is_set() and task.cancelling():
                raise Stopped

    try:
        return asyncio.run(wait())
    finally:
        with _fewer:
            _awaited.pop(thread, None)
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
