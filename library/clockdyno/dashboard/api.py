"""The dashboard's facts as JSON, for your own programs."""

from datetime import datetime, timedelta
from typing import Any

from clockdyno.ledger import outputs, reports, run_reports


def status(found: reports.Status) -> dict[str, Any]:
    """Return how the clock is."""
    clocks = [plain(clock) for clock in found.clocks]
    return {**plain(found), "clocks": clocks}


def job(found: reports.Job) -> dict[str, Any]:
    """Return a job, with its newest run in place of its last ones."""
    last = run(found.last[0]) if found.last else None
    return {**plain(found), "last": last}


def run(found: run_reports.Run) -> dict[str, Any]:
    """Return a run."""
    return {**plain(found), "late": _value(found.late), "took": _value(found.took)}


def output(found: outputs.Output) -> dict[str, Any]:
    """Return what an attempt said last."""
    return {**plain(found), "lines": [plain(line) for line in found.lines]}


def plain(facts: Any) -> dict[str, Any]:
    """Return what a row says, in what JSON has."""
    return {name: _value(value) for name, value in facts._asdict().items()}


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    return [_value(each) for each in value] if type(value) is list else value
