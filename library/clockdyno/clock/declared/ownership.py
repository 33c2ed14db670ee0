"""In which process a clock lives: the one that starts it, and no other."""

import os
import sys
from types import FrameType
from typing import Any

from clockdyno import procfile

ELSEWHERE = (
    "{act} has no effect here: this process does not run the clock, {program.command} does. "
    "Write the job into {program.file}, or let a job do this while it runs in the clock."
)

NO_GUARD = (
    "{file} was imported, and its sched.start() would start a second clock. "
    'Put it under `if __name__ == "__main__":`.'
)


def maker() -> str | None:
    """Name the module that makes a clock while it is imported; None: the program itself does."""
    frame: FrameType | None = sys._getframe(1)
    while frame and not _is_import(frame):
        frame = frame.f_back
    return frame.f_globals["__name__"] if frame else None


def check(clock: Any, act: str) -> None:
    """Raise RuntimeError where a change of a clock's jobs would never be noticed.

    Those who only import jobs.py, as the web process does, have a clock that nobody starts: once
    the imports are over, nothing that is done to it has an effect.
    """
    if clock.lives_in is None:
        is_ours = clock.made_by is None or _is_of_a_test(clock.made_by) or _is_being_read(clock)
    else:
        is_ours = clock.lives_in == os.getpid()
    if not is_ours:
        raise RuntimeError(ELSEWHERE.format(act=act, program=procfile.clock()))


def may_start(caller: FrameType) -> bool:
    """Say whether the line that starts a clock is to do so; RuntimeError where it needs a guard."""
    name = caller.f_globals["__name__"]
    if caller.f_code.co_name != "<module>" or name == "__main__":
        return True
    if name == "__mp_main__":
        return False  # A child process reads jobs.py for its functions alone.
    raise RuntimeError(NO_GUARD.format(file=procfile.clock().file))


def _is_being_read(clock: Any) -> bool:
    """Say whether a module is being imported, or the program itself has yet to start the clock."""
    frame: FrameType | None = sys._getframe(1)
    while frame:
        if _is_import(frame):
            return True
        if _is_module(frame) and any(value is clock for value in frame.f_globals.values()):
            return True
        frame = frame.f_back
    return False


def _is_import(frame: FrameType) -> bool:
    name = frame.f_globals.get("__name__")
    is_other = name != "__main__" and frame.f_globals.get("__spec__") is not None
    # Under this name a child process reads the program that started it.
    return _is_module(frame) and (is_other or name == "__mp_main__")


def _is_module(frame: FrameType) -> bool:
    return frame.f_code.co_name == "<module>"


def _is_of_a_test(module: str) -> bool:
    return module.rpartition(".")[2].startswith(("test", "conftest"))
