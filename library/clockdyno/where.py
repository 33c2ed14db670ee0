"""Where jobs run: on the clock's own dyno. The clock, `setup` and the dashboard ask here."""

from typing import Any

import sqlalchemy as sa


def executor() -> Any:
    """Return what the clock hands the runs to."""
    from clockdyno.clock.executor import RunExecutor

    return RunExecutor()


def set_up(engine: sa.Engine) -> None:
    """Make the tables that this takes beside the ledger's: none."""


def facts(db: sa.Connection) -> dict[str, dict[str, int]]:
    """Count what people want to know of this beside the clock: nothing."""
    return {}


def problem(facts: dict[str, dict[str, int]]) -> str:
    """Say why runs stay undone although the clock is up, and what to do."""
    return ""
