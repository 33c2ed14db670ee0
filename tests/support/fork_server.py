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
from importlib.machinery import SourceFileLoader
from multiprocessing import process
from pathlib import Path
from typing import Any

# All but the first are loaded when the first program with such a word in it begins.
LIBRARIES = {
    "": """
apscheduler.executors.pool apscheduler.schedulers.blocking apscheduler.triggers.cron
apscheduler.triggers.date apscheduler.triggers.interval argparse asyncio concurrent.futures.thread
ctypes difflib http.client importlib.metadata logging.config multiprocessing.forkserver
procrastinate procrastinate.schema psycopg psycopg_pool sqlalchemy sqlite3
sqlalchemy.dialects.postgresql.psycopg sqlalchemy.dialects.sqlite.pysqlite tempfile traceback
tzdata tzlocal urllib.request uuid zoneinfo
clockdyno._clock clockdyno.clock.inspection.mistakes clockdyno.commands.jobs
clockdyno.commands.steering clockdyno.commands.upkeep
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


def load(text: str) -> None:
    """Load what a program will load."""
    if words := [word for word in LIBRARIES if word in text]:
        for word in words:
            for library in LIBRARIES.pop(word).split():
                importlib.import_module(library)
        gc.collect()
        gc.freeze()


def serve(client: socket.socket) -> dict[str, Any]:
    """Fork for each request, and return it in the fork; end when the client has gone."""
    while True:
        request, files, _, _ = socket.recv_fds(client, 1 << 20, 3)
        if not request:
            sys.exit()
        load(" ".join(json.loads(request)["program"]))
        if (pid := _fork()) == 0:
            client.close()
            for number, file in enumerate(files):
                os.dup2(file, number)
                os.close(file)
            if os.isatty(0):
                fcntl.ioctl(0, termios.TIOCSCTTY, 0)
            return dict(json.loads(request))
        for file in files:
            os.close(file)
        client.send(str(pid).encode())


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
    load("")
    request = serve(socket.socket(fileno=int(sys.argv[1])))
    surround(request)
    with end if request["is_brief"] else contextlib.nullcontext():
        become(request["program"])
