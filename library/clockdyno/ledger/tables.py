"""The tables of the ledger. Every column that ends in `_at` is aware and in UTC.

They stand in a schema of their own, which every statement names and what migrates the app's tables
does not see; on SQLite it is a file.

jobs: one row for each job that a clock has ever seen.
  job_id; known_since (no fire up to here is owed a row); trigger (its text, to notice an edit);
  paused_at; gone_at (no longer in jobs.py); and for people, written at start, hourly and after
  a change: doc (first line of the docstring), words, zone, grace (seconds late that a run may
  still start, NULL: any), remarks ([{code, text, fix}]), fires (the next 24 h, at least 5, at
  most 200, ISO in UTC), timeout (seconds; then each run has a process of its own),
  expected (seconds that a run should take at most), awaits (a run can be cancelled),
  described_at; failing_since (people were told that it failed then, and not yet that it works
  again).

runs: one row for each run, due or asked for; (job_id, scheduled_at, kind) is unique.
  kind: scheduled, manual (scheduled_at is the second in which it was asked for).
  state: running, succeeded, failed, missed, skipped, lost; requested (a manual run not begun).
  reason: late, coalesced (missed); overlap, waiting, deleted (skipped); timeout, error, died,
  ended (by hand: failed); stopped, silent (lost). attempt: 1, 2, ...; count: how many fires the
  row stands for (1, more only where missed). due_at: a further attempt (or the first of a manual
  run) is due then.
  started_at, finished_at, error (end of the traceback), clock_id (who ran it last), exceeded (the
  expected seconds, where it took longer).

clocks: one row for each process that runs jobs.
  clock_id, role (clock), dyno, release, started_at, heartbeat_at (by the database's clock, every
  10 s), stopped_at (it ended well), lost_at (it fell silent), paused (CLOCK_PAUSED is set);
  answered_at (its heartbeat at the last roll call), silent (calls since without a new one);
  workers (it hands runs over); told (how many pings and alerts it has sent, and how many failed).

outputs: one row for each attempt of a run that said anything; (run_id, attempt) is unique.
  job_id, said (how many lines), size (characters of those that are kept), lines ([[ms since
  1970, level, text]], the last ones; level: logging's, or out and err for what was printed).

attempts: how an earlier attempt of a run ended, kept when a further one begins; columns as in runs.

orders: one row for each thing that somebody asked for: at, who (as they say), what (run, again,
  stop, see; pause, resume, delete), job_id (of a schedule, too; "~": of all of them), run_id,
  attempt (of the run, when it was asked for).

roll: one row: called_at, when one of them last called the roll; see presence.py.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

SCHEMA = "clockdyno"

MOST_TOLD = 200  # fires of a job that are written down ahead


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
        # Nearly always it is in UTC as it comes, and a page has thousands of times.
        if value.tzinfo is None:
            return value.replace(tzinfo=UTC)
        return value.astimezone(UTC) if value.utcoffset() else value


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
    sa.Column("timeout", sa.Float),
    sa.Column("expected", sa.Float),
    sa.Column("failing_since", Moment),
    sa.Column("awaits", sa.Boolean),
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
    sa.Column("exceeded", sa.Float),
    sa.UniqueConstraint("job_id", "scheduled_at", "kind", name="runs_once"),
    sa.Index("runs_state", "job_id", "state", "scheduled_at"),
    sa.Index("runs_scheduled_at", "scheduled_at"),
)
for column, condition in (
    (runs.c.clock_id, runs.c.state == "running"),
    (runs.c.due_at, runs.c.due_at.is_not(None)),
):
    name = f"runs_{column.name}"
    sa.Index(name, column, info={"where": condition})
_failed = runs.c.error.is_not(None)
runs_with_error = sa.Index("runs_with_error", runs.c.scheduled_at, info={"where": _failed})
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
    sa.Column("told", sa.JSON),
)
outputs = sa.Table(
    "outputs",
    metadata,
    sa.Column("run_id", _number(), primary_key=True, autoincrement=False),
    sa.Column("attempt", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("job_id", sa.Text, nullable=False),
    sa.Column("said", sa.Integer, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("lines", sa.JSON, nullable=False),
)
attempts = sa.Table(
    "attempts",
    metadata,
    sa.Column("run_id", _number(), primary_key=True, autoincrement=False),
    sa.Column("attempt", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("started_at", Moment),
    sa.Column("finished_at", Moment),
    sa.Column("error", sa.Text),
    sa.Column("clock_id", _number()),
)
orders = sa.Table(
    "orders",
    metadata,
    sa.Column("id", _number(), primary_key=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("who", sa.Text),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("job_id", sa.Text, nullable=False),
    sa.Column("run_id", _number(), index=True),
    sa.Column("attempt", sa.Integer),
    sa.Index("orders_job", "job_id", "what", "at"),
)
roll = sa.Table("roll", metadata, sa.Column("called_at", Moment, primary_key=True))
version = sa.Table("version", metadata, sa.Column("number", sa.Integer, primary_key=True))


def limit_indexes(dialect: str) -> None:
    """Let indexes be of the rows that they are for.

    Not where they are made: to name a dialect loads it, and each takes megabytes.
    """
    for table in metadata.tables.values():
        for index in table.indexes:
            if "where" in index.info:
                index.dialect_options[dialect]["where"] = index.info["where"]
