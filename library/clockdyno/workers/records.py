"""A worker's ledger: the beginnings and ends of several runs are written in one statement."""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from clockdyno.ledger import outages
from clockdyno.ledger.claims import Claim, Ledger

MOST = 100
GATHER = 0.004  # seconds: one commit for several runs spares more than it delays
# Repeated after a lost answer it says the same again: our own row is as good as a free one.
BEGIN = sa.text(
    """
    UPDATE clockdyno.runs SET state = 'running', clock_id = :me, started_at = :now
    FROM unnest(cast(:runs AS bigint[]), cast(:attempts AS integer[])) AS begun (run, number)
    WHERE id = run AND attempt = number AND due_at IS NULL
        AND (state = 'requested' OR (state = 'running' AND clock_id = :me))
        AND EXISTS (SELECT FROM clockdyno.clocks WHERE clock_id = :me AND lost_at IS NULL)
    RETURNING run, number
    """
)
END = sa.text(
    """
    UPDATE clockdyno.runs
    SET state = ended, reason = why, error = text, finished_at = until, due_at = again
    FROM unnest(cast(:runs AS bigint[]), cast(:attempts AS integer[]), cast(:clocks AS bigint[]),
        cast(:states AS text[]), cast(:reasons AS text[]), cast(:errors AS text[]),
        cast(:untils AS timestamptz[]), cast(:dues AS timestamptz[]))
        AS over (run, number, whose, ended, why, text, until, again)
    WHERE id = run AND attempt = number AND clock_id = whose AND state = 'running'
    RETURNING run, number
    """
)


class _Note(NamedTuple):
    write: Callable[[Sequence[Any]], Any]
    facts: Any
    done: Future[Any]


class Records(Ledger):
    """The ledger as a worker writes it: a thread takes what has gathered meanwhile."""

    role = "worker"

    def __init__(self, engine: sa.Engine) -> None:
        super().__init__(engine)
        self._notes: queue.SimpleQueue[_Note] = queue.SimpleQueue()
        threading.Thread(target=self._write_all, name="records", daemon=True).start()

    def begin(self, run: int, attempt: int) -> Claim | None:
        """Write that a run begins; None if it is another's, over, or no longer wanted."""
        found: Claim | None = self._note(self._begin_all, (run, attempt))
        return found

    def beat(self) -> bool:
        """Say that this worker lives, in its turn: one connection has to do."""
        return bool(self._note(self._beat_all, None))

    def finish(self, claim: Claim, **values: Any) -> bool:
        """Write how a run ended; False if it had been declared lost in the meantime."""
        return bool(self._note(self._end_all, (claim, values)))

    def _note(self, write: Callable[[Sequence[Any]], Any], facts: Any) -> Any:
        note = _Note(write, facts, Future())
        self._notes.put(note)
        return note.done.result()

    def _write_all(self) -> None:
        while True:
            notes = [self._notes.get()]
            time.sleep(GATHER)
            while not self._notes.empty() and len(notes) < MOST:
                notes.append(self._notes.get())
            for write in (self._end_all, self._begin_all, self._beat_all):
                self._write_some(write, [note for note in notes if note.write == write])

    def _write_some(self, write: Callable[[Sequence[Any]], Any], notes: Sequence[_Note]) -> None:
        if not notes:
            return
        try:
            results = write([note.facts for note in notes])
        except Exception as error:
            if len(notes) > 1 and not outages.passes(error):
                for note in notes:  # One of them is to blame; the others are none the worse.
                    self._write_some(write, [note])
                return
            for note in notes:
                note.done.set_exception(error)
        else:
            for note, result in zip(notes, results, strict=True):
                note.done.set_result(result)

    def _begin_all(self, wanted: Sequence[tuple[int, int]]) -> list[Claim | None]:
        me, (ids, attempts) = self.clock_id, zip(*wanted, strict=True)
        values = {"me": me, "now": datetime.now(UTC), "runs": [*ids], "attempts": [*attempts]}
        with self._single.begin() as db:
            begun = set(map(tuple, db.execute(BEGIN, values)))
        return [Claim("won", *each, me) if each in begun else None for each in wanted]

    def _beat_all(self, asked: Sequence[None]) -> list[bool]:
        alive = super().beat()
        return [alive for _ in asked]

    def _end_all(self, ends: Sequence[tuple[Claim, dict[str, Any]]]) -> list[bool]:
        columns: dict[str, list[Any]] = {
            "runs": [claim.run_id for claim, _ in ends],
            "attempts": [claim.attempt for claim, _ in ends],
            "clocks": [claim.clock_id for claim, _ in ends],
        }
        for name, key in (
            *(("states", "state"), ("reasons", "reason"), ("errors", "error")),
            *(("untils", "finished_at"), ("dues", "due_at")),
        ):
            columns[name] = [values.get(key) for _, values in ends]
        with self._single.begin() as db:
            found = set(map(tuple, db.execute(END, columns)))
        return [(claim.run_id, claim.attempt) in found for claim, _ in ends]
