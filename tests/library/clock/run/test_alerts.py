"""Alerts arrive as they are meant: not elsewhere, not as markup, and later where it is busy."""

import contextlib
import http.server
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from clockdyno.clock.run import alerts


class Receiver:
    """A server that gives one answer after the other, and keeps what it is asked."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.asked: list[str] = []
        self.posts: list[str] = []
        ours = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                ours.asked.append(f"{self.command} {self.path}")
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                code, headers = ours.answers.pop(0) if ours.answers else (200, {})
                if code == 200 and body:
                    ours.posts.append(json.loads(body)["text"])
                self.send_response(code)
                for header in headers.items():
                    self.send_header(*header)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_POST

            def log_message(self, *_: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    with contextlib.closing(Receiver()) as server:
        monkeypatch.setenv("ALERT_WEBHOOK_URL", server.url)
        monkeypatch.setattr(alerts, "PAUSE", 0.01)
        yield server


def send(*texts: str) -> None:
    """Send alerts, each to its end: posted, or given up."""
    sender = alerts.Alerts()
    for text in texts:
        sender.tell(text)
    sender._queue.put(None)
    sender._thread.join()


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_is_said(
    receiver: Receiver, caplog: pytest.LogCaptureFixture, code: int
) -> None:
    receiver.answers = [(code, {"Location": "/elsewhere"})]
    with caplog.at_level("INFO"):
        send("job failed")

    assert receiver.asked == ["POST /hook"] and receiver.posts == []
    assert f"code={code}" in caplog.text and "redirected, which is not followed" in caplog.text


def test_a_text_is_no_markup_and_one_line(receiver: Receiver) -> None:
    send("job failed: <!channel> & <https://evil.example|Reset>\nat=run \x1b[2J" + "x" * 9000)

    (post,) = receiver.posts
    assert "&lt;!channel&gt; &amp; &lt;https://evil.example|Reset&gt;\\nat=run \\x1b[2J" in post
    assert len(post) < 2000 and post.isprintable()


@pytest.mark.parametrize("code", [429, 500, 503])
def test_an_alert_is_posted_again_where_there_is_too_much_to_do(
    receiver: Receiver, code: int
) -> None:
    receiver.answers = [(code, {}), (code, {"Retry-After": "0"})]
    send("first", "second")

    assert [post.split()[-1] for post in receiver.posts] == ["first", "second"]
    assert len(receiver.asked) == 4


@pytest.mark.parametrize(("code", "asked"), [(429, 4), (503, 4), (404, 1), (400, 1)])
def test_an_alert_is_given_up_after_a_few_tries_or_at_once_and_the_next_one_is_sent(
    receiver: Receiver, caplog: pytest.LogCaptureFixture, code: int, asked: int
) -> None:
    receiver.answers = [(code, {})] * asked
    with caplog.at_level("INFO"):
        send("first", "second")

    assert len(receiver.asked) == asked + 1 and receiver.posts == ["[clock] second"]
    assert caplog.text.count("at=alert state=failed") == 1 and f"code={code}" in caplog.text


def test_whoever_asks_for_an_hour_holds_up_neither_a_run_nor_the_stop(
    receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.answers = [(429, {"Retry-After": "3600"})]
    sender = alerts.Alerts()
    sender.tell("first")
    with caplog.at_level("INFO"):
        sender.close()

    assert not sender._thread.is_alive() and len(receiver.asked) == 1
    assert "at=alert state=failed" in caplog.text


def test_both_forms_of_retry_after_are_understood() -> None:
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)

    assert alerts._asked("7") == 7 and 90 < alerts._asked(at) <= 100
    assert [alerts._asked(text) for text in (None, "", "soon", "-5", "nan")] == [0] * 5
