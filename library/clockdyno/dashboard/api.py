"""The dashboard's facts as JSON, for your own programs."""

from datetime import datetime, timedelta
from typing import Any

from clockdyno.ledger import outputs, reports


def status(found: reports.Status) -> dict[str, Any]:
    """Return how the clock is."""
    clocks = [_plain(clock._asdict()) for clock in found.clocks]
    return {**_plain(found._asdict()), "clocks": clocks}


def job(found: reports.Job) -> dict[str, Any]:
    """Return a job, with its newest run in place of its last ones."""
    last = run(found.last[0]) if found.last else None
    return {**_plain(found._asdict()), "last": last}


def run(found: reports.Run) -> dict[str, Any]:
    """Return a run."""
    return _plain({**found._asdict(), "late": found.late, "took": found.took})


def output(found: outputs.Output) -> dict[str, Any]:
    """Return what an attempt said last."""
    return {**_plain(found._asdict()), "lines": [_plain(line._asdict()) for line in found.lines]}


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: _value(value) for name, value in facts.items()}


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    return [_value(each) for each in value] if type(value) is list else value
