"""The last lines of a run, in bounded memory, however much it says and in whatever pieces.

To add a piece costs a fraction of a microsecond; what it means is settled later, by the way.
"""

import re
import threading
import time
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from clockdyno import logs, masks, texts

LINES, ROOM = 200, 16_000  # that are shown: lines, and characters
KEPT = 2 * ROOM  # so that a secret which the cut goes through is seen whole
PIECES, LONG = 4000, 200  # not settled yet, at most: pieces, and the characters of each
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class Line(NamedTuple):
    """A line: when, in milliseconds since 1970; its level, or "out" and "err" where printed."""

    at: int
    level: str
    text: str


Piece = tuple[float, str, str]  # when, level, text


class Tail:
    """What one attempt of a run has said last; any number of threads may add to it."""

    def __init__(self, job: str, run: int, attempt: int) -> None:
        self.job, self.run, self.attempt = job, run, attempt
        self.count = 0  # lines that it ended
        self.last_record: object = None  # of logging, which may come by two ways
        self.pieces: deque[Piece] = deque()
        self._room = 0
        self._whole: deque[Line] = deque()
        self._begun: dict[str, tuple[float, list[str]]] = {}
        self._settling = threading.Lock()

    def add(self, level: str, text: str) -> None:
        """Take a piece of text, which may be a part of a line or a million of them."""
        self.pieces.append((time.time(), level, text))
        if len(text) > LONG or len(self.pieces) > PIECES:
            self.settle()

    @property
    def state(self) -> tuple[int, int]:
        """Return what differs after anything was added."""
        self.settle()
        return self.count, sum(len(part) for _, parts in self._begun.values() for part in parts)

    def lines(self) -> list[Line]:
        """Return the last lines, without secrets and fit for databases and pages."""
        self.settle()
        with self._settling:
            begun = [
                Line(int(at * 1000), level, "".join(parts))
                for level, (at, parts) in self._begun.items()
            ]
            lines, is_cut = [*self._whole, *begun], self.count > len(self._whole)
        masked = masks.masked("\n".join(line.text for line in lines))
        is_cut |= any(len(line.text) >= KEPT for line in lines)
        # What is left of a secret that the cut went through goes, too.
        shown = COLOURS.sub("", masked[masks.longest() :] if is_cut else masked).split("\n")
        # A secret of several lines is one now: the last of both are the same.
        found: list[Line] = []
        for line, text in zip(reversed(lines), reversed(shown), strict=False):
            found += reversed(_shown(line, text))
        return _last(found)[::-1]

    def settle(self) -> None:
        """Make lines of the pieces. Who finds another one at it leaves them: nobody waits."""
        if not self._settling.acquire(blocking=False):
            return
        try:
            pieces = [self.pieces.popleft() for _ in range(len(self.pieces))]
            for at, level, parts in _joined(self._newest(pieces)):
                self._take(at, level, "".join(parts))
            for level, (at, parts) in self._begun.items():
                self._begun[level] = at, ["".join(parts)[-KEPT:]]
        finally:
            self._settling.release()

    def _newest(self, pieces: list[Piece]) -> list[Piece]:
        """Return the pieces that matter; of a flood the older ones are only counted."""
        ends = 0
        for n in range(len(pieces) - 1, 0, -1):
            ends += pieces[n][2].count("\n")
            if ends > 2 * LINES:
                self.count += "".join(text for _, _, text in pieces[:n]).count("\n")
                self._begun.clear()
                return pieces[n:]
        return pieces

    def _take(self, at: float, level: str, text: str) -> None:
        began, parts = self._begun.pop(level, (at, []))
        if len(text) > KEPT:
            self.count += text.count("\n", 0, -KEPT)
            parts, text = [], text[-KEPT:]
        *ends, rest = text.split("\n")
        if ends:
            self._append(began, level, "".join([*parts, ends[0]])[-KEPT:])
            for end in ends[1:]:
                self._append(at, level, end)
            began, parts = at, []
        if rest or parts:
            parts.append(rest)
            self._begun[level] = began, parts

    def _append(self, at: float, level: str, text: str) -> None:
        self.count += 1
        self._room += len(text)
        self._whole.append(Line(int(at * 1000), level, text))
        while len(self._whole) > 2 * LINES or self._room > KEPT + len(text):
            self._room -= len(self._whole.popleft().text)


def _joined(pieces: list[Piece]) -> Iterator[tuple[float, str, list[str]]]:
    """Put pieces together that were said in one way within a millisecond."""
    since, way, parts = 0.0, "", list[str]()
    for at, level, text in pieces:
        if level is not way or at - since > 0.001:
            yield since, way, parts
            since, way, parts = at, level, []
        parts.append(text)
    yield since, way, parts


def _shown(line: Line, text: str) -> list[Line]:
    """Return a line as a terminal would show it; one of our own log is read back."""
    text = text.rstrip("\r").rpartition("\r")[2]
    level, told = line.level, [text]
    if level in ("out", "err") and (read := logs.read(text)):
        level, told = read[0].upper(), read[1].split("\n")
    return [Line(line.at, level, texts.fit(one[-ROOM:], ROOM)) for one in told]


def _last(lines: list[Line]) -> list[Line]:
    """Return as many as there is room for, of lines in any order."""
    room = ROOM
    for n, line in enumerate(lines):
        room -= len(line.text)
        if room < 0 or n == LINES:
            return lines[:n] or lines[:1]
    return lines
