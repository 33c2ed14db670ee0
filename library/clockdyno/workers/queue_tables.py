"""The tables of the queue: those of the installed Procrastinate, in the ledger's schema.

Procrastinate names no schema. Its tables are made while the schema is the transaction's own, its
functions look there by themselves, and its statements are given the name on their way.
"""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from procrastinate import SyncPsycopgConnector
from procrastinate.schema import SchemaManager

from clockdyno.ledger.tables import SCHEMA

INDEX = f"""
CREATE INDEX IF NOT EXISTS runs_requested ON {SCHEMA}.runs (scheduled_at) WHERE state = 'requested'
"""
# The file names of Procrastinate's migrations; the last one says how far they have come.
VERSION = f"CREATE TABLE IF NOT EXISTS {SCHEMA}.queue_version (migration text PRIMARY KEY)"
DONE = sa.text(f"SELECT max(migration) FROM {SCHEMA}.queue_version")
NOTE = sa.text(f"INSERT INTO {SCHEMA}.queue_version VALUES (:migration)")
LOOK_HERE = f"""
DO $$ DECLARE each regprocedure; BEGIN
    FOR each IN SELECT oid FROM pg_proc WHERE pronamespace = '{SCHEMA}'::regnamespace LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = {SCHEMA}', each);
    END LOOP;
END $$
"""


def set_up(engine: sa.Engine) -> None:
    """Make them, or bring them up to date, once, whoever else does the same at this moment."""
    with engine.begin() as db:
        db.execute(sa.text("SELECT pg_advisory_xact_lock(20270106)"))
        db.execute(sa.text(INDEX))
        db.execute(sa.text(VERSION))
    while _step(engine):
        pass


def _step(engine: sa.Engine) -> bool:
    """Take the next step, in a transaction of its own; say whether there was one."""
    with engine.begin() as db:
        db.execute(sa.text("SELECT pg_advisory_xact_lock(20270106)"))
        done, files = db.scalar(DONE), _migrations()
        if done is None:
            step, script = files[-1].name, SchemaManager.get_schema()
        else:
            following = next((file for file in _wanted(files) if file.name > done), None)
            if following is None:
                return False
            step, script = following.name, following.read_text(encoding="utf-8")
        db.execute(sa.text(f"SET LOCAL search_path = {SCHEMA}"))
        db.connection.cursor().execute(script)
        db.execute(sa.text(LOOK_HERE))
        db.execute(NOTE, {"migration": step})
        return True


def _migrations() -> list[Path]:
    return sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))


def _wanted(files: list[Path]) -> list[Path]:
    """Leave out what only tidies up after the last version: until the next, it may come back."""
    while "_post_" in files[-1].name:
        files = files[:-1]
    return files


@lru_cache
def ours(statement: str) -> str:
    """Return one of Procrastinate's statements with the schema's name in it."""
    return re.sub(r"\bprocrastinate_", f"{SCHEMA}.procrastinate_", statement)


class Connector(SyncPsycopgConnector):
    """What the clock's statements go through, on the connection of its own transaction."""

    def execute_query_all_with_connection(
        self, connection: Any, query: Any, **arguments: Any
    ) -> list[dict[str, Any]]:
        """Execute a statement of Procrastinate's in our schema."""
        return super().execute_query_all_with_connection(connection, ours(query), **arguments)
