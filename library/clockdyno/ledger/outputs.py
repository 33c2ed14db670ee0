"""What runs said last: a row for each attempt that said anything, bounded for all together."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from clockdyno.ledger.dialects import insert
from clockdyno.ledger.tables import outputs

MOST = 64_000_000  # characters of all together; each job has an equal part of them


class Line(NamedTuple):
    """A line; level: that of logging, or "out" and "err" for what was printed."""

    at: datetime
    level: str
    text: str


class Output(NamedTuple):
    """The last lines of an attempt, and how many there were."""

    attempt: int
    said: int
    lines: list[Line]


def write(db: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write what attempts have said, in place of what they had said before."""
    new_row = insert(db, outputs)
    new = {name: new_row.excluded[name] for name in ("said", "size", "lines")}
    key = [outputs.c.run_id, outputs.c.attempt]
    if rows:
        db.execute(new_row.on_conflict_do_update(index_elements=key, set_=new), rows)


def of_run(db: sa.Connection, run: int) -> list[Output]:
    """Return what the attempts of a run said, the last one first."""
    c = outputs.c
    found = sa.select(c.attempt, c.said, c.lines).where(c.run_id == run)
    return [
        Output(row.attempt, row.said, [_line(*line) for line in row.lines])
        for row in db.execute(found.order_by(c.attempt.desc()))
    ]


def count(db: sa.Connection) -> dict[str, int]:
    """Return of how many attempts something is kept, and how many characters that is."""
    c = outputs.c
    total = sa.func.coalesce(sa.func.sum(c.size), 0)
    kept, characters = db.execute(sa.select(sa.func.count(c.run_id), total)).one()
    return {"kept": int(kept), "characters": int(characters)}


def make_room(db: sa.Connection) -> int:
    """Delete the oldest of those jobs that have more than their part; return how many."""
    c = outputs.c
    newest = [c.run_id.desc(), c.attempt.desc()]
    sum_up_to_here = sa.func.sum(c.size).over(partition_by=c.job_id, order_by=newest)
    sums = sa.select(c.run_id, c.attempt, sum_up_to_here.label("sum"))
    jobs = db.scalar(sa.select(sa.func.count(c.job_id.distinct()))) or 1
    many = sums.subquery()
    old = sa.select(many.c.run_id, many.c.attempt).where(many.c.sum > MOST // jobs)
    return db.execute(outputs.delete().where(sa.tuple_(c.run_id, c.attempt).in_(old))).rowcount


def _line(at: int, level: str, text: str) -> Line:
    return Line(datetime.fromtimestamp(at / 1000, UTC), level, text)
