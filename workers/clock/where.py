"""Where jobs run: on worker dynos. The clock, `setup` and the dashboard ask here."""

from typing import Any

import sqlalchemy as sa


def executor() -> Any:
    """Return what the clock hands the runs to."""
    from clock.executor import RunExecutor

    return RunExecutor()


def set_up(engine: sa.Engine) -> None:
    """Make the tables of the queue."""


def facts(db: sa.Connection) -> dict[str, int]:
    """Count the runs that wait for a worker, and the workers that are up."""
    return {"waiting": 0, "workers": 0}
