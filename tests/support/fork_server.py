"""The server behind forks.py: has loaded what programs load, and becomes each in a fork."""

import atexit
import contextlib
import fcntl
import gc
import importlib
import io
import json
import os
import runpy
import socket
import sys
import termios
import time
import types
from collections.abc import Sequence
from importlib.machinery import SourceFileLoader
from multiprocessing import process, util
from pathlib import Path
from typing import Any

# All but the first are for programs with such a word in what they are started with.
LIBRARIES = {
    "": """
apscheduler.executors.pool apscheduler.schedulers.blocking apscheduler.triggers.cron
apscheduler.triggers.date apscheduler.triggers.interval argparse asyncio concurrent.futures.thread
ctypes difflib http.client importlib.metadata logging.config multiprocessing.forkserver
procrastinate procrastinate.schema psycopg psycopg_pool sqlalchemy sqlite3
sqlalchemy.dialects.postgresql.psycopg sqlalchemy.dialects.sqlite.pysqlite tempfile traceback
tzdata tzlocal urllib.request uuid zoneinfo clockdyno._clock clockdyno.clock.inspection.mistakes
clockdyno.commands.jobs clockdyno.commands.steering clockdyno.commands.upkeep
""",
    "herokuclock": """
arrow binaryornot.check cookiecutter.extensions cookiecutter.generate importlib.util jinja2
packaging.requirements questionary rich.console rich.prompt rich.table slugify tomllib typer
herokuclock.cli herokuclock.check.command herokuclock.deploy.command herokuclock.jobs.command
herokuclock.new.command herokuclock.show.upcoming
""",
    # Not gunicorn: its settings keep the folder in which they were loaded.
    "gunicorn": "flask prometheus_client ssl clockdyno.dashboard",
    "create_app": "flask clockdyno.dashboard",
    "flask": "alembic.command flask.cli flask_migrate flask_sqlalchemy",
    "cookiecutter": "cookiecutter.cli",
    "pytest": "pytest",
}
# What is read from the environment while it is loaded; clockdyno.workers.worker, too, is not here.
SURROUNDED = ("clockdyno.masks",)


class Server:
    """What has loaded the libraries for some words, and forks the programs that have no others.

    A program with one more is forked by another server, itself a fork of this one: what a program
    finds loaded hangs on its own words, and not on which programs began before it.
    """

    def __init__(self, client: socket.socket, words: Sequence[str] = ("",)) -> None:
        for library in LIBRARIES[words[-1]].split():
            importlib.import_module(library)
        gc.collect()
        gc.freeze()
        self._client, self._words = client, words
        self._others = dict[str, socket.socket]()

    def serve(self) -> dict[str, Any]:
        """Fork for each request, and return it in the fork; end when the client has gone."""
        while True:
            request, files, _, _ = socket.recv_fds(self._client, 1 << 20, 3)
            if not request:
                sys.exit()
            program = " ".join(json.loads(request)["program"])
            more = [word for word in LIBRARIES if word in program and word not in self._words]
            if more and more[0] not in self._others and (client := self._begin(more[0])):
                for file in files:
                    os.close(file)
                return Server(client, (*self._words, more[0])).serve()
            if more:
                socket.send_fds(self._others[more[0]], [request], files)
                self._client.send(self._others[more[0]].recv(100))
            elif (pid := _fork()) == 0:
                self._leave()
                take(files, range(3))
                if os.isatty(0):
                    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
                return dict(json.loads(request))
            else:
                self._client.send(str(pid).encode())
            for file in files:
                os.close(file)

    def _begin(self, word: str) -> socket.socket | None:
        """Fork another server; return its client in it, and None here."""
        self._others[word], client = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        if os.fork():
            client.close()
            return None
        self._leave()
        return client

    def _leave(self) -> None:
        """Be a fork, and no server of those whom this one serves."""
        for each in (self._client, *self._others.values()):
            each.close()


def _fork() -> int:
    """Fork; who is forked has been adopted by our parent when it goes on."""
    born, go = os.pipe(), os.pipe()
    if (between := os.fork()) == 0:
        if os.fork():
            os._exit(0)
        os.setsid()
        os.write(born[1], str(os.getpid()).encode())
        os.close(go[1])
        os.read(go[0], 1)
        for end in (*born, go[0]):
            os.close(end)
        return 0
    os.waitpid(between, 0)
    pid = int(os.read(born[0], 100))
    for end in (*born, *go):
        os.close(end)
    return pid


def take(files: Sequence[int], numbers: Sequence[int]) -> None:
    """Let files that were sent to us have the numbers by which they are known."""
    above = [fcntl.fcntl(file, fcntl.F_DUPFD, max(numbers) + 1) for file in files]
    for file, number in zip(above, numbers, strict=True):
        os.dup2(file, number)
    for file in {*files, *above}.difference(numbers):
        os.close(file)


