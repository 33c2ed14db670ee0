"""Room for a few children at a time, each of which takes the memory of a process."""

import threading

from clockdyno import logs

CHILDREN = 4


class Places:
    """The places for children; that all are taken is told once, for as long as it lasts."""

    def __init__(self, number: int = CHILDREN) -> None:
        self._number = self._free = number
        self._told = False
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Take a place, if there is one."""
        with self._lock:
            if not (self._free or self._told):
                self._told = True
                logs.event("full", children=self._number)
            if not self._free:
                return False
            self._free -= 1
            self._told = self._told and not self._free
            return True

    def give_back(self) -> None:
        """Let another child have the place."""
        with self._lock:
            self._free += 1
