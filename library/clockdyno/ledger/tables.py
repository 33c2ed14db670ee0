"""The tables of the ledger. Every column that ends in `_at` is aware and in UTC.

They stand in a schema of their own, which every statement names and what migrates the app's tables
does not see; on SQLite it is a file.

jobs: one row for each job that a clock has ever seen.
  job_id; known_since (no fire up to here is owed a row); trigger (its text, to notice an edit);
  paused_at; gone_at (no longer in jobs.py); and for people, written at start, hourly and after
  a change: doc (first line of the docstring), words, zone, grace (seconds late that a run may
  still start, NULL: any), remarks ([{code, text, fix}]), fires (the next 24 h, at least 5, at
  most 200, ISO in UTC), described_at.

runs: one row for each run, due or asked for; (job_id, scheduled_at, kind) is unique.
  kind: scheduled, manual (scheduled_at is the second in which it was asked for).
  state: running, succeeded, failed, missed, skipped, lost; requested (a manual run not begun).
  reason: late, coalesced (missed); overlap, waiting (skipped); timeout, error, died (failed);
  stopped, silent (lost). attempt: 1, 2, ...; count: how many fires the row stands for (1, more
  only where missed). due_at: a further attempt (or the first of a manual run) is due then.
  started_at, finished_at, error (end of the traceback), clock_id (who ran it last).

clocks: one row for each process that runs jobs.
  clock_id, role (clock), dyno, release, started_at, heartbeat_at (by the database's clock, every
  10 s), stopped_at (it ended well), lost_at (it fell silent), paused (CLOCK_PAUSED is set);
  answered_at (its heartbeat at the last roll call), silent (calls since without a new one);
  workers (it hands runs over).

roll: one row: called_at, when one of them last called the roll; see presence.py.
"""

import contextlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect, make_url

from clockdyno import host

SCHEMA = "clockdyno"
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
)

MOST_TOLD = 200  # fires of a job that are written down ahead


class WrongDatabase(ValueError):
    """DATABASE_URL names a kind of database that the clock does not know."""


class NotAllowed(sa.exc.SQLAlchemyError):
    """The database is there, and its role may not make what the ledger needs."""


class Moment(sa.TypeDecorator[datetime]):
    """A point in time, aware and in UTC on every database."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give SQLite, which knows no zones, the time in UTC."""
        value = value and value.astimezone(UTC)
        return value.replace(tzinfo=None) if value and dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return it aware and in UTC, whatever the session's zone."""
        if value is None:
            return None
        # Nearly always it is in UTC, and a page has thousands of times.
        return value.astimezone(UTC) if value.utcoffset() else value.replace(tzinfo=UTC)


def _number() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # SQLite counts only INTEGER up


metadata = sa.MetaData(schema=SCHEMA)
jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("job_id", sa.Text, primary_key=True),
    sa.Column("known_since", Moment, nullable=False),
    sa.Column("trigger", sa.Text, nullable=False),
    sa.Column("paused_at", Moment),
    sa.Column("gone_at", Moment),
    sa.Column("doc", sa.Text),
    sa.Column("words", sa.Text),
    sa.Column("zone", sa.Text),
    sa.Column("grace", sa.Float),
    sa.Column("remarks", sa.JSON, key="surprises"),
    sa.Column("fires", sa.JSON),
    sa.Column("described_at", Moment),
)
runs = sa.Table(
    "runs",
    metadata,
    sa.Column("id", _number(), primary_key=True),
    sa.Column("job_id", sa.Text, nullable=False),
    sa.Column("scheduled_at", Moment, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("attempt", sa.Integer, nullable=False, default=1),
    sa.Column("count", sa.Integer, nullable=False, default=1),
    sa.Column("due_at", Moment),
    sa.Column("started_at", Moment),
    sa.Column("finished_at", Moment),
    sa.Column("error", sa.Text),
    sa.Column("clock_id", _number()),
    sa.UniqueConstraint("job_id", "scheduled_at", "kind", name="runs_once"),
    sa.Index("runs_state", "job_id", "state", "scheduled_at"),
    sa.Index("runs_scheduled_at", "scheduled_at"),
)
for column, condition in (
    (runs.c.clock_id, runs.c.state == "running"),
    (runs.c.due_at, runs.c.due_at.is_not(None)),
):
    name = f"runs_{column.name}"
    sa.Index(name, column, postgresql_where=condition, sqlite_where=condition)
clocks = sa.Table(
    "clocks",
    metadata,
    sa.Column("clock_id", _number(), primary_key=True),
    sa.Column("role", sa.Text, nullable=False, default="clock"),
    sa.Column("dyno", sa.Text),
    sa.Column("release", sa.Text),
    sa.Column("started_at", Moment, nullable=False),
    sa.Column("heartbeat_at", Moment, nullable=False),
    sa.Column("stopped_at", Moment),
    sa.Column("lost_at", Moment),
    sa.Column("paused", sa.Boolean, nullable=False),
    sa.Column("answered_at", Moment),
    sa.Column("silent", sa.Integer),
    sa.Column("workers", sa.Boolean),
)
roll = sa.Table("roll", metadata, sa.Column("called_at", Moment, primary_key=True))
version = sa.Table("version", metadata, sa.Column("number", sa.Integer, primary_key=True))


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
        known = sa.inspect(db).has_table(version.name, schema=SCHEMA)
        metadata.create_all(db)
        done = db.scalar(sa.select(version.c.number)) if known else None
        if done is None:
            db.execute(version.insert().values(number=len(STEPS)))
            db.execute(roll.insert().values(called_at=datetime.now(UTC)))
            return
        for step in STEPS[done:]:
            db.execute(sa.text(step))
        if done < len(STEPS):
            db.execute(version.update().values(number=len(STEPS)))


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
    for name in (table.name for table in metadata.sorted_tables):
        db.execute(sa.text(f"ALTER TABLE IF EXISTS clock_{name} SET SCHEMA {SCHEMA}"))
        db.execute(sa.text(f"ALTER TABLE IF EXISTS {SCHEMA}.clock_{name} RENAME TO {name}"))
