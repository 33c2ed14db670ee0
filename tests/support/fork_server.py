"""The server behind forks.py: has loaded the libraries, and becomes each program in a fork."""

import gc
import importlib
import io
import json
import os
import runpy
import socket
import sys
import time
import types
from importlib.machinery import SourceFileLoader
from multiprocessing import process
from pathlib import Path
from typing import Any

# Those of others alone: what clockdyno reads while it is imported, each process reads for itself.
# The second and third are loaded when the first program with such a word in it begins.
LIBRARIES = {
    "": """
apscheduler.executors.pool apscheduler.schedulers.blocking apscheduler.triggers.cron
apscheduler.triggers.date apscheduler.triggers.interval argparse asyncio concurrent.futures.thread
ctypes difflib http.client importlib.metadata logging.config multiprocessing.forkserver
procrastinate procrastinate.schema psycopg psycopg_pool sqlalchemy sqlite3
sqlalchemy.dialects.postgresql.psycopg sqlalchemy.dialects.sqlite.pysqlite tempfile traceback
tzdata tzlocal urllib.request uuid zoneinfo
""",
    "herokuclock": """
arrow binaryornot.check cookiecutter.extensions cookiecutter.generate importlib.util jinja2
packaging.requirements questionary rich.console rich.prompt rich.table slugify tomllib typer
""",
    # Not gunicorn: its settings keep the folder in which they were loaded.
    "gunicorn": "flask prometheus_client ssl",
    "create_app": "flask",
    "flask": "alembic.command flask.cli flask_migrate flask_sqlalchemy",
    "cookiecutter": "cookiecutter.cli",
}


def load(text: str) -> None:
    """Load what a program will load."""
    for word in [word for word in LIBRARIES if word in text]:
        for library in LIBRARIES.pop(word).split():
            importlib.import_module(library)


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
    os.environ.clear()
    os.environ.update(told["env"])
    time.tzset()
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


if __name__ == "__main__":
    load("")
    gc.collect()
    gc.freeze()
    request = serve(socket.socket(fileno=int(sys.argv[1])))
    surround(request)
    become(request["program"])
