"""How the tool reads an app's health page: with the password, which goes nowhere else."""

import contextlib
import http.server
import json
import threading
from collections.abc import Iterator

import pytest
from herokuclock.heroku import health, platform
from herokuclock.heroku.refusals import Refusal

SECRET = "correct horse"
LOGIN = "Basic OmNvcnJlY3QgaG9yc2U="


@contextlib.contextmanager
def page(code: int = 200, location: str = "") -> Iterator[tuple[str, list[str | None]]]:
    """Serve a health page; give its address, and what it was sent as login."""
    logins: list[str | None] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            logins.append(self.headers["Authorization"])
            self.send_response(code)
            if location:
                self.send_header("Location", location)
            self.end_headers()
            self.wfile.write(json.dumps({"state": "up", "counts": {"jobs": 3}}).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", logins
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("code", [200, 503])
def test_the_password_is_sent_to_the_app(code: int) -> None:
    with page(code) as (url, logins):
        found = health.fetch(url, SECRET)

    assert found and found.counts == {"jobs": 3}
    assert logins == [LOGIN]


def test_without_a_password_none_is_sent() -> None:
    with page() as (url, logins):
        assert health.fetch(url)

    assert logins == [None]


def test_it_goes_to_no_address_that_the_app_sends_us_to() -> None:
    with page() as (other, others), page(302, f"{other}/clock/health") as (url, logins):
        assert health.fetch(url, SECRET)

    assert (logins, others) == ([LOGIN], [None])


@pytest.mark.parametrize(
    ("address", "is_private"),
    [
        ("https://tick.example.com/clock/health", True),
        ("http://127.0.0.1:5000/clock/health", True),
        ("http://tick.example.com/clock/health", False),
        ("http://127.0.0.1.example.com/clock/health", False),
        ("http://127.0.0.1@example.com/clock/health", False),
    ],
)
def test_it_is_sent_over_no_open_line(address: str, is_private: bool) -> None:
    assert health._is_private(address) == is_private


def test_where_config_may_not_be_read_the_verdict_is_read_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(app: str, variable: str) -> str:
        raise Refusal("other", "You do not have permission", "Ask.")

    monkeypatch.setattr(platform, "config", refuse)
    with page() as (url, logins):
        assert health.read("tick", url, health.password("tick")).is_up

    assert logins == [None]
