"""INSERT as the ledger's database has it: with ON CONFLICT, which SQLAlchemy leaves to dialects."""

from typing import Any

import sqlalchemy as sa


def insert(db: sa.Connection | sa.Engine, table: sa.Table) -> Any:
    """Return an INSERT; only the dialect that is needed is loaded, for each takes megabytes."""
    if db.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table)
