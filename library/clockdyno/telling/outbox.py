"""A bounded queue with one thread behind it, so that no run waits for what is sent, or fails."""

import contextlib
import queue
import threading
import time
from collections.abc import Callable
from typing import Any


class Outbox:
    """Hands what is put into it to `deliver`, one after the other, in a thread of its own.

    `deliver` gets a list: the first that came and, after `gather` seconds, what came meanwhile.
    """

    def __init__(
        self, name: str, deliver: Callable[[list[Any]], None], most: int, gather: Any = None
    ) -> None:
        self._name, self._deliver, self._gather = name, deliver, gather
        self._queue: queue.Queue[Any] = queue.Queue(most)
        self.closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._beginning = threading.Lock()

    def put(self, item: Any) -> bool:
        """Take something to be sent soon; False where too much is waiting already."""
        try:
            self._queue.put_nowait(item)
        except queue.Full:
            return False
        self._begin()
        return True

    def close(self) -> None:
        """Wait for no more than what is there; see join()."""
        self.closing.set()
        with contextlib.suppress(queue.Full):
            self._queue.put_nowait(None)

    def join(self, end: float) -> None:
        """Let what is left be sent, up to a monotonic moment."""
        if self._thread:
            self._thread.join(max(0.0, end - time.monotonic()))

    def _begin(self) -> None:
        # Not earlier: a process that children are forked from makes a Clock, and has no threads.
        with self._beginning:
            if not (self._thread and self._thread.is_alive()):
                self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
                self._thread.start()

    def _work(self) -> None:
        while (item := self._queue.get()) is not None:
            items, more = [item], True
            if self._gather:
                self._gather(self.closing)
                while more:
                    try:
                        items.append(self._queue.get_nowait())
                        more = items[-1] is not None
                    except queue.Empty:
                        more = False
            is_last = items[-1] is None
            self._deliver([one for one in items if one is not None])
            if is_last or (self.closing.is_set() and self._queue.empty()):
                return
