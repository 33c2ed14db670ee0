"""Tells somebody: posts failed, missed and lost runs to ALERT_WEBHOOK_URL, in Slack's form."""

import json
import os
import queue
import threading
from datetime import datetime

from clock import logs

SECONDS = 5


class Alerts:
    """A short queue and one thread, so that no run ever waits for an alert, or fails by one."""

    def __init__(self) -> None:
        self._url = os.environ.get("ALERT_WEBHOOK_URL", "")
        self._queue: queue.Queue[str | None] = queue.Queue(100)
        self._thread = threading.Thread(target=self._post_all, daemon=True)
        if self._url:
            self._thread.start()

    def tell(self, text: str, scheduled_at: datetime | None = None) -> None:
        """Send a text, soon; with no URL set the log line has to do."""
        if self._url:
            due = f" (scheduled at {scheduled_at:%Y-%m-%d %H:%M:%S %Z})" if scheduled_at else ""
            try:
                self._queue.put_nowait(
                    f"[{os.environ.get('HEROKU_APP_NAME', 'clock')}] {text}{due}"
                )
            except queue.Full:
                logs.event("alert", state="dropped")

    def close(self) -> None:
        """Send what is left, for a few seconds at most."""
        if self._thread.is_alive():
            try:
                self._queue.put(None, timeout=1)
                self._thread.join(2)
            except queue.Full:
                pass

    def _post_all(self) -> None:
        while (text := self._queue.get()) is not None:
            try:
                self._post(text)
            except Exception as error:
                # Not the whole error: it may show the address, which is a secret.
                code, reason = getattr(error, "code", None), getattr(error, "reason", None)
                what = type(error).__name__
                logs.event("alert", state="failed", error=what, code=code, reason=reason)

    def _post(self, text: str) -> None:
        from urllib.request import Request, urlopen  # Only here: it loads TLS, 5 MB.

        body = json.dumps({"text": text}).encode()
        request = Request(self._url, body, {"Content-Type": "application/json"})
        with urlopen(request, timeout=SECONDS):
            pass
