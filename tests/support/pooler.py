"""The real pgbouncer before PostgreSQL, as transaction poolers stand there: no session is kept."""

import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from support.postgres import Postgres

SETTINGS = """
[databases]
* = host={host} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 2
max_client_conn = 100
"""


class Pooler:
    """One pgbouncer, with two sessions for each database; root may not run it, PostgreSQL's may."""

    def __init__(self, postgres: Postgres, folder: Path) -> None:
        self._postgres, self._file, self.log = postgres, folder / "pgbouncer.ini", folder / "log"
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        host = sa.make_url(postgres.create()).query["host"]
        self._file.write_text(SETTINGS.format(host=host, port=self._port))
        path = os.environ.get("PATH", "") + ":/usr/sbin"
        user = ["-u", postgres.user] if os.getuid() == 0 else []
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                ["pgbouncer", *user, str(self._file)],
                env={**os.environ, "PATH": path},
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
        self._wait()

    def _wait(self) -> None:
        while self._process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(self._address):
                return
            time.sleep(0.02)
        raise AssertionError(self.log.read_text())

    @property
    def _address(self) -> tuple[str, int]:
        return "127.0.0.1", self._port

    def create(self) -> str:
        """Make an empty database and return its address behind the pooler."""
        url = sa.make_url(self._postgres.create()).set(
            host="127.0.0.1", port=self._port, query={}, password=None
        )
        return url.render_as_string(hide_password=False)

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()


@pytest.fixture
def pooler(postgres: Postgres, tmp_path: Path) -> Iterator[Pooler]:
    """Give a transaction pooler before the server of the tests."""
    with contextlib.closing(Pooler(postgres, tmp_path)) as made:
        yield made
