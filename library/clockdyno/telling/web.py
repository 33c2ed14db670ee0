"""One request to an address that is a secret: never followed elsewhere, never printed."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from clockdyno import texts

SECONDS = 5
AGENT = "clockdyno"  # Some refuse Python's own name.
NO_ADDRESS = "is no address of the form https://host/path"


def mistake(url: str) -> str | None:
    """Say what is wrong with an address, without showing it."""
    try:
        parts = urlsplit(url)
        is_one = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        is_one = False
    is_plain = url.isascii() and url.isprintable() and " " not in url
    return None if is_one and is_plain else NO_ADDRESS


def send(url: str, body: bytes | None = None, kind: str = "application/json") -> None:
    """GET an address, or POST a body to it; raises what urllib does, and for every redirect."""
    # Only here: it loads TLS, 5 MB.
    from urllib.request import HTTPRedirectHandler, Request, build_opener

    class Stay(HTTPRedirectHandler):
        def redirect_request(self, *_: object) -> None:
            """Follow nobody: a POST that is redirected arrives as an empty GET."""

    headers = {"User-Agent": AGENT} | ({"Content-Type": kind} if body is not None else {})
    with build_opener(Stay).open(Request(url, body, headers), timeout=SECONDS):
        pass


def is_busy(error: Exception) -> bool:
    """Say whether the other side only has too much to do just now."""
    code = getattr(error, "code", None)
    return isinstance(code, int) and (code == 429 or code >= 500)


def may_pass(error: Exception) -> bool:
    """Say whether the same may work in a moment: too much to do, or a line that broke."""
    from http.client import HTTPException

    is_answer = isinstance(getattr(error, "code", None), int)
    return is_busy(error) if is_answer else isinstance(error, (OSError, HTTPException))


def pause_asked(error: Exception) -> float:
    """Return for how many seconds the other side asks us to wait, in either form of the header."""
    text = getattr(error, "headers", None) and error.headers.get("Retry-After")  # type: ignore[attr-defined]
    try:
        seconds = float(text or 0)
        return max(0.0, seconds) if seconds < float("inf") else 0.0
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(text or "") - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return 0.0


def close(error: Exception) -> None:
    """Let go of the connection that an answer came by."""
    if callable(getattr(error, "close", None)):
        error.close()  # type: ignore[attr-defined]


def why(error: Exception) -> dict[str, Any]:
    """Say what went wrong; not the whole error, which may show the address."""
    code, reason = getattr(error, "code", None), getattr(error, "reason", None)
    if isinstance(code, int) and 300 <= code < 400:
        reason = "redirected, which is not followed: set it to the new address"
    told = texts.brief(Exception(reason)) if reason else None
    return {"error": type(error).__name__, "code": code, "reason": told}
