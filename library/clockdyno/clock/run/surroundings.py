"""What all runs of a process share, its streams and its settings: put back after a run."""

import contextlib
import gc
import logging
import os
import socket
import stat
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from clockdyno import logs

STREAMS = ("stdin", "stdout", "stderr")  # by the numbers of their files
_kept: dict[str, Any] = {}
_settings: list[tuple[Callable[[Any], Any], Any]] = []  # what puts one back, and what was there
_lock = threading.Lock()


def keep() -> None:
    """Remember how things are, before the first run."""
    _kept["unbuffered"] = getattr(sys.stdout, "write_through", False)
    os.umask(mask := os.umask(0))
    _settings[:] = [
        (sys.setswitchinterval, sys.getswitchinterval()),
        (os.chdir, Path.cwd()),
        (os.umask, mask),
        (sys.setrecursionlimit, sys.getrecursionlimit()),
        (socket.setdefaulttimeout, socket.getdefaulttimeout()),
        (_collect, gc.isenabled()),
        (_give_back, dict(os.environ)),
    ]
    for number, name in enumerate(STREAMS):
        stream = getattr(sys, name)
        with contextlib.suppress(OSError):
            _kept[name] = stream, os.dup(number)
        if number:
            # A wrapper around sys.stdout closes it when it goes, and logging would fail.
            with contextlib.suppress(AttributeError):
                stream.close = stream.buffer.close = stream.flush


class Shared:
    """Puts back what a run has broken; and what it has changed, as soon as no other run goes on."""

    runs = 0

    def __enter__(self) -> None:
        with _lock:
            Shared.runs += 1

    def __exit__(self, *_: object) -> None:
        with _lock:
            Shared.runs -= 1
            if _kept:
                try:
                    _put_back(is_quiet=Shared.runs == 0)
                except Exception as error:  # The run itself has ended as it has.
                    logs.failure(error)


def flush() -> None:
    """Print what was left to be printed."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(BaseException):  # It may be the job's own.
            stream.flush()


def _put_back(is_quiet: bool) -> None:
    for number, name in enumerate(STREAMS):
        if name in _kept:
            stream, copy = _kept[name]
            if _is_closed(number) or (is_quiet and _is_other_file(number, copy)):
                os.dup2(copy, number)
            if is_quiet or not _works(getattr(sys, name)):
                if not _works(stream):
                    stream = _renewed(stream, number)
                    _kept[name] = stream, copy
                setattr(sys, name, stream)
    # The first is the clock's own, and needed at once.
    for put_back, value in _settings if is_quiet else _settings[:1]:
        with contextlib.suppress(Exception):
            put_back(value)


def _collect(is_on: bool) -> None:
    (gc.enable if is_on else gc.disable)()


def _give_back(environment: Mapping[str, str]) -> None:
    """Set anew what is gone or changed; what is new stays, for some set it once and for all."""
    lost = {name: value for name, value in environment.items() if os.environ.get(name) != value}
    os.environ.update(lost)
    if "TZ" in lost:
        time.tzset()


def _is_closed(number: int) -> bool:
    try:
        return os.fstat(number) is None
    except OSError:
        return True


def _is_other_file(number: int, copy: int) -> bool:
    """Say whether a job has put a file there; a connection that found the place free stays."""
    now, then = os.fstat(number), os.fstat(copy)
    return not os.path.samestat(now, then) and not stat.S_ISSOCK(now.st_mode)


def _works(stream: Any) -> bool:
    try:
        return stream is not None and not stream.closed
    except BaseException:  # It may be the job's own.
        return False


def _renewed(old: Any, number: int) -> Any:
    mode = "w" if number else "r"
    new: Any = open(  # noqa: SIM115, it stays
        number, mode, encoding="utf-8", errors="backslashreplace", closefd=False
    )
    if number:
        new.reconfigure(line_buffering=number == 2, write_through=_kept["unbuffered"])
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler) and handler.stream is old:
            handler.stream = new
    return new


def _begin_fork() -> None:
    """Print through streams of its own: a thread that is gone may hold the old ones for ever."""
    for number, name in enumerate(STREAMS[1:], 1):
        with contextlib.suppress(KeyError, OSError):
            old, copy = _kept[name]
            _kept[name] = _renewed(old, number), copy
            if getattr(sys, name) is old:
                setattr(sys, name, _kept[name][0])


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_fork)
