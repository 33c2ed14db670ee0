"""Group commit: what several threads want written at one moment is written for all of them at once.

Who comes while nothing is being written writes at once, and who comes meanwhile goes with the next.
Only where several have just been written together are as many waited for, a moment: they come
again. So a lone run waits for nobody, and a herd takes a commit for each twenty.
"""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy.exc import TimeoutError

from clockdyno.ledger import outages

MOST = 100  # in one commit
MOMENT = 0.004  # seconds
Write = Callable[[Sequence[Any]], Sequence[Any]]


class Interrupted(TimeoutError):
    """Who wrote for others was interrupted: a new try may find it written."""


class _Note:
    """What one thread wants written, and what came of it."""

    def __init__(self, write: Write, facts: Any) -> None:
        self.write, self.facts = write, facts
        self.leads = False
        self.result: Any = None
        self.error: BaseException | None = Interrupted("interrupted while it was written")
        self._turn = threading.Lock()
        self._turn.acquire()

    def wait(self) -> None:
        """Wait until it is written, or until it is this thread's turn to write."""
        self._turn.acquire()

    def wake(self) -> None:
        """End its wait."""
        self._turn.release()


class GroupCommit:
    """Lets one thread at a time write for all that wait, each kind in a transaction of its own."""

    def __init__(self, *writes: Write) -> None:
        """Take what writes each kind, in this order."""
        self._writes = writes
        self._notes: list[_Note] = []
        self._changed = threading.Condition()
        self._is_led = False
        self._together, self._until = 1, 0.0  # how many, lately; and until when to wait

    def write(self, write: Write, facts: Any) -> Any:
        """Have something written, and return what came of it; raise what made it fail."""
        mine = _Note(write, facts)
        with self._changed:
            self._notes.append(mine)
            mine.leads, self._is_led = not self._is_led, True
            if self._are_all_there():
                self._changed.notify()
        if not mine.leads:
            mine.wait()
        if mine.leads:
            self._lead()
        if mine.error is not None:
            raise mine.error
        return mine.result

    def _lead(self) -> None:
        """Write what there is, then let somebody else go on."""
        notes: list[_Note] = []
        try:
            notes = self._gather()
            for write in self._writes:
                _write_some(write, [note for note in notes if note.write == write])
        finally:
            with self._changed:
                self._together = max(len(notes), self._together - 1)
                self._until = time.monotonic() + MOMENT
                following = self._notes[0] if self._notes else None
                self._is_led = following is not None
            for note in notes:
                note.wake()
            if following:
                following.leads = True
                following.wake()

    def _gather(self) -> list[_Note]:
        with self._changed:
            if (moment := self._until - time.monotonic()) > 0:
                self._changed.wait_for(self._are_all_there, moment)
            notes, self._notes = self._notes[:MOST], self._notes[MOST:]
            return notes

    def _are_all_there(self) -> bool:
        return len(self._notes) >= self._together


def _write_some(write: Write, notes: Sequence[_Note]) -> None:
    if not notes:
        return
    try:
        results = write([note.facts for note in notes])
    except Exception as error:
        if len(notes) > 1 and not outages.passes(error):
            for note in notes:  # One of them is to blame; the others are none the worse.
                _write_some(write, [note])
            return
        for note in notes:
            note.error = error
    else:
        for note, result in zip(notes, results, strict=True):
            note.result, note.error = result, None
