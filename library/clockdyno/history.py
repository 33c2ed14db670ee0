"""What ran, for a terminal: `python -m clockdyno history`."""

import argparse
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from clockdyno.ledger import orders, outputs, reports
from clockdyno.schedule import zones

ZONES = ("job", "mine")  # each job's own, and this machine's


def zone_name(text: str) -> str:
    """Return the zone that somebody means; argparse tells what is none."""
    if text.lower() in ZONES:
        return text.lower()
    try:
        return zones.find(text, name="--zone")
    except zones.UnknownZone as error:
        raise argparse.ArgumentTypeError(f"{error}. {error.hint}") from None


def rows(engine: sa.Engine, job: str | None, count: int, *, output: bool) -> list[dict[str, Any]]:
    """Return the newest runs, with the zone of their job and, if wanted, what they said."""
    found = [dict(row._mapping) for row in orders.history(engine, job, count)]
    with engine.connect() as db:
        zone_of = {one.job_id: one.zone for one in reports.names(db)}
        for row in found:
            row["zone"] = zone_of.get(row["job_id"], "UTC")
            if output:
                row["output"] = _said(db, row["id"])
    return found


def lines(found: Sequence[dict[str, Any]], zone: str) -> Iterator[str]:
    """Yield the lines of runs, each time with its zone."""
    for row in found:
        where = row["zone"] if zone == "job" else zone
        reason = f" ({row['reason']})" if row["reason"] else ""
        at = f"{_there(row['scheduled_at'], where):%Y-%m-%d %H:%M:%S %Z}"
        yield f"{at}  {row['job_id']}  {row['state']}{reason}"
        for line in row.get("output", ()):
            yield f"    {_there(line['at'], where):%H:%M:%S}  {line['level']:<7}  {line['text']}"


def _there(at: datetime, zone: str) -> datetime:
    return at.astimezone(None if zone == "mine" else ZoneInfo(zone))


def _said(db: sa.Connection, run: int) -> list[dict[str, Any]]:
    return [line._asdict() for said in reversed(outputs.of_run(db, run)) for line in said.lines]
