"""Signs of life to somewhere outside: the clock's every minute, a job's at its start and end.

Each service speaks its own way, told by the address. healthchecks.io: .../start and .../fail with
?rid=, the end of the error as body (healthchecks.io/docs/http_api). Cronitor: ?state=run, complete
or fail with series= and message= (cronitor.io/docs/telemetry-api). Dead Man's Snitch: a GET with
m=, and s=1 for a failure. Any other address gets a GET when all went well, and silence otherwise.
"""

import os
import re
import threading
import time
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from clockdyno import logs
from clockdyno.telling import web
from clockdyno.telling.outbox import Outbox

VARIABLE = "PING_URL"
EVERY = 60  # seconds between the clock's own
WAITING = 1000
PAUSE = 1  # second before the second and last try
START, SUCCESS, FAIL = "start", "success", "fail"
HEALTHCHECKS = ("hc-ping.com", "hc-ping.eu")
# Healthchecks on a server of one's own: /ping/<uuid>, or /ping/<22 letters>/<slug>.
SELF_HOSTED = re.compile(r"/ping/([0-9a-fA-F-]{36}|[\w-]{22}/[\w-]+)/?$")
CRONITOR_HOSTS = ("cronitor.link", "cronitor.io")
MESSAGE = 1500  # characters that Cronitor and Dead Man's Snitch get in an address
BODY = 8000


class Ping(NamedTuple):
    """What is sent: a GET, or a POST where there is a body."""

    url: str
    body: bytes | None = None


def of_run(url: str, state: str, run: str, error: str = "") -> Ping | None:
    """Return the ping for the start, success or fail of a run; None where that is not spoken.

    `run` is a UUID of the run, alike for its start and its end; `error` is masked already.
    """
    parts = urlsplit(url)
    name = (parts.hostname or "").lower()
    if name in HEALTHCHECKS or SELF_HOSTED.search(parts.path):
        end = "" if state == SUCCESS else f"/{state}"
        there = parts._replace(path=parts.path.rstrip("/") + end)
        body = error[-BODY:].encode(errors="backslashreplace") if error else None
        return Ping(_asking(urlunsplit(there), rid=run), body)
    last = error.strip()[-MESSAGE:]
    if name in CRONITOR_HOSTS:
        word = {START: "run", SUCCESS: "complete", FAIL: "fail"}[state]
        return Ping(_asking(url, state=word, series=run, message=last))
    if name == "nosnch.in":
        if state == FAIL:
            return Ping(_asking(url, s="1", m=last[-250:]))
        return Ping(url) if state == SUCCESS else None
    return Ping(url) if state == SUCCESS else None


def _asking(url: str, **more: str) -> str:
    parts = urlsplit(url)
    asked = urlencode({key: text for key, text in more.items() if text}, quote_via=quote)
    return urlunsplit(
        parts._replace(query="&".join(filter(None, [parts.query, asked])), fragment="")
    )


class Pings:
    """Sends pings in the order in which they come; the clock's own never wait for a job's."""

    def __init__(self) -> None:
        self._url = os.environ.get(VARIABLE, "")
        if self._url and web.mistake(self._url):
            logs.event("warning", msg=f"{VARIABLE} {web.NO_ADDRESS}")
            self._url = ""
        self._clocks = Outbox("ping", self._send, 1)
        self._jobs = Outbox("pings", self._send, WAITING)
        self._beaten = float("-inf")
        self.sent = self.failed = 0
        self._counting = threading.Lock()

    def live(self, now: float) -> None:
        """Say that the clock lives, if it is time to; `now` is monotonic."""
        if self._url and now - self._beaten >= EVERY:
            self._beaten = now
            self._put(self._clocks, Ping(self._url), {})

    def run(self, url: str | None, job: str, state: str, run: str, error: str = "") -> None:
        """Tell where a job pings how its run is."""
        if url and (ping := of_run(url, state, run, error)):
            self._put(self._jobs, ping, {"job": job})

    def close(self) -> None:
        """Send what is left, and no more."""
        for box in (self._clocks, self._jobs):
            box.close()

    def join(self, end: float) -> None:
        """Wait for that, up to a monotonic moment."""
        for box in (self._clocks, self._jobs):
            box.join(end)

    def _put(self, box: Outbox, ping: Ping, facts: dict[str, Any]) -> None:
        if not box.put((ping, facts)):
            self._count(was_sent=False)
            logs.event("ping", **facts, state="dropped")

    def _send(self, items: list[tuple[Ping, dict[str, Any]]]) -> None:
        for ping, facts in items:
            try:
                self._send_once_more(ping, self._jobs.closing)
            except Exception as error:
                self._count(was_sent=False)
                web.close(error)
                logs.event("ping", **facts, state="failed", **web.why(error))
            else:
                self._count(was_sent=True)

    def _send_once_more(self, ping: Ping, closing: threading.Event) -> None:
        try:
            return web.send(ping.url, ping.body, "text/plain; charset=utf-8")
        except Exception as error:
            web.close(error)
            # A receiver that says 429 has heard enough of this one.
            is_enough = getattr(error, "code", None) == 429
            if is_enough or not web.may_pass(error) or closing.wait(PAUSE):
                raise
        return web.send(ping.url, ping.body, "text/plain; charset=utf-8")

    def _count(self, *, was_sent: bool) -> None:
        with self._counting:
            self.sent += was_sent
            self.failed += not was_sent


def close(*boxes: object, seconds: float = 3) -> None:
    """Close several at once, and let all of them together have so many seconds."""
    end = time.monotonic() + seconds
    for box in boxes:
        box.close()  # type: ignore[attr-defined]
    for box in boxes:
        box.join(end)  # type: ignore[attr-defined]
