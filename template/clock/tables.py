"""The tables of the ledger. Every column that ends in `_at` is aware and in UTC.

clock_jobs: one row for each job that a clock has ever seen.
  job_id; known_since (no fire up to here is owed a row); trigger (its text, to notice an edit);
  paused_at; gone_at (no longer in jobs.py); and for people, written at start, hourly and after
  a change: doc (first line of the docstring), words, zone, grace (seconds late that a run may
  still start, NULL: any), remarks ([{code, text, fix}]), fires (the next 24 h, at least 5, at
  most 200, ISO in UTC), described_at.

clock_runs: one row for each run, due or asked for; (job_id, scheduled_at, kind) is unique.
  kind: scheduled, manual (scheduled_at is the second in which it was asked for).
  state: running, succeeded, failed, missed, skipped, lost; requested (a manual run not begun).
  reason: late, coalesced (missed); overlap (skipped); timeout, error, died (failed);
  stopped, silent (lost). attempt: 1, 2, ...; count: how many fires the row stands for (1, more
  only where missed). due_at: a further attempt (or the first of a manual run) is due then.
  started_at, finished_at, error (end of the traceback), clock_id (who ran it last).

clock_clocks: one row for each process that runs jobs.
  clock_id, role (clock), dyno, release, started_at, heartbeat_at (by the database's clock, every
  10 s), stopped_at (it ended well), lost_at (it fell silent), paused (CLOCK_PAUSED is set);
  answered_at (its heartbeat at the last roll call), silent (calls since without a new one).

clock_roll: one row: called_at, when one of them last called the roll; see presence.py.
"""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect, make_url

PROJECT = Path(__file__).parents[1]
# Steps from one version of the tables to the next, as SQL. Only add (columns that may be NULL,
# tables, indexes): during a deploy the old clock still works on the new tables.
STEPS: tuple[str, ...] = (
    "ALTER TABLE clock_clocks ADD COLUMN answered_at TIMESTAMP WITH TIME ZONE",
    "ALTER TABLE clock_clocks ADD COLUMN silent INTEGER",
    "INSERT INTO clock_roll (called_at) VALUES (CURRENT_TIMESTAMP)",
)

MOST_TOLD = 200  # fires of a job that are written down ahead
NOT_SHARED = "no shared database: what ran is forgotten at each restart"
MEND = "heroku addons:create heroku-postgresql:essential-0"


class WrongDatabase(ValueError):
    """DATABASE_URL names a kind of database that the clock does not know."""


def is_shared() -> bool:
    """Say whether the ledger outlives this dyno; on a laptop, a file is all that it takes."""
    return not os.environ.get("DYNO") or bool(os.environ.get("DATABASE_URL"))


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


metadata = sa.MetaData()
jobs = sa.Table(
    "clock_jobs",
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
    sa.Column("remarks", sa.JSON),
    sa.Column("fires", sa.JSON),
    sa.Column("described_at", Moment),
)
runs = sa.Table(
    "clock_runs",
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
    sa.UniqueConstraint("job_id", "scheduled_at", "kind", name="clock_runs_once"),
    sa.Index("clock_runs_state", "job_id", "state", "scheduled_at"),
    sa.Index("clock_runs_scheduled_at", "scheduled_at"),
)
for column, condition in (
    (runs.c.clock_id, runs.c.state == "running"),
    (runs.c.due_at, runs.c.due_at.is_not(None)),
):
    name = f"clock_runs_{column.name}"
    sa.Index(name, column, postgresql_where=condition, sqlite_where=condition)
clocks = sa.Table(
    "clock_clocks",
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
)
roll = sa.Table("clock_roll", metadata, sa.Column("called_at", Moment, primary_key=True))
version = sa.Table("clock_version", metadata, sa.Column("number", sa.Integer, primary_key=True))


def connect(url: str | None = None, **options: Any) -> sa.Engine:
    """Return the engine for DATABASE_URL, or for a SQLite file beside jobs.py."""
    url = url or os.environ.get("DATABASE_URL") or f"sqlite:///{PROJECT / 'clock.sqlite3'}"
    kind, colon, rest = url.partition(":")
    if kind in ("postgres", "postgresql"):
        kind = "postgresql+psycopg"
    parsed = make_url(kind + colon + rest)
    if parsed.get_backend_name() not in ("postgresql", "sqlite"):
        raise WrongDatabase("DATABASE_URL is neither PostgreSQL nor SQLite: unset it or change it.")
    make = _sqlite if parsed.get_backend_name() == "sqlite" else _postgres
    return make(parsed, options)


def _postgres(url: sa.URL, options: dict[str, Any]) -> sa.Engine:
    # No server-side prepared statements: a transaction pooler gives each transaction another
    # session. The rest notices a server that is gone without a word.
    settings: dict[str, Any] = {"prepare_threshold": None, "connect_timeout": 5}
    settings |= {"keepalives_idle": 10, "keepalives_interval": 5, "tcp_user_timeout": 20_000}
    options = {"pool_size": 2, "max_overflow": 0, **options}
    return sa.create_engine(url, connect_args=settings, **options)


def _sqlite(url: sa.URL, options: dict[str, Any]) -> sa.Engine:
    # One connection: threads queue for it fairly, which SQLite's own waiting does not do.
    wait = {"timeout": 10}
    engine = sa.create_engine(url, pool_size=1, max_overflow=0, connect_args=wait, **options)

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # We say BEGIN ourselves.
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        # A reader that turns writer in mid-transaction would fail at once instead of waiting.
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def set_up(engine: sa.Engine) -> None:
    """Make the tables, or bring those of an earlier version up to date; safe to repeat."""
    with engine.execution_options(writes=True).begin() as db:
        if db.dialect.name == "postgresql":
            db.execute(sa.text("SELECT pg_advisory_xact_lock(20270105)"))
        known = sa.inspect(db).has_table("clock_version")
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
