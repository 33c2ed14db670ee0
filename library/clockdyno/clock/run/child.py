"""Jobs with a timeout: each runs in a child process, which can be ended whatever it does."""

import atexit
import contextlib
import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing import connection, util
from typing import Any

from clockdyno import logs, texts
from clockdyno.clock.run import calling, child_streams, preload, signals, surroundings
from clockdyno.clock.run.app import App
from clockdyno.clock.run.child_streams import Streams
from clockdyno.clock.run.tail import Tail
from clockdyno.errors import RunError
from clockdyno.telling import sentry
from clockdyno.telling.run import RunFacts

BOOT_SECONDS = 30
# The server has imported jobs.py once; each child is a fork of it, which takes milliseconds.
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload([preload.__name__])
_lock = threading.Lock()  # Python's own list of children is not safe among threads.
_alive: dict[int | None, tuple[Any, connection.Connection]] = {}
_runs: dict[tuple[int, int], Any] = {}  # run and attempt: its child
_stopping = threading.Event()
_warm = threading.Event()  # Not the environment: that comes from whoever started us.


def call(
    app: App,
    function: Callable[..., Any],
    args: Any,
    kwargs: Any,
    timeout: float,
    run: RunFacts,
    tail: Tail | None = None,
) -> None:
    """Call a function in a child, within the app; it speaks into the tail.

    The time counts from its first line.
    """
    ours, theirs = CONTEXT.Pipe()
    streams, attempt = Streams(tail), (run.id, run.attempt)
    what = (theirs, streams.theirs, app, function, args, kwargs, run)
    process = CONTEXT.Process(target=_child, args=what)
    with _lock:
        if not _warm.is_set():
            warm_up(*app.modules)
        process.start()
        _alive[process.pid] = process, ours
        _runs[attempt] = process
    theirs.close()
    streams.hand_over()
    try:
        if not _hear(process, ours, streams, BOOT_SECONDS):
            raise RunError("died", f"the child did not begin within {BOOT_SECONDS} s")
        answer = ours.recv()
        if answer is None:
            if not _hear(process, ours, streams, timeout):
                raise RunError("timeout", f"ended after its timeout of {timeout:g} s")
            answer = ours.recv()
    except (EOFError, ConnectionError):
        _end(process)
        if _stopping.is_set():
            raise calling.Stopped from None
        if attempt not in _runs:
            raise RunError("ended", calling.ENDED) from None
        raise RunError("died", f"its process ended by itself ({process.exitcode})") from None
    finally:
        _runs.pop(attempt, None)
        _end(process)
        streams.close()
        ours.close()
    if answer:
        text, told = answer
        raise RunError("error", text.splitlines()[-1], text, told=told)


def _hear(process: Any, ours: connection.Connection, streams: Streams, seconds: float) -> bool:
    """Wait for word of a child, or its end; what it has forked may hold the pipe open."""
    end = time.monotonic() + seconds
    while True:
        left = max(0, end - time.monotonic())
        heard = connection.wait([ours, process.sentinel, *streams.ours], left)
        streams.read(heard)
        if not heard or ours in heard or ours.poll():
            return bool(heard)
        if process.sentinel in heard:
            break
        if not left:
            return False
    try:
        os.kill(process.pid, 0)
    except ProcessLookupError:
        raise EOFError from None
    # It is only the server that is gone: Heroku tells all processes of a dyno to stop.
    while not ours.poll(0.1):
        if time.monotonic() >= end:
            return False
        streams.read(connection.wait(streams.ours, 0))
    return True


def under_way() -> list[int]:
    """Return the ids of the runs that have a child."""
    return [run for run, _ in tuple(_runs)]


def end(run: tuple[int, int]) -> None:
    """End the child of an attempt of a run, if there is one."""
    if (process := _runs.pop(run, None)) is not None:
        logs.event("stop", run=run[0], attempt=run[1])
        _end(process)


def end_all() -> None:
    """End every child there is; what is awaited there has a moment for its `finally` blocks."""
    _stopping.set()
    children, end = list(_alive.values()), time.monotonic() + calling.FAREWELL
    for _, pipe in children:
        with contextlib.suppress(OSError):
            pipe.send(None)
    for process, _ in children:
        connection.wait([process.sentinel], max(0, end - time.monotonic()))
        _end(process)


def begin_anew() -> None:
    """Tell children that die from those that were ended: the clock that was over has signed off."""
    _stopping.clear()


def _end(process: Any) -> None:
    """Kill a child and all that it has started, and wait for it."""
    with _lock:
        if _alive.pop(process.pid, None) is None:
            return
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            process.kill()
        process.join(5)


def _child(
    pipe: connection.Connection,
    streams: child_streams.Ends,
    app: App,
    function: Callable[..., Any],
    args: Any,
    kwargs: Any,
    run: RunFacts,
) -> None:
    os.setsid()
    child_streams.take_over(streams)
    # Heroku tells every process to stop; this one belongs to the clock, which waits for it.
    for number in signals.STOPS:
        signals.take(number, lambda *_: None)
    threading.Thread(target=_end_with_the_clock, args=(pipe,), daemon=True).start()
    logs.set_up()
    limit = sys.getrecursionlimit()
    try:
        with sentry.Scope(run):
            answer = _call(pipe, app, function, args, kwargs)
    except calling.Stopped:
        return
    sys.setrecursionlimit(limit)
    _finish()
    pipe.send(answer)


def _call(
    pipe: connection.Connection, app: App, function: Callable[..., Any], args: Any, kwargs: Any
) -> tuple[str, bool] | None:
    """Call a function; return its traceback if it fails, and whether Sentry knows of that."""
    limit = sys.getrecursionlimit()
    try:
        with app.context():
            pipe.send(None)
            calling.call(function, args, kwargs)
    except calling.Stopped:
        raise
    except BaseException as error:
        sys.setrecursionlimit(limit)
        calling.blame(error)
        return texts.of(error), sentry.capture(error)
    return None


def _finish() -> None:
    """Do what Python does at its end, before the run counts as over: so all is within its time."""
    for step in (
        threading._shutdown,  # type: ignore[attr-defined]
        atexit._run_exitfuncs,
        util._exit_function,  # type: ignore[attr-defined]
        sentry.flush,
        logging.shutdown,
    ):
        try:
            step()
        except BaseException as error:  # The function itself has ended; so it is for Python.
            logs.event("child", error, msg="what was left for the end of the process failed")
    surroundings.flush()


def _end_with_the_clock(pipe: connection.Connection) -> None:
    try:
        pipe.recv()
        calling.stop()
    except (EOFError, OSError):
        pass
    os.killpg(0, signal.SIGKILL)


def warm_up(*modules: str) -> None:
    """Start the server, so that the first run does not wait for it; it imports jobs.py itself."""
    from multiprocessing.forkserver import ensure_running

    os.environ[preload.WHAT] = preload.describe(*modules)
    _warm.set()
    ensure_running()