def has_timeouts() -> bool:
    """Say whether there are jobs here whose runs take a process each."""
    files = [*Path().glob("*.py"), *Path().glob("*/*.py")]
    return any("timeout=" in file.read_text(errors="ignore") for file in files)


def keep_one() -> dict[str, Any] | None:
    """Fork a child that becomes the server of multiprocessing as soon as this program begins one.

    Return what that is to be in it, and None here.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    if pid := os.fork():
        theirs.close()
        begin = util.spawnv_passfds

        def instead(path: bytes, args: Sequence[Any], files: Sequence[int]) -> int:
            if "multiprocessing.forkserver" not in args[-1]:
                return begin(path, args, files)
            util.spawnv_passfds = begin
            told = {"program": args[1:], "folder": str(Path.cwd()), "env": dict(os.environ)}
            socket.send_fds(ours, [json.dumps({**told, "files": [*files]}).encode()], files)
            ours.close()
            return pid

        util.spawnv_passfds = instead  # type: ignore[assignment]
        return None
    ours.close()
    request, files, _, _ = socket.recv_fds(theirs, 1 << 20, 9)
    if not request:  # The program has ended without.
        os._exit(0)
    theirs.close()
    told = dict(json.loads(request))
    take(files, told["files"])
    return told


def surround(told: dict[str, Any]) -> None:
    """Take the folder and the environment that the program is to have."""
    os.chdir(told["folder"])
    # Where multiprocessing's children begin is where it was loaded.
    process.ORIGINAL_DIR = told["folder"]  # type: ignore[attr-defined]
    if "PYTHONPATH" not in told["env"]:
        added = os.environ.get("PYTHONPATH", "").split(os.pathsep)
        sys.path[:] = [folder for folder in sys.path if folder not in added]
    os.environ.clear()
    os.environ.update(told["env"])
    sys.dont_write_bytecode = bool(os.environ.get("PYTHONDONTWRITEBYTECODE"))
    time.tzset()
    for module in SURROUNDED:
        importlib.reload(sys.modules[module])
    if os.environ.get("PYTHONUNBUFFERED"):
        sys.stdout, sys.stderr = _unbuffered(1), _unbuffered(2)


def _unbuffered(number: int) -> io.TextIOWrapper:
    before = sys.stdout if number == 1 else sys.stderr
    raw: Any = io.FileIO(number, "w", closefd=False)
    return io.TextIOWrapper(raw, before.encoding, before.errors, "\n", write_through=True)


def become(program: list[str]) -> None:
    """Be `python` with these arguments: a file, `-m module` or `-c code`, and the program's own."""
    sys.orig_argv = [sys.executable, *program]
    main = types.ModuleType("__main__")
    sys.modules["__main__"] = sys.modules["__mp_main__"] = main
    first, rest = program[0], program[1:]
    if first == "-m":
        sys.argv, sys.path[0] = [first, *rest[1:]], str(Path.cwd())
        runpy._run_module_as_main(rest[0])  # type: ignore[attr-defined]
    elif first == "-c":
        sys.argv, sys.path[0] = [first, *rest[1:]], ""
        exec(compile(rest[0], "<string>", "exec"), main.__dict__)
    else:
        file = os.path.abspath(first)
        sys.argv, sys.path[0] = program, str(Path(file).resolve().parent)
        main.__file__, main.__loader__ = file, SourceFileLoader("__main__", file)
        main.__dict__["__cached__"] = None
        exec(compile(Path(file).read_bytes(), file, "exec"), main.__dict__)


class End:
    """The end of a process that nobody looks at: its output is written, its memory just goes.

    To take apart all that was loaded takes an interpreter longer than most commands need.
    """

    code: int | None = None

    def __enter__(self) -> None:
        self.code = 0

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, SystemExit):
            self.code = error.code if isinstance(error.code, int) else int(bool(error.code))
        elif error:
            self.code = None if isinstance(error, KeyboardInterrupt) else 1

    def come(self) -> None:
        """End the process, where its exit code is known; all others have been told already."""
        if self.code is not None:
            for stream in filter(None, (sys.stdout, sys.stderr)):
                if not stream.closed:
                    stream.flush()
            os._exit(self.code)


if __name__ == "__main__":
    end = End()
    atexit.register(end.come)  # Before all others, so that it is called after them.
    request = Server(socket.socket(fileno=int(sys.argv[1]))).serve()
    surround(request)
    if not request["is_brief"] and has_timeouts() and (server := keep_one()):
        request = {**server, "is_brief": True}
        surround(request)
    with end if request["is_brief"] else contextlib.nullcontext():
        become(request["program"])
