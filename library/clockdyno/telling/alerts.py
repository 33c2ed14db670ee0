"""Tells somebody of what happened: at a webhook, by e-mail; a herd of events in one message."""

import os
import threading
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from clockdyno import host, logs
from clockdyno.telling import mail, web
from clockdyno.telling.events import Event
from clockdyno.telling.outbox import Outbox
from clockdyno.telling.webhooks import Webhook

TRIES = 4
PAUSE = 1  # second before the next try, twice as long before each further one
LONGEST = 60  # whatever the other side asks for
GATHER = 3  # seconds that the first event waits for others, twice as long in each that follows it
GATHER_MOST = 300
SHOWN = 10  # events of a message, each in a line; what is more is counted
WAITING = 1000
BROKEN = ("failed", "lost")
WEBHOOK, EMAIL = "ALERT_WEBHOOK_URL", "ALERT_EMAIL"
NO_SERVER = "SMTP_URL, or a mail add-on, has to name the server for ALERT_EMAIL"


class Place(Protocol):
    """Where alerts go."""

    name: str

    def send(self, head: str, events: Sequence[Event], lines: Sequence[str]) -> None:
        """Send one message; raise what went wrong."""


def places() -> list[Place]:
    """Return all places that are configured; those that cannot be used are left out."""
    found: list[Place] = [Webhook(url) for url in os.environ.get(WEBHOOK, "").split()]
    if os.environ.get(EMAIL):
        try:
            by = mail.server()
            found += [mail.Mail(mail.recipients(os.environ[EMAIL]), by)] if by else []
        except ValueError:
            pass  # mistakes() says so.
    return found


def mistakes() -> list[str]:
    """Say what is wrong with the config vars for alerts, without showing what they hold."""
    urls = os.environ.get(WEBHOOK, "").split()
    found = [f"{WEBHOOK} {fault}" for fault in filter(None, map(web.mistake, urls))][:1]
    by = None
    try:
        by = mail.server()
    except ValueError as error:
        found.append(f"SMTP_URL {error}")
    if to := os.environ.get(EMAIL):
        try:
            mail.recipients(to)
        except ValueError as error:
            found.append(f"{EMAIL} {error}")
        if by is None and not any(one.startswith("SMTP_URL") for one in found):
            found.append(NO_SERVER)
    return found


class Alerts:
    """Takes events from the runs, and sends them without holding one up."""

    def __init__(self, to: Sequence[Place] | None = None) -> None:
        self._places = places() if to is None else list(to)
        self._box = Outbox("alerts", self._send_all, WAITING, self._gather)
        self._window, self._sent_at = float(GATHER), float("-inf")
        self._broken, self._worked = set[str](), dict[str, tuple[datetime, int]]()
        self._noting = threading.Lock()
        self.sent = self.failed = 0

    def __bool__(self) -> bool:
        return bool(self._places)

    def tell(self, event: Event) -> None:
        """Tell of an event soon; where there is no place to tell it, the log line has to do."""
        if not self._places:
            return
        if event.kind in BROKEN:
            with self._noting:
                self._broken.add(event.job)
                self._worked.pop(event.job, None)
        if not self._box.put(event):
            logs.event("alert", state="dropped", job=event.job)

    def worked(self, job: str, scheduled_at: datetime, run: int) -> None:
        """Note that a job works; if it did not before, settle() tells of that."""
        if self._places:
            with self._noting:
                self._worked[job] = scheduled_at, run

    def settle(self, ledger: Any) -> None:
        """Write down which jobs are broken, and tell of those that work again.

        That outlives this process: what mends a job is a deploy. Raises what the database does.
        """
        with self._noting:
            broken, self._broken = self._broken, set()
            worked, self._worked = self._worked, {}
        try:
            mended = ledger.mend(broken, worked) if broken or worked else {}
        except Exception:
            with self._noting:
                self._broken |= broken
                self._worked = {**worked, **self._worked}
            raise
        for job, since in mended.items():
            text = f"works again; it had failed since {since:%Y-%m-%d %H:%M} UTC"
            self.tell(Event("recovered", job, text, *worked[job]))

    def close(self) -> None:
        """Send what is left without waiting for more."""
        self._box.close()

    def join(self, end: float) -> None:
        """Wait for that, up to a monotonic moment."""
        self._box.join(end)

    def _gather(self, closing: threading.Event) -> None:
        if time.monotonic() - self._sent_at > self._window:
            self._window = float(GATHER)
        closing.wait(self._window)

    def _send_all(self, events: list[Event]) -> None:
        if not events:
            return
        for place in self._places:
            try:
                send(place, events, self._box.closing)
                self.sent += 1
            except Exception as error:
                self.failed += 1
                logs.event("alert", state="failed", **why(place, error), to=place.name)
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
