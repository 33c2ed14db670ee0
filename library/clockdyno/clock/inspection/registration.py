"""The tasks of jobs.py, entered before a clock of this deploy has started."""

import contextlib

import sqlalchemy as sa

from clockdyno.clock.inspection import loading
from clockdyno.ledger import due


def register_tasks(engine: sa.Engine) -> None:
    """Let the web process of this deploy name them; nothing is said of those that are gone."""
    with contextlib.suppress(Exception, SystemExit):  # What is wrong with it, `check` tells.
        found = [task.row() for task in loading.load().tasks.values()]
        with engine.execution_options(writes=True).begin() as db:
            due.register(db, found)
