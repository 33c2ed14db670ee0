"""Jobs with a timeout: each runs in a child process, which can be ended whatever it does."""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from clock import logs, texts
from clock.errors import ChildError

BOOT_SECONDS = 30
# The server has imported jobs.py once; each child is a fork of it, which takes milliseconds.
CONTEXT = multiprocessing.get_context("forkserver")
_lock = threading.Lock()  # Python's own list of children is not safe among threads.
_alive: dict[int | None, Any] = {}


def call(function: Callable[..., Any], args: Any, kwargs: Any, timeout: float) -> None:
    """Call a function in a child; the time counts from its first line."""
    ours, theirs = CONTEXT.Pipe()
    process = CONTEXT.Process(target=_child, args=(theirs, function, args, kwargs))
    with _lock:
        process.start()
        _alive[process.pid] = process
    theirs.close()
    try:
        if not ours.poll(BOOT_SECONDS):
            raise ChildError("died", f"the child did not begin within {BOOT_SECONDS} s")
        ours.recv()
        if not ours.poll(timeout):
            raise ChildError("timeout", f"ended after its timeout of {timeout:g} s")
        answer = ours.recv()
    except (EOFError, ConnectionError):
        _end(process)
        raise ChildError("died", f"its process ended by itself ({process.exitcode})") from None
    finally:
        _end(process)
        ours.close()
    if answer:
        raise ChildError("error", answer.splitlines()[-1], answer)


def end_all() -> None:
    """End every child there is."""
    for process in list(_alive.values()):
        _end(process)


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


def _child(pipe: Connection, function: Callable[..., Any], args: Any, kwargs: Any) -> None:
    os.setsid()
    # Heroku tells every process to stop; this one belongs to the clock, which waits for it.
    signal.signal(signal.SIGTERM, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_clock, args=(pipe,), daemon=True).start()
    logs.set_up()
    pipe.send(None)
    answer = None
    try:
        function(*args, **kwargs)
    except BaseException as error:
        answer = texts.of(error)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    pipe.send(answer)


def _end_with_the_clock(pipe: Connection) -> None:
    try:
        pipe.recv()
    except (EOFError, OSError):
        os.killpg(0, signal.SIGKILL)


def warm_up() -> None:
    """Start the server, so that the first run does not wait for it."""
    from multiprocessing.forkserver import ensure_running

    ensure_running()
