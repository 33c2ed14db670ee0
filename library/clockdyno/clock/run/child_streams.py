"""What a child prints, C code and programs that it starts included: passed on, and kept.

Its standard streams are pipes, whose other ends the clock's thread reads that waits for it. So
what it said last is there even when it had to be killed.
"""

import codecs
import contextlib
import os
import sys
import threading
from collections.abc import Sequence
from multiprocessing import connection, get_context

from clockdyno.clock.run.tail import Tail

CHUNK, LAST = 65_536, 64  # bytes of a read, and reads after the end
NAMES = {1: "out", 2: "err"}
Ends = Sequence[connection.Connection]


class Streams:
    """The clock's side of a child's two streams; where nothing is to be kept there are none."""

    def __init__(self, tail: Tail | None) -> None:
        self._tail = tail
        self._decoders = {
            number: codecs.getincrementaldecoder("utf-8")("backslashreplace") for number in NAMES
        }
        pairs = {n: get_context("forkserver").Pipe(duplex=False) for n in NAMES} if tail else {}
        self._ours = {ours: number for number, (ours, _) in pairs.items()}
        self.theirs: Ends = [theirs for _, theirs in pairs.values()]

    @property
    def ours(self) -> list[connection.Connection]:
        """Return what is to be waited for."""
        return list(self._ours)

    def hand_over(self) -> None:
        """Let the child alone have its ends, now that it has them."""
        for end in self.theirs:
            end.close()

    def read(self, ready: Sequence[object]) -> None:
        """Pass on what has come in these of our ends, and keep the end of it."""
        for ours in self.ours:
            if ours in ready:
                self._read(ours)

    def close(self) -> None:
        """Read what is left. What the child has left running goes on being passed on."""
        for _ in range(LAST):
            if not (ready := connection.wait(self.ours, 0)):
                break
            self.read(ready)
        self._tail = None
        if self._ours:
            threading.Thread(target=self._pass_on, name="left running", daemon=True).start()

    def _pass_on(self) -> None:
        while self._ours:
            self.read(connection.wait(self.ours))

    def _read(self, ours: connection.Connection) -> None:
        number = self._ours[ours]
        try:
            data = os.read(ours.fileno(), CHUNK)
        except OSError:
            data = b""
        if not data:
            del self._ours[ours]
            ours.close()
            return
        if self._tail:
            self._tail.add(NAMES[number], self._decoders[number].decode(data))
        with contextlib.suppress(OSError):  # Ours is closed, or nobody reads it any more.
            while data:
                data = data[os.write(number, data) :]


def take_over(theirs: Ends) -> None:
    """Print into these from now on: in the child."""
    for number, end in zip(NAMES, theirs, strict=False):
        os.dup2(end.fileno(), number)
        end.close()
    for stream in (sys.stdout, sys.stderr) if theirs else ():
        with contextlib.suppress(AttributeError):  # There is none, or it is the owner's.
            stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]
