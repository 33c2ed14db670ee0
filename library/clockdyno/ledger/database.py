"""The database of the ledger: how it is reached, and how its tables come to be."""

import contextlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from clockdyno import host
from clockdyno.ledger import schedule_tables, tables
from clockdyno.ledger.tables import SCHEMA

# How every connection to PostgreSQL is made, the queue's, too. No server-side prepared statements:
# a transaction pooler gives each transaction another session. The rest notices a server that died.
SETTINGS: dict[str, Any] = {"prepare_threshold": None, "connect_timeout": 5}
SETTINGS |= {"keepalives_idle": 10, "keepalives_interval": 5, "tcp_user_timeout": 20_000}
# Steps from one version of the tables to the next, as SQL that names the schema. Only add (columns
# that may be NULL, tables, indexes): during a deploy the old clock still works on the new tables.
STEPS: tuple[str, ...] = (
    "ALTER TABLE clockdyno.clocks ADD COLUMN answered_at TIMESTAMP WITH TIME ZONE",
    "ALTER TABLE clockdyno.clocks ADD COLUMN silent INTEGER",
    "INSERT INTO clockdyno.roll (called_at) VALUES (CURRENT_TIMESTAMP)",
    "ALTER TABLE clockdyno.clocks ADD COLUMN workers BOOLEAN",
    "ALTER TABLE clockdyno.clocks ADD COLUMN told JSON",
    "ALTER TABLE clockdyno.jobs ADD COLUMN failing_since TIMESTAMP WITH TIME ZONE",
    "ALTER TABLE clockdyno.jobs ADD COLUMN timeout FLOAT",
    "ALTER TABLE clockdyno.jobs ADD COLUMN expected FLOAT",
    "ALTER TABLE clockdyno.runs ADD COLUMN exceeded FLOAT",
    "ALTER TABLE clockdyno.jobs ADD COLUMN awaits BOOLEAN",
    "ALTER TABLE clockdyno.tasks ADD COLUMN timeout FLOAT",
    "ALTER TABLE clockdyno.tasks ADD COLUMN expected FLOAT",
    "ALTER TABLE clockdyno.tasks ADD COLUMN awaits BOOLEAN",
)


class WrongDatabase(ValueError):
    """DATABASE_URL names a kind of database that the clock does not know."""


class NotAllowed(sa.exc.SQLAlchemyError):
    """The database is there, and its role may not make what the ledger needs."""


def connect(url: str | None = None, **options: Any) -> sa.Engine:
    """Return the engine for the ledger: in DATABASE_URL, or in a SQLite file beside jobs.py."""
    url = url or host.database_url()
    if not url:
        return _sqlite(sa.URL.create("sqlite", database=str(host.ledger_file())), options)
    kind, colon, rest = url.partition(":")
    if kind in ("postgres", "postgresql"):
        kind = "postgresql+psycopg"
    parsed = make_url(kind + colon + rest)
    if parsed.get_backend_name() not in ("postgresql", "sqlite"):
        raise WrongDatabase("DATABASE_URL is neither PostgreSQL nor SQLite: unset it or change it.")
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(_beside(parsed), options)
    return _postgres(parsed, options)


def _beside(url: sa.URL) -> sa.URL:
    """Return the address of the ledger's own file beside the SQLite file of the app."""
    file = (url.database or "").removeprefix("file:")
    if file and file != ":memory:":
        file = os.path.abspath(Path(file).with_suffix(".clock.sqlite3"))
    return sa.URL.create("sqlite", database=file or None)


def _postgres(url: sa.URL, options: dict[str, Any]) -> sa.Engine:
    options = {"pool_size": 2, "max_overflow": 0, **options}
    return sa.create_engine(url, connect_args=SETTINGS, **options)


def _sqlite(url: sa.URL, options: dict[str, Any]) -> sa.Engine:
    import sqlite3

    def attach() -> sqlite3.Connection:
        db = sqlite3.connect(":memory:", timeout=10, check_same_thread=False)
        db.isolation_level = None  # We say BEGIN ourselves.
        db.execute(f"ATTACH ? AS {SCHEMA}", [url.database or ":memory:"])
        db.execute(f"PRAGMA {SCHEMA}.journal_mode=WAL")
        db.execute(f"PRAGMA {SCHEMA}.synchronous=NORMAL")
        return db

    # One connection: threads queue for it fairly, which SQLite's own waiting does not do.
    pool: dict[str, Any] = {"poolclass": sa.QueuePool, "pool_size": 1, "max_overflow": 0}
    engine = sa.create_engine(url, creator=attach, **pool, **options)

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        # A reader that turns writer in mid-transaction would fail at once instead of waiting.
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def set_up(engine: sa.Engine) -> None:
    """Make the tables, or bring those of an earlier version up to date; safe to repeat."""
    with engine.execution_options(writes=True).begin() as db, _permission(db):
        if db.dialect.name == "postgresql":
            db.execute(sa.text("SELECT pg_advisory_xact_lock(20270105)"))
            _make_schema(db)
        tables.limit_indexes(db.dialect.name)
        there = sa.inspect(db).get_table_names(schema=SCHEMA)
        schedule_tables.schedules.metadata.create_all(db)
        known = tables.version.name in there
        done = db.scalar(sa.select(tables.version.c.number)) if known else None
        if done is None:
            db.execute(tables.version.insert().values(number=len(STEPS)))
            db.execute(tables.roll.insert().values(called_at=datetime.now(UTC)))
            return
        for step in STEPS[done:]:
            # A table that was made just now is whole.
            if not step.startswith("ALTER") or step.split()[2].partition(".")[2] in there:
                db.execute(sa.text(step))
        if done < len(STEPS):
            tables.runs_with_error.create(db, checkfirst=True)
            db.execute(tables.version.update().values(number=len(STEPS)))


@contextlib.contextmanager
def _permission(db: sa.Connection) -> Iterator[None]:
    """Say what to do where PostgreSQL does not let us have our schema."""
    try:
        yield
    except sa.exc.ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) != "42501":
            raise
        role = db.engine.url.username
        raise NotAllowed(
            f"the role {role} may not make the schema {SCHEMA} or its tables. Let the database's "
            f'owner run: CREATE SCHEMA {SCHEMA} AUTHORIZATION "{role}"'
        ) from error


def _make_schema(db: sa.Connection) -> None:
    # Not IF NOT EXISTS: that asks for the permission even where there is nothing to do.
    if db.scalar(sa.text(f"SELECT to_regnamespace('{SCHEMA}')")) is None:
        db.execute(sa.schema.CreateSchema(SCHEMA))
    # The first tables stood among those of the app, with longer names.
    if db.scalar(sa.text("SELECT to_regclass('clock_version')")) is None:
        return
    for name in (table.name for table in tables.metadata.sorted_tables):
        db.execute(sa.text(f"ALTER TABLE IF EXISTS clock_{name} SET SCHEMA {SCHEMA}"))
        db.execute(sa.text(f"ALTER TABLE IF EXISTS {SCHEMA}.clock_{name} RENAME TO {name}"))
