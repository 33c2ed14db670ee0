"""Who may see the dashboard: whoever knows DASHBOARD_PASSWORD, and on your own machine you."""

import hmac
import os
import threading
import time
from collections import OrderedDict
from ipaddress import ip_address

from flask import Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    # Not `no-referrer`: with it a browser's own form would say `Origin: null`.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
OPEN = ("clock.health", "clock.static")
WINDOW = 300  # seconds in which these many wrong guesses are heard:
GUESSES, GUESSES_OF_ALL = 10, 100
ADDRESSES = 1000


class Throttle:
    """Counts wrong guesses; one that is repeated is no new one, so an old script locks nobody out.

    It is in memory, of each web process; who was let in before is not held up by other addresses.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._since = 0.0
        self._wrong: dict[str, set[int]] = {}
        self._welcome: OrderedDict[str, None] = OrderedDict()

    def wait(self, address: str) -> int:
        """Return for how many seconds this address is not heard."""
        with self._lock:
            left = self._since + WINDOW - time.monotonic()
            if left <= 0:
                return 0
            many = sum(map(len, self._wrong.values())) >= GUESSES_OF_ALL
            held = len(self._wrong.get(address, ())) >= GUESSES
            return int(left) + 1 if held or (many and address not in self._welcome) else 0

    def failed(self, address: str, guess: bytes) -> None:
        """Note a wrong guess."""
        with self._lock:
            if time.monotonic() - self._since >= WINDOW:
                self._since = time.monotonic()
                self._wrong.clear()
            self._wrong.setdefault(address, set()).add(hash(guess))

    def passed(self, address: str) -> None:
        """Note that somebody there knows the password."""
        with self._lock:
            self._welcome[address] = None
            self._welcome.move_to_end(address)
            if len(self._welcome) > ADDRESSES:
                self._welcome.popitem(last=False)


throttle = Throttle()


def check() -> AnyResponse | None:
    """Return why this request may not pass, before any route is asked; None lets it in."""
    if request.endpoint in OPEN:
        return None
    if _on_dyno() and request.headers.get("X-Forwarded-Proto") != "https":
        if request.method in ("GET", "HEAD"):
            return redirect(f"https://{request.host}{request.full_path}", 308)
        return refuse(403, "Only over HTTPS", "What came was not encrypted. Change the password.")
    password = os.environ.get("DASHBOARD_PASSWORD", "").encode(errors="surrogateescape")
    if not password and not _at_home():
        return make_response(render_template("clock/closed.html"), 403)
    return (password and _identify(password)) or _same_site()


def protect(reply: Response) -> Response:
    """Put the headers on a reply that keep browsers from harm."""
    reply.headers.update(HEADERS)
    if request.endpoint != "clock.static":
        reply.headers["Cache-Control"] = "no-store"
    return reply


def refuse(code: int, title: str, text: str, command: str = "") -> Response:
    """Return a page that says why not."""
    page = render_template("clock/error.html", title=title, text=text, command=command)
    return make_response(page, code)


def _identify(password: bytes) -> Response | None:
    address, given = _address(), request.authorization
    if seconds := throttle.wait(address):
        reply = refuse(429, "Too many wrong passwords", f"Try again in {seconds} seconds.")
        reply.headers["Retry-After"] = str(seconds)
        return reply
    if given and given.type == "basic":
        guess = (given.password or "").encode(errors="surrogateescape")
        if hmac.compare_digest(guess, password):
            throttle.passed(address)
            return None
        throttle.failed(address, guess)
    reply = refuse(
        *(401, "Log in", "Any name will do; the password is DASHBOARD_PASSWORD."),
        "heroku config:get DASHBOARD_PASSWORD" if _on_dyno() else "",
    )
    reply.headers["WWW-Authenticate"] = 'Basic realm="clock", charset="UTF-8"'
    return reply


def _same_site() -> Response | None:
    """Refuse what another site's page has a browser send; a program says who it is by Origin."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return None
    scheme = "https" if _on_dyno() else request.scheme
    site = request.headers.get("Sec-Fetch-Site")
    same = request.headers.get("Origin") == f"{scheme}://{request.host}"
    if site == "same-origin" or (site is None and same):
        return None
    return refuse(403, "Not from this page", "Only the dashboard's own buttons may do that.")


def _on_dyno() -> bool:
    return "DYNO" in os.environ


def _at_home() -> bool:
    """Say whether owner and server share a machine. Host: a site's own name may lead here, too."""
    name = request.host.rpartition(":")[0] if request.host[-1:].isdigit() else request.host
    names = ("localhost", "127.0.0.1", "[::1]")
    passed_on = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "Via"))
    host = request.host if request.host in names else name
    return not _on_dyno() and not passed_on and host in names and _is_loopback()


def _is_loopback() -> bool:
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def _address() -> str:
    """Return who asks: on a dyno that is what Heroku's router has put at the end."""
    passed_on = request.headers.get("X-Forwarded-For", "") if _on_dyno() else ""
    return passed_on.rpartition(",")[2].strip() or request.remote_addr or ""
