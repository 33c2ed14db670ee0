"""Ctrl-C, SIGTERM and SIGHUP: to a command, all of them are one KeyboardInterrupt."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# Who ends a program may signal it and then its group: that is said once.
SAME_SECONDS = 0.1


def hear(told: Callable[[], None]) -> None:
    """Call `told` when somebody wants the program to end, unless it was started deaf to that."""
    since = float("-inf")

    def heard(number: int, frame: Any) -> None:
        nonlocal since
        again, since = time.monotonic() < since + SAME_SECONDS, time.monotonic()
        if not again:
            told()

    for number in SIGNALS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, heard)


def ignore() -> None:
    """Hear nobody any more, where all is done but to end: Python then keeps its exit code."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def leave_to_main_thread() -> None:
    """Let this thread take no signal: Python would not wake the main thread, which hears it."""
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)


def interrupt() -> None:
    """Do as Ctrl-C does: every step cleans up behind itself, and Typer ends with 130."""
    raise KeyboardInterrupt


@contextmanager
def unheard() -> Iterator[None]:
    """Let nobody interrupt what must be done to its end; what came meanwhile is heard after it."""
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
