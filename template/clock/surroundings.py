"""What all runs of a process share, its folder and its standard streams: put back after a run."""

import contextlib
import logging
import os
import stat
import sys
import threading
from collections.abc import Iterator
from typing import Any

STREAMS = ("stdin", "stdout", "stderr")  # by the numbers of their files
_kept: dict[str, Any] = {}
_runs, _lock = 0, threading.Lock()


def keep() -> None:
    """Remember how things are, before the first run."""
    _kept["folder"] = os.getcwd()
    for number, name in enumerate(STREAMS):
        stream = getattr(sys, name)
        with contextlib.suppress(OSError):
            _kept[name] = stream, os.dup(number)
        if number:
            # A wrapper around sys.stdout closes it when it goes, and logging would fail.
            with contextlib.suppress(AttributeError):
                stream.close = stream.buffer.close = stream.flush


@contextlib.contextmanager
def shared() -> Iterator[None]:
    """Put back what a run has broken; and what it has changed, as soon as no other run goes on."""
    global _runs
    with _lock:
        _runs += 1
    try:
        yield
    finally:
        with _lock:
            _runs -= 1
            if _kept:
                _put_back(is_quiet=_runs == 0)


def flush() -> None:
    """Print what was left to be printed."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
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
    if is_quiet:
        with contextlib.suppress(OSError):
            os.chdir(_kept["folder"])


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
    except (AttributeError, ValueError):
        return False


def _renewed(old: Any, number: int) -> Any:
    mode = "w" if number else "r"
    new = open(number, mode, encoding="utf-8", errors="backslashreplace", closefd=False)
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler) and handler.stream is old:
            handler.stream = new
    return new
