"""Hears what a run says: what it logs by any logger, and what it prints.

A run in a thread of the process is told from the others by its context. Threads that it starts have
a context of their own, so they are not heard; a run with `timeout=` has a process of its own, and
all that this says is heard.
"""

import contextlib
import logging
import os
import sys
import time
from contextvars import ContextVar
from typing import Any

from clockdyno import logs, texts
from clockdyno.clock.run.tail import LONG, PIECES, Tail

_tail: ContextVar[Tail | None] = ContextVar("tail", default=None)
# What a print costs more is this module's to keep small: names are looked up once.
_heard_by, _caller, _now = _tail.get, sys._getframe, time.time
_STREAM = logging.StreamHandler.emit.__code__


def begin(tail: Tail | None) -> None:
    """Let what is said from now on in this context be heard."""
    _tail.set(tail)
    root = logging.getLogger()
    # A root without any handler would lose what Python then does by itself.
    if root.handlers and _ear not in root.handlers:
        root.addHandler(_ear)
    for level, stream in (("out", sys.stdout), ("err", sys.stderr)):
        # There is none, or another job has put something there that raises whatever it is asked.
        with contextlib.suppress(BaseException):
            if "write" not in vars(stream):
                stream.write = _heard(stream.write, level)  # type: ignore[method-assign]


class _Ear(logging.Handler):
    def handle(self, record: logging.LogRecord) -> bool:
        """Keep a record, without the lock that other handlers need: runs wait for nobody."""
        if (tail := _tail.get()) is not None:
            _keep(tail, record)
        return True


_ear = _Ear()


def _heard(write: Any, level: str) -> Any:
    """Return a stream's `write` that keeps what it has written, where a run goes on."""

    def heard(text: str) -> Any:
        count = write(text)
        if (tail := _heard_by()) is None:
            return count
        if (frame := _caller(1)).f_code is _STREAM:
            _keep(tail, frame.f_locals["record"])
            return count
        if type(text) is not str:
            text = str.__str__(text)
        tail.pieces.append((_now(), level, text))
        if len(text) > LONG or len(tail.pieces) > PIECES:
            tail.settle()
        return count

    return heard


def _keep(tail: Tail, record: logging.LogRecord) -> None:
    if record.name == logs.log.name or tail.last_record is record:
        return
    tail.last_record = record
    with contextlib.suppress(Exception):  # As it may be in each handler: it is the job's own text.
        text = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            text += "\n" + texts.of(record.exc_info[1])
        tail.add(record.levelname, text + "\n")


if hasattr(os, "register_at_fork"):
    # What a job forks has a copy that nobody reads.
    os.register_at_fork(after_in_child=lambda: _tail.set(None))
