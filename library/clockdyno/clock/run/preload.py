"""Imports jobs.py once in the server that the children are forked from; see child.py.

What jobs.py connects to or starts while it is imported, children must not share: then the server
begins anew without it, and each child imports jobs.py for itself.
"""

import atexit
import contextlib
import importlib
import json
import os
import stat
import sys
import threading
from multiprocessing import forkserver, process, spawn
from types import FrameType

from clockdyno import logs, procfile
from clockdyno.clock.run import surroundings

WHAT = "CLOCK_PRELOAD"
SHARED = (
    "{file} opens a connection or starts a thread when it is imported, so each run with timeout= "
    "imports it anew, which takes longer; do that in a function to save the time"
)


def describe(*modules: str) -> str:
    """Say for the server what this process was started with, and what else to import."""
    mine = spawn.get_preparation_data("preload")
    kept = ("sys_path", "sys_argv", "dir", "orig_dir", "init_main_from_name", "init_main_from_path")
    return json.dumps([{key: mine[key] for key in kept if key in mine}, modules])


def _sockets() -> set[int]:
    found = set()
    for fd in map(int, os.listdir("/dev/fd")):
        try:
            if stat.S_ISSOCK(os.fstat(fd).st_mode):
                found.add(fd)
        except OSError:
            pass  # It was the one that listed them.
    return found


def _load(main: dict[str, object], modules: list[str]) -> None:
    before = _sockets()
    # As in a child: whoever has no guard in jobs.py is told so by multiprocessing.
    process.current_process()._inheriting = True  # type: ignore[attr-defined]
    with contextlib.suppress(BaseException):  # Each child tries again, and its run tells.
        spawn.prepare(main)
        for name in modules:
            importlib.import_module(name)
    del process.current_process()._inheriting  # type: ignore[attr-defined]
    if _sockets() - before or threading.active_count() > 1:
        print(logs.line(at="warning", msg=SHARED.format(file=procfile.clock().file)), flush=True)
        os.environ[WHAT] = ""
        _hand_over_the_key()
        os.execv(sys.executable, sys.orig_argv)
    # Nothing of it belongs to the children: neither what is to be printed nor what is to be tidied.
    surroundings.flush()
    atexit._clear()


def _hand_over_the_key() -> None:
    """Let the server that begins anew read what its clients are known by, since Python 3.14."""
    server = _server()
    if server and (key := server.f_locals.get("authkey")):
        source, sink = os.pipe()
        os.write(sink, key)
        os.dup2(source, server.f_locals["authkey_r"])
        os.set_inheritable(server.f_locals["authkey_r"], True)


def _server() -> FrameType | None:
    """Return the frame of the server that this process is; None where it is no such server."""
    frame: FrameType | None = sys._getframe()
    while frame and frame.f_code is not forkserver.main.__code__:
        frame = frame.f_back
    return frame


# A clock that a job of another clock has started has that one's word in its environment.
if (told := os.environ.get(WHAT)) and _server():
    _load(*json.loads(told))
