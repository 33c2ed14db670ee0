"""A generated project's clock as real processes, on a real database, and what it left behind."""

import contextlib
import http.server
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from clockdyno.ledger import database, tables

from support import forks
from support.postgres import Postgres
from support.rows import rows

HEAD = """
import os, time, sys
from datetime import datetime, timedelta
from clockdyno import Clock
from clockdyno.clock.process import heartbeat
from clockdyno.clock.run import runner
from clockdyno.ledger import presence
from clockdyno.telling import desk

def note(*words):
    with open("effects", "a") as file:
        file.write(" ".join(map(str, words)) + "\\n")

def await_word(word):
    while not os.path.exists(word):
        time.sleep(0.02)

sched = {clock}
"""
# What hangs fails after so many seconds; nothing is proved by it.
GUARD = 150
# Of a dyno that this may be; and of a clock of this process's own, which a version before heeded.
FOREIGN = ("DYNO", "CLOCK_PAUSED", "CLOCK_PRELOAD")
TAIL = '\nif __name__ == "__main__":\n    sched.start()\n'
# The same rules with shorter times, so that what takes a minute on Heroku takes seconds here.
QUICK = """
presence.SILENT = timedelta(seconds=3)
heartbeat.HEARTBEAT = 1
heartbeat.POLL = 0.3
runner.RETRY_SECONDS = 0.5
desk.GATHER = 0.2
"""
# Where no clock dies, none is to be taken for dead, however long it waits for the processor.
NOBODY_DIES = "presence.SILENT = timedelta(minutes=5)\n"


class Site:
    """A folder with jobs.py, and the database that its clock uses."""

    clock = 'Clock(timezone="UTC")'
    program: Sequence[str] = ("jobs.py",)

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url
        folder.mkdir(exist_ok=True)
        self.engine = database.connect(url)
        self.processes: list[subprocess.Popen[bytes]] = []

    def write(self, body: str, quick: bool = True) -> None:
        """Write jobs.py around some jobs."""
        text = HEAD.replace("{clock}", self.clock) + (QUICK if quick else "") + body + TAIL
        (self.folder / "jobs.py").write_text(text)

    def start(self, **env: str) -> subprocess.Popen[bytes]:
        """Start one more clock."""
        return self.begin(*self.program, **env)

    def begin(self, *program: str, **env: str) -> subprocess.Popen[bytes]:
        """Start a program of Python that writes into the site's log."""
        with (self.folder / "log").open("ab") as log:
            process = forks.Fork(
                program,
                cwd=self.folder,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                env=self.env(**env),
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def another(self, process: subprocess.Popen[bytes]) -> subprocess.Popen[bytes]:
        """Start what takes the place of a process."""
        return self.start()

    def env(self, **more: str) -> dict[str, str]:
        """Return the environment of a clock."""
        clean = {k: v for k, v in os.environ.items() if k not in FOREIGN}
        return {**clean, "DATABASE_URL": self.url, "PYTHONUNBUFFERED": "1", **more}

    def command(self, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run `python -m clockdyno ...`."""
        return self.python("-m", "clockdyno", *args, **env)

    def python(self, *program: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run a program of Python to its end."""
        return forks.run(program, cwd=self.folder, env=self.env(**env))

    def stop(self, process: subprocess.Popen[bytes]) -> int:
        """Tell a clock to stop as Heroku does, and return its exit code."""
        process.send_signal(signal.SIGTERM)
        return process.wait(GUARD)

    def say(self, word: str) -> None:
        """Let jobs that await a word go on."""
        (self.folder / word).touch()

    def rows(self, where: str = "true") -> list[Any]:
        """Return the rows of the runs table."""
        statement = (
            sa.select(tables.runs)
            .where(sa.text(where))
            .order_by(tables.runs.c.scheduled_at, tables.runs.c.id)
        )
        with self.engine.connect() as db:
            return list(db.execute(statement))

    def query(self, sql: str) -> list[Any]:
        """Return what the database says."""
        with self.engine.connect() as db:
            return list(db.execute(sa.text(sql)))

    def execute(self, sql: str, **values: object) -> None:
        """Change something in the database."""
        with self.engine.execution_options(writes=True).begin() as db:
            db.execute(sa.text(sql), values)

    def effects(self) -> list[str]:
        """Return what the jobs noted."""
        file = self.folder / "effects"
        return file.read_text().splitlines() if file.exists() else []

    def log(self) -> str:
        """Return what the clocks printed."""
        return (self.folder / "log").read_text(errors="backslashreplace")

    def until(self, condition: Callable[[], Any], timeout: float = GUARD) -> Any:
        """Wait for a condition; fail with the log if it does not come."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            with contextlib.suppress(sa.exc.DBAPIError):
                if found := condition():
                    return found
            time.sleep(0.05)
        raise AssertionError(f"waited {timeout} s in vain; the log ends:\n{self.log()[-4000:]}")

    def pass_time(self, seconds: float) -> None:
        """Let so many seconds of a schedule go by: what falls due in them, falls due."""
        end = datetime.now(UTC) + timedelta(seconds=seconds)
        self.until(lambda: datetime.now(UTC) > end)

    def close(self) -> None:
        """Leave no process behind."""
        for process in self.processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.engine.dispose()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Give one server for all tests; each takes a database of its own."""
    with contextlib.closing(Postgres()) as server:
        yield server


@pytest.fixture(params=rows(("sqlite", "postgresql"), ("postgresql",)))
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    """Give a project on each kind of database; the default run takes the one of Heroku."""
    with contextlib.ExitStack() as stack:
        url = f"sqlite:///{tmp_path / 'ledger.sqlite3'}"
        if request.param == "postgresql":
            server: Postgres = request.getfixturevalue("postgres")
            # What only looks at rows need not see how the tables come to be.
            made = server.ledger() if "client" in request.fixturenames else server.database()
            url = stack.enter_context(made)
        yield stack.enter_context(contextlib.closing(Site(tmp_path / "site", url)))


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Iterator[Site]:
    """Give a project on SQLite, where the database makes no difference."""
    url = f"sqlite:///{tmp_path / 'ledger.sqlite3'}"
    with contextlib.closing(Site(tmp_path / "site", url)) as made:
        yield made


@pytest.fixture
def on_postgres(postgres: Postgres, tmp_path: Path) -> Iterator[Site]:
    """Give a project on PostgreSQL."""
    with postgres.database() as url, contextlib.closing(Site(tmp_path / "site", url)) as made:
        yield made


class Webhook:
    """A server that keeps what is posted to it."""

    def __init__(self) -> None:
        posts = self.posts = list[str]()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                posts.append(json.loads(body)["text"])
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    """Give a place to post alerts to."""
    with contextlib.closing(Webhook()) as server:
        yield server
