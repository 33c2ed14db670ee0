"""Who may see the dashboard: whoever knows DASHBOARD_PASSWORD, and on your own machine you."""

import hmac
import os
import re
from ipaddress import ip_address

from flask import Response, current_app, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from clockdyno import host, logs
from clockdyno.dashboard.throttle import Throttle

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    # Not `no-referrer`: with it a browser's own form would say `Origin: null`.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
ONLY_HTTPS = "max-age=31536000"
OPEN = ("clock.health", "clock.static")
SHORTEST = 8  # characters of a password: what NIST SP 800-63B asks for at the least
# What browsers, curl and Prometheus say of themselves. Proxies add names without end (Via, CF-Ray,
# X-Forwarded-*, *-Client-IP, X-Amzn-*), so whatever is not in here is the trace of one.
OWN_HEADERS = re.compile(
    r"(accept|access-control-request|content|if|sec)(-.+)?"
    r"|authorization|cache-control|connection|cookie|device-memory|dnt|downlink|dpr|ect|expect|host"
    r"|http2-settings|keep-alive|last-event-id|origin|pragma|priority|purpose|range|referer|rtt"
    r"|save-data|te|transfer-encoding|upgrade(-insecure-requests)?|user-agent|viewport-width|width"
    r"|x-(prometheus-scrape-timeout-seconds|requested-with)",
    re.IGNORECASE,
)
throttle = Throttle()


def check() -> AnyResponse | None:
    """Return why this request may not pass, before any route is asked; None lets it in."""
    if request.endpoint in OPEN:
        return None
    if _on_dyno() and not _over_https():
        if request.method in ("GET", "HEAD"):
            return redirect(request.url.replace("http:", "https:", 1), 308)
        return refuse(403, "Only over HTTPS", "What came was not encrypted. Change the password.")
    return _refused() or _same_site()


def knows_password() -> bool:
    """Say whether a page that is open to all may tell this one more."""
    if _on_dyno() and not (request.authorization and _over_https()):
        return False
    return _refused() is None


def protect(reply: Response) -> Response:
    """Put the headers on a reply that keep browsers from harm, also where no route was found."""
    prefix = current_app.extensions["clock"]
    path = "/" + request.path.lstrip("/")
    if path != prefix and not path.startswith(prefix + "/"):
        return reply
    reply.headers.update(HEADERS)
    if _on_dyno() and _over_https():
        reply.headers["Strict-Transport-Security"] = ONLY_HTTPS
    if request.endpoint != "clock.static" or reply.status_code >= 400:
        reply.headers["Cache-Control"] = "no-store"
    return reply


def is_secure() -> bool:
    """Say whether the browser is asking over HTTPS."""
    return request.is_secure or (_on_dyno() and _over_https())


def refuse(code: int, title: str, text: str, command: str = "") -> Response:
    """Return a page that says why not."""
    page = render_template("clockdyno/error.html", title=title, text=text, command=command)
    return make_response(page, code)


def _refused() -> Response | None:
    password = os.environ.get("DASHBOARD_PASSWORD", "")
    if not password and _at_home():
        return None
    if len(password.strip()) < SHORTEST:
        facts = {"short": bool(password), "shortest": SHORTEST, "on_dyno": _on_dyno()}
        return make_response(render_template("clockdyno/closed.html", **facts), 403)
    return _identify(password.encode(errors="surrogateescape"))


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
        if throttle.failed(address, guess):
            line = logs.line(at="login", state="refused", address=address)
            current_app.logger.warning("%s", line)
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
    return host.is_dyno()


def _over_https() -> bool:
    return request.headers.get("X-Forwarded-Proto") == "https"


def _at_home() -> bool:
    """Say whether owner and server share a machine. Host: a site's own name may lead here, too."""
    name = request.host.rpartition(":")[0] if request.host[-1:].isdigit() else request.host
    names = ("localhost", "127.0.0.1", "[::1]")
    host = request.host if request.host in names else name
    return not (_on_dyno() or _passed_on()) and host in names and _is_loopback()


def _passed_on() -> bool:
    """Say whether something stood between the browser and us; nginx asks in HTTP/1.0."""
    if request.environ.get("SERVER_PROTOCOL") == "HTTP/1.0":
        return True
    return not all(OWN_HEADERS.fullmatch(name) for name, _ in request.headers)


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
