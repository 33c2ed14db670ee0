"""Processes of Python that begin with all libraries loaded: loading them is most of a start.

A server (fork_server.py) has loaded them, ours too, and forks what a test starts. Each is a process
like any other and the test's own child, with a folder, an environment, files and arguments of its
own. What proves how Python itself starts, or what is not loaded, starts `sys.executable` as ever.
"""

import atexit
import ctypes
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

PROGRAM = Path(__file__).with_name("fork_server.py")
ENVIRONMENT = {**os.environ, "TZ": "UTC"}
# What is looked at while all is loaded, or before, so that the server's is what a fork gets.
EARLY = ("PYTHON", "LD_", "MALLOC_", "TZ", "CLOCK_STOP_SECONDS")
LATER = ("PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE")  # These can be had later, too.
SUBREAPER = 36  # of prctl(2)
always_fresh = False  # Where it is measured, a process is what people have: all of Python's start.


class Fork(subprocess.Popen[Any]):
    """Popen for a program of Python: `Fork(["jobs.py"])` is `Popen([sys.executable, "jobs.py"])`.

    It is a session of its own. Where the environment asks for another interpreter than the
    server's, or no process can adopt another one (elsewhere than on Linux), that is started.
    """

    is_brief = False

    def _execute_child(self, *given: Any) -> None:
        program = list(map(os.fsdecode, given[0]))
        folder, env, pipes = given[5], given[6] or dict(os.environ), given[10:16]
        if always_fresh or sys.platform != "linux" or _early(env) != _early(ENVIRONMENT):
            super()._execute_child([sys.executable, *program], *given[1:])  # type: ignore[misc]
            return
        theirs = (pipes[0], pipes[3], pipes[5])
        files = [own if pipe < 0 else pipe for own, pipe in enumerate(theirs)]
        told = {"program": program, "folder": os.fspath(folder or Path.cwd()), "env": env}
        told["is_brief"] = self.is_brief
        self.pid = _server().fork(told, files)
        self._child_created = True
        self._close_pipe_fds(*pipes)  # type: ignore[attr-defined]


class Brief(Fork):
    """One that has done all when its program has: no interpreter tidies up after it."""

    is_brief = True


def run(program: Sequence[str], **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a program of Python to its end, and return what it printed."""
    pipe = subprocess.PIPE
    with Brief(program, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, **options) as process:
        out, err = (text.decode() for text in process.communicate())
    return subprocess.CompletedProcess(list(program), process.returncode, out, err)


def _early(env: Mapping[str, str]) -> dict[str, str]:
    looked_at = {name: value for name, value in env.items() if name.startswith(EARLY)}
    # Of what it adds to the path a fork can be freed.
    known = {"PYTHONPATH": ENVIRONMENT.get("PYTHONPATH", "")} | looked_at
    return {name: value for name, value in known.items() if name not in LATER}


class _Server:
    """The process that forks; it ends with this one."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._turn = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, PROGRAM, str(theirs.fileno())],
            env=ENVIRONMENT,
            cwd="/",
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()
        atexit.register(self._close)

    def fork(self, told: Mapping[str, Any], files: Sequence[int]) -> int:
        """Begin a program as a child of this process, and return its pid."""
        prctl = ctypes.CDLL(None).prctl
        with self._turn:
            prctl(SUBREAPER, 1, 0, 0, 0)
            try:
                socket.send_fds(self._socket, [json.dumps(told).encode()], files)
                return int(self._socket.recv(100))
            finally:
                prctl(SUBREAPER, 0, 0, 0, 0)

    def _close(self) -> None:
        self._socket.close()
        self._process.wait()


@cache
def _server() -> _Server:
    return _Server()
