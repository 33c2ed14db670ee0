"""Who reads SQLite and then writes in one transaction has begun as a writer.

Two that had begun as readers would each wait for the other, and SQLite would end one of them.
"""

import sys
from typing import Any

import sqlalchemy as sa

READS, WRITES = ("SELECT", "WITH"), ("INSERT", "UPDATE", "DELETE")
IS = "what this transaction is so far"
BECOMES_ONE = "WHERE 0"  # By this a transaction of somebody else's becomes a writer.


@sa.event.listens_for(sa.Engine, "begin")
def begin(connection: sa.Connection) -> None:
    connection.info[IS] = "writer" if connection.get_execution_options().get("writes") else "new"


@sa.event.listens_for(sa.Engine, "before_cursor_execute")
def judge(connection: sa.Connection, cursor: Any, statement: str, *_: Any) -> None:
    if connection.dialect.name != "sqlite":
        return
    is_so_far, begins = connection.info.get(IS, "new"), statement.lstrip()
    if begins.startswith(READS) and is_so_far == "new":
        connection.info[IS] = "reader"
    elif begins.startswith(WRITES):
        ours = is_so_far == "reader" and BECOMES_ONE not in statement and _is_by_the_library()
        assert not ours, f"It did not begin as a writer: {statement}"
        connection.info[IS] = "writer"


def _is_by_the_library() -> bool:
    """Say who has called SQLAlchemy: the library, or a test that fills a ledger."""
    frame: Any = sys._getframe(2)
    while frame.f_globals["__name__"].startswith("sqlalchemy"):
        frame = frame.f_back
    return bool(frame.f_globals["__name__"].startswith("clockdyno"))
