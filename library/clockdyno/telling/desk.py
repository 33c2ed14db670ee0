"""One place that alerts go to: a herd of events in one message, a busy place later."""

import threading
import time
from collections.abc import Sequence
from typing import Any, Protocol

from clockdyno import host, logs
from clockdyno.telling import mail, web
from clockdyno.telling.events import Event
from clockdyno.telling.outbox import Outbox

TRIES = 4
PAUSE = 1  # second before the next try, twice as long before each further one
LONGEST = 60  # whatever the other side asks for
GATHER = 3  # seconds that the first event waits for others, twice as long in each that follows it
GATHER_MOST = 300
SHOWN = 10  # events of a message, each in a line; what is more is counted
WAITING = 1000


class Place(Protocol):
    """Where alerts go."""

    name: str

    def send(self, head: str, events: Sequence[Event], lines: Sequence[str]) -> None:
        """Send one message; raise what went wrong."""


class Desk:
    """Sends what there is to tell to one place, in a thread of its own."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self.box = Outbox("alerts", self.send_all, WAITING, self.gather)
        self._window, self._sent_at = float(GATHER), float("-inf")
        self.sent = self.failed = 0

    def gather(self, closing: threading.Event) -> None:
        """Wait for what else there is to tell, longer in a storm."""
        if time.monotonic() - self._sent_at > self._window:
            self._window = float(GATHER)
        closing.wait(self._window)

    def send_all(self, events: list[Event]) -> None:
        """Send events in one message, and say what happened if they could not be sent."""
        if not events:
            return
        try:
            send(self._place, events, self.box.closing)
            self.sent += 1
        except Exception as error:
            self.failed += 1
            logs.event("alert", state="failed", **why(self._place, error), to=self._place.name)
        self._window, self._sent_at = min(self._window * 2, GATHER_MOST), time.monotonic()


def send(place: Place, events: Sequence[Event], closing: threading.Event) -> None:
    """Send one message; again where the other side only has too much to do."""
    head = f"[{host.app_name()}]"
    shown = events[:SHOWN]
    lines = [event.line for event in shown]
    if len(events) > SHOWN:
        lines.append(f"and {len(events) - SHOWN} more")
    if len(events) > 1:
        head += f" {_counted(events)}"
    for number in range(TRIES):
        try:
            return place.send(head, shown, lines)
        except Exception as error:
            web.close(error)
            pause = max(web.pause_asked(error), PAUSE * 2**number)
            is_last = number == TRIES - 1
            is_busy = web.is_busy(error) or mail.is_busy(error)
            if not is_busy or is_last or closing.wait(min(pause, LONGEST)):
                raise


def why(place: Place, error: Exception) -> dict[str, Any]:
    """Say what went wrong with a place, without showing where it is."""
    return (mail if isinstance(place, mail.Mail) else web).why(error)


def _counted(events: Sequence[Event]) -> str:
    kinds: dict[str, int] = {}
    for event in events:
        kinds[event.kind] = kinds.get(event.kind, 0) + 1
    jobs = len({event.job for event in events})
    counted = ", ".join(f"{number} {kind}" for kind, number in kinds.items())
    return f"{counted} ({jobs} jobs)" if jobs > 1 else f"{counted} (one job)"
