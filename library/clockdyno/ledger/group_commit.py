"""Group commit: what several threads want written at one moment is written for all of them at once.

Who comes while nothing is being written writes at once, and who comes meanwhile goes with the next.
Others are waited for, a moment, only where it is known that they come: so many were announced, or
several have just been written together, who come again. So a lone run waits for nobody, and a herd
takes a commit for each twenty ends, and for each twenty claims: whoever ends claims next, with the
others, so that the two kinds take turns.
"""

import threading
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from sqlalchemy.exc import TimeoutError

from clockdyno.ledger import outages

MOST = 100  # in one commit
MOMENT = 0.004  # seconds, since the last one came
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
        self.following: _Note | None = None
        self._turn = threading.Lock()
        self._turn.acquire()

    def wait(self) -> None:
        """Wait until it is written, or until it is this thread's turn to write."""
        self._turn.acquire()
        # One wakes the next: twenty at once would fight for the interpreter, and none would run.
        if self.following:
            self.following.wake()

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
        self._expected, self._announced = 0, 0.0  # how many are to come; when the last one came

    def expect(self, number: int) -> None:
        """Announce how many will write next, all at one moment."""
        with self._changed:
            self._expected, self._announced = number, time.monotonic()

    def write(self, write: Write, facts: Any) -> Any:
        """Have something written, and return what came of it; raise what made it fail."""
        mine = _Note(write, facts)
        with self._changed:
            self._notes.append(mine)
            now = time.monotonic()
            if now < self._until:
                self._until = now + MOMENT  # As one comes, so may the next.
            if self._expected:
                self.expect(self._expected - 1)
            mine.leads, self._is_led = not self._is_led, True
            if self._patience() <= 0:
                self._changed.notify_all()
        if not mine.leads:
            mine.wait()
        if mine.leads:
            self._lead(mine)
        if mine.error is not None:
            raise mine.error
        return mine.result

    def stand_back(self) -> None:
        """Wait a moment, if somebody writes just now, until nobody does."""
        with self._changed:
            self._changed.wait_for(lambda: not self._is_led, MOMENT)

    def _lead(self, mine: _Note) -> None:
        """Write until this thread's own note is written, then let somebody else go on."""
        try:
            while mine in self._notes:
                self._write_next(mine)
        finally:
            with self._changed:
                self._notes = [note for note in self._notes if note is not mine]
                following = self._notes[0] if self._notes else None
                self._is_led = following is not None
                if not self._is_led:
                    self._changed.notify_all()
            if following:
                following.leads = True
                following.wake()

    def _write_next(self, mine: _Note) -> None:
        """Write all there is of one kind; of another kind more may come of it."""
        notes: list[_Note] = []
        try:
            notes = self._gather()
            _write_some(notes)
        finally:
            with self._changed:
                self._together = max(len(notes) + len(self._notes), self._together - 1)
                self._until = time.monotonic() + MOMENT
            theirs = [note for note in notes if note is not mine]
            for note, after in pairwise(theirs):
                note.following = after
            if theirs:
                theirs[0].wake()

    def _gather(self) -> list[_Note]:
        with self._changed:
            while (left := self._patience()) > 0:
                self._changed.wait(left)
            write = min((note.write for note in self._notes), key=self._writes.index)
            notes = [note for note in self._notes if note.write == write][:MOST]
            self._notes = [note for note in self._notes if note not in notes]
            return notes

    def _patience(self) -> float:
        """Return for how many seconds more it is worth waiting for others."""
        now, number = time.monotonic(), len(self._notes)
        if number < MOST and self._expected and now < self._announced + MOMENT:
            return self._announced + MOMENT - now
        return self._until - now if number < self._together else 0


def _write_some(notes: Sequence[_Note]) -> None:
    try:
        results = notes[0].write([note.facts for note in notes])
    except Exception as error:
        if len(notes) > 1 and not outages.passes(error):
            for note in notes:  # One of them is to blame; the others are none the worse.
                _write_some([note])
            return
        for note in notes:
            note.error = error
    else:
        for note, result in zip(notes, results, strict=True):
            note.result, note.error = result, None
