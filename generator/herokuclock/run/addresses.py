"""Where what runs on this machine is looked at: said, and opened, as soon as it answers."""

import http.client
import socket
import webbrowser
from threading import Event

from herokuclock import screen
from herokuclock.errors import HerokuclockError

HERE = "127.0.0.1"
DASHBOARD = "/clock"
SECONDS = 0.2  # between two looks at whether it answers


def refuse_taken(port: str) -> None:
    """Raise HerokuclockError where another program listens on the port."""
    if not port.isdigit() or not 0 < int(port) < 65_536:
        raise HerokuclockError(f"{port!r} is no port.", "herokuclock run --port 8000", code=2)
    with socket.socket() as tried:
        tried.settimeout(1)
        if tried.connect_ex((HERE, int(port))) == 0:
            raise HerokuclockError(
                f"Another program listens on port {port} already.",
                f"herokuclock run --port {int(port) % 65_535 + 1}",
            )


def announce(port: str, over: Event, *, in_browser: bool) -> None:
    """Say the addresses once the web process answers; nothing where it never does."""
    while not over.is_set():
        has_dashboard = _answer(int(port))
        if has_dashboard is not None:
            break
        over.wait(SECONDS)
    if over.is_set():  # Also while we waited for the answer.
        return
    home = f"http://localhost:{port}"
    rows = [("the app", f"{home}/")]
    rows += [("the dashboard", f"{home}{DASHBOARD}")] if has_dashboard else []
    for line in ["", *screen.table([*rows, ("Ctrl-C", "stops all")])]:
        screen.say(line, "bold")
    if in_browser:
        webbrowser.open(rows[-1][1])


def _answer(port: int) -> bool | None:
    """Say whether there is a dashboard; None while nobody answers."""
    asked = http.client.HTTPConnection(HERE, port, timeout=10)
    try:
        asked.request("GET", f"{DASHBOARD}/health")
        return asked.getresponse().status in (200, 503)
    except (OSError, http.client.HTTPException):
        return None
    finally:
        asked.close()
