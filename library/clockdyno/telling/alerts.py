"""Tells somebody of what happened: at a webhook, by e-mail."""

import os
import threading
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from clockdyno import logs
from clockdyno.telling import mail, web
from clockdyno.telling.desk import Desk, Place
from clockdyno.telling.events import Event
from clockdyno.telling.webhooks import Webhook

BROKEN = ("failed", "lost")
WEBHOOK, EMAIL = "ALERT_WEBHOOK_URL", "ALERT_EMAIL"
NO_SERVER = "SMTP_URL, or a mail add-on, has to name the server for ALERT_EMAIL"


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
        # One place that hangs must not keep the others from hearing.
        self._desks = [Desk(place) for place in (places() if to is None else to)]
        self._broken, self._worked = set[str](), dict[str, tuple[datetime, int]]()
        self._noting = threading.Lock()

    def __bool__(self) -> bool:
        return bool(self._desks)

    @property
    def sent(self) -> int:
        """Count the messages that arrived."""
        return sum(desk.sent for desk in self._desks)

    @property
    def failed(self) -> int:
        """Count those that did not."""
        return sum(desk.failed for desk in self._desks)

    def tell(self, event: Event) -> None:
        """Tell of an event soon; where there is no place to tell it, the log line has to do."""
        if not self._desks:
            return
        if event.kind in BROKEN:
            with self._noting:
                self._broken.add(event.job)
                self._worked.pop(event.job, None)
        for desk in self._desks:
            if not desk.box.put(event):
                logs.event("alert", state="dropped", job=event.job)

    def worked(self, job: str, scheduled_at: datetime, run: int) -> None:
        """Note that a job works; if it did not before, settle() tells of that."""
        if self._desks:
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
        for desk in self._desks:
            desk.box.close()

    def join(self, end: float) -> None:
        """Wait for that, up to a monotonic moment."""
        for desk in self._desks:
            desk.box.join(end)
