"""Signals are for the process that Heroku started, never for what a job of it forks."""

import contextlib
import os
import signal
import threading
from collections.abc import Callable
from typing import Any

from clockdyno import logs

STOPS = (signal.SIGTERM, signal.SIGINT)
ALARMS = [getattr(signal, n) for n in ("SIGALRM", "SIGVTALRM", "SIGPROF") if hasattr(signal, n)]
_before: dict[int, Any] = {}
_forking = threading.local()


def take(number: int, handler: Callable[[int, Any], None]) -> None:
    """Handle a signal from now on, and remember who did before."""
    _before.setdefault(number, signal.signal(number, handler))


def ignore_alarms() -> None:
    """Let an alarm that a job sets in a thread, where it cannot handle it, end nothing."""
    for number in ALARMS:
        if signal.getsignal(number) == signal.SIG_DFL:
            take(number, lambda *_: None)


def pass_on(number: int) -> None:
    """Call the owner's own handler of a signal; whatever it does, we go on."""
    handler = _before.get(number)
    if not callable(handler) or handler is signal.default_int_handler:
        return
    with contextlib.suppress(SystemExit, KeyboardInterrupt):  # We are about to end anyway.
        try:
            handler(number, None)
        except Exception as error:
            told = "the program's own handler failed"
            logs.event("signal", error, number=number, msg=told)


def give_back() -> None:
    """Let every signal do what it did before."""
    for number, handler in _before.items():
        signal.signal(number, signal.SIG_DFL if handler is None else handler)
    _before.clear()


def _hold() -> None:
    _forking.mask = signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)


def _let_go() -> None:
    signal.pthread_sigmask(signal.SIG_SETMASK, _forking.mask)


def _begin_fork() -> None:
    give_back()
    _let_go()


if hasattr(os, "register_at_fork"):
    # Held meanwhile: a fork that is ended at once must not take the signal by our handler.
    os.register_at_fork(before=_hold, after_in_parent=_let_go, after_in_child=_begin_fork)
