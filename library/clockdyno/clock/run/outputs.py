"""Brings what runs say into the ledger: every two seconds, a few rows at a time."""

import os
from typing import Any

import sqlalchemy as sa

from clockdyno.clock.run.tail import Tail
from clockdyno.ledger import outputs

MOST = 500  # runs that are over and not yet written: while the database is away, say
BATCH = 50
OFTEN = 8_000_000  # characters that one process writes before it looks whether there is room


class Outputs:
    """The tails of the runs of this process. RUN_OUTPUT=0 keeps none."""

    def __init__(self) -> None:
        self._is_on = os.environ.get("RUN_OUTPUT", "1") != "0"
        self._going: dict[Tail, tuple[int, int]] = {}
        self._over: dict[Tail, tuple[int, int]] = {}
        self._written = 0

    def begin(self, job: str, run: int, attempt: int) -> Tail | None:
        """Return where to keep what an attempt of a run says, if that is wanted."""
        if not self._is_on:
            return None
        tail = Tail(job, run, attempt)
        self._going[tail] = (0, 0)
        return tail

    def end(self, tail: Tail | None) -> None:
        """Write, soon, what the attempt said last."""
        if tail is None:
            return
        written = self._going.pop(tail)
        if tail.state != written:
            self._over[tail] = written
        while len(self._over) > MOST:
            self._over.pop(next(iter(self._over)), None)

    def flush(self, writer: sa.Engine) -> None:
        """Write what is new; what cannot be written now is tried again the next time."""
        for kept in (self._over, self._going):
            new = [(tail, tail.state) for tail, before in [*kept.items()] if tail.state != before]
            for start in range(0, len(new), BATCH):
                batch = new[start : start + BATCH]
                rows = [_row(tail) for tail, _ in batch]
                with writer.begin() as db:
                    outputs.write(db, rows)
                    self._written += sum(row["size"] for row in rows)
                    if self._written > OFTEN:
                        self._written = 0
                        outputs.make_room(db)
                for tail, state in batch:
                    if kept is self._over:
                        del kept[tail]
                    elif tail in kept:
                        kept[tail] = state


def _row(tail: Tail) -> dict[str, Any]:
    lines = tail.lines()
    size = sum(len(line.text) for line in lines)
    place = {"job_id": tail.job, "run_id": tail.run, "attempt": tail.attempt}
    return {**place, "said": tail.count, "size": size, "lines": lines}
