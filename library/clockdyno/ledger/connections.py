"""The connection on which rows are written: the caller's own, in whose transaction they then are.

On PostgreSQL the tables stand in the app's database. On SQLite they are a file of their own, which
the caller's connection attaches; both files are then written by one transaction, and rolled back by
it. Only a machine that loses its power in mid-commit could leave one of the two behind.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from clockdyno.ledger import reports
from clockdyno.ledger.tables import SCHEMA

UNKNOWN = (
    "connection: {kind} is none of SQLAlchemy's Connection and Session, Flask-SQLAlchemy's "
    "db.session and psycopg's Connection"
)


@contextmanager
def use(given: Any, *, writes: bool = False) -> Iterator[sa.Connection]:
    """Give the caller's connection, which stays open; without one our own, in a transaction."""
    engine = reports.engine()  # With the tables in place.
    psycopg: Any = sys.modules.get("psycopg")
    if given is None:
        with engine.execution_options(writes=writes).begin() as db:
            yield db
    elif psycopg and isinstance(given, psycopg.Connection):
        yield from _of_psycopg(given)
    else:
        db = _of_sqlalchemy(given)
        if db.dialect.name == "sqlite":
            _attach(db, engine)
            if writes:
                # A reader that turns writer in mid-transaction would fail instead of waiting.
                db.execute(sa.text(f"DELETE FROM {SCHEMA}.roll WHERE 0"))
        yield db


def close() -> None:
    """Leave no connection of our own open."""
    for engine in reports._engines.values():
        engine.dispose()


def _of_sqlalchemy(given: Any) -> sa.Connection:
    if isinstance(given, sa.Connection):
        return given
    # A Session, or what stands for one, as Flask-SQLAlchemy's; no ORM is loaded to tell.
    if callable(getattr(given, "connection", None)):
        found = given.connection()
        if isinstance(found, sa.Connection):
            return found
    raise TypeError(UNKNOWN.format(kind=type(given).__name__))


def _attach(db: sa.Connection, engine: sa.Engine) -> None:
    names = {row.name for row in db.execute(sa.text("PRAGMA database_list"))}
    if SCHEMA not in names:
        db.exec_driver_sql(f"ATTACH ? AS {SCHEMA}", (engine.url.database,))


def _of_psycopg(given: Any) -> Iterator[sa.Connection]:
    """Speak through psycopg's connection, whose transaction is nobody's to end but its owner's."""
    from psycopg import rows as psycopg_rows

    options: dict[str, Any] = {"creator": lambda: given, "poolclass": sa.StaticPool}
    engine = sa.create_engine("postgresql+psycopg://", **options, pool_reset_on_return=None)
    dialect: Any = engine.dialect
    for name in ("do_rollback", "do_commit", "do_close", "do_terminate"):
        setattr(dialect, name, lambda *_: None)
    dialect.initialize = lambda *_: None
    kind, given.row_factory = given.row_factory, psycopg_rows.tuple_row
    try:
        with engine.connect() as db:
            yield db
    finally:
        given.row_factory = kind
