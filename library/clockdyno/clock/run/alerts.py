"""Tells somebody: posts failed, missed and lost runs to ALERT_WEBHOOK_URL, in Slack's form."""

import json
import os
import queue
import threading
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from clockdyno import host, logs, texts

SECONDS = 5
TRIES = 4
PAUSE = 1  # second before the next try, twice as long before each further one
LONGEST = 60  # whatever the other side asks for
LENGTH = 1000
MARKUP = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


class Alerts:
    """A short queue and one thread, so that no run ever waits for an alert, or fails by one."""

    def __init__(self) -> None:
        self._url = os.environ.get("ALERT_WEBHOOK_URL", "")
        self._queue: queue.Queue[str | None] = queue.Queue(100)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._post_all, daemon=True)
        self._beginning = threading.Lock()

    def tell(self, text: str, scheduled_at: datetime | None = None) -> None:
        """Send a text, soon; with no URL set the log line has to do."""
        if self._url:
            self._begin()
            due = f" (scheduled at {scheduled_at:%Y-%m-%d %H:%M:%S %Z})" if scheduled_at else ""
            told = texts.line(text[:LENGTH]) + due
            try:
                self._queue.put_nowait(f"[{host.app_name()}] {told}")
            except queue.Full:
                logs.event("alert", state="dropped")

    def _begin(self) -> None:
        # Not earlier: a process that children are forked from makes a Clock, and has no threads.
        with self._beginning:
            if not self._thread.ident:
                self._thread.start()

    def close(self) -> None:
        """Send what is left, for a few seconds at most."""
        self._closing.set()
        if self._thread.is_alive():
            try:
                self._queue.put(None, timeout=1)
                self._thread.join(2)
            except queue.Full:
                pass

    def _post_all(self) -> None:
        while (text := self._queue.get()) is not None:
            body = json.dumps({"text": text.translate(MARKUP)}).encode()
            try:
                self._post(body)
            except Exception as error:
                # Not the whole error: it may show the address, which is a secret.
                logs.event("alert", state="failed", error=type(error).__name__, **_why(error))

    def _post(self, body: bytes) -> None:
        """Post a text; again where the other side only has too much to do."""
        from urllib.error import HTTPError  # Only here: it loads TLS, 5 MB.

        for number in range(TRIES):
            try:
                return self._post_once(body)
            except HTTPError as error:
                error.close()
                is_busy = error.code == 429 or error.code >= 500
                pause = max(_asked(error.headers.get("Retry-After")), PAUSE * 2**number)
                if not is_busy or number == TRIES - 1 or self._closing.wait(min(pause, LONGEST)):
                    raise

    def _post_once(self, body: bytes) -> None:
        from urllib.request import HTTPRedirectHandler, Request, build_opener

        class Stay(HTTPRedirectHandler):
            def redirect_request(self, *_: object) -> None:
                """Follow nobody: a POST that is redirected arrives as an empty GET."""

        request = Request(self._url, body, {"Content-Type": "application/json"})
        with build_opener(Stay).open(request, timeout=SECONDS):
            pass


def _why(error: Exception) -> dict[str, Any]:
    code, reason = getattr(error, "code", None), getattr(error, "reason", None)
    if code and 300 <= code < 400:
        reason = "redirected, which is not followed: set ALERT_WEBHOOK_URL to the new address"
    return {"code": code, "reason": reason and texts.brief(Exception(reason))}


def _asked(text: str | None) -> float:
    """Return how many seconds a Retry-After asks for, whichever of its two forms it has."""
    try:
        return max(0.0, float(text or 0))
    except ValueError:
        pass
    try:
        return (parsedate_to_datetime(text or "") - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return 0
