"""Servers on loopback that are told things: over HTTP and SMTP, as slow, rude or busy as asked."""

import base64
import contextlib
import http.server
import json
import socketserver
import ssl
import threading
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import trustme


class Asked(NamedTuple):
    """A request as it came."""

    method: str
    path: str
    body: bytes
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Receiver:
    """A server that gives one answer after the other, 200 when they are over, and keeps all."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.asked: list[Asked] = []
        self.gate = threading.Event()  # No answer comes before it is set.
        self.gate.set()
        self.came = threading.Semaphore(0)  # once for each request
        ours = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                ours.asked.append(Asked(self.command, self.path, body, dict(self.headers)))
                code, headers = ours.answers.pop(0) if ours.answers else (200, {})
                ours.came.release()
                ours.gate.wait(60)
                with contextlib.suppress(ConnectionError):
                    self.send_response(code)
                    for header in {**headers, "Content-Length": "0"}.items():
                        self.send_header(*header)
                    self.end_headers()

            do_GET = do_POST

            def log_message(self, *_: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.root = f"http://127.0.0.1:{self._server.server_port}"
        self.url = f"{self.root}/hook"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def lines(self) -> list[str]:
        """Return what was asked, in a line each."""
        return [f"{one.method} {one.path}" for one in self.asked]

    def close(self) -> None:
        """Stop listening."""
        self.gate.set()
        self._server.shutdown()
        self._server.server_close()


class Post:
    """An SMTP server that keeps what it is sent, and knows how it was asked to."""

    def __init__(self, files: tuple[Path, Path] | None = None, *, at_once: bool = False) -> None:
        self.mails: list[EmailMessage] = []
        self.logins: list[tuple[bool, str, str]] = []  # by TLS or not, user, password
        self.refusals: list[str] = []  # what the next MAIL is answered
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if files else None
        if self.context and files:
            self.context.load_cert_chain(*files)
        ours = self

        class Handler(socketserver.StreamRequestHandler):
            timeout = 60

            def handle(self) -> None:
                with contextlib.suppress(OSError):  # A client that does not trust us goes.
                    if at_once and ours.context:
                        self._wrap(ours.context)
                    ours.converse(self)
                self.request.close()

            def _wrap(self, context: ssl.SSLContext) -> None:
                self.finish()  # the streams of before
                self.request = context.wrap_socket(self.request, server_side=True)
                self.setup()

        self._wrap = Handler._wrap
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self._at_once = at_once
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def converse(self, handler: Any) -> None:
        """Speak with one client, from the greeting to its QUIT."""
        is_tls = self._at_once
        self._say(handler, "220 post.test")
        while line := handler.rfile.readline():
            verb = line.split()[0].upper() if line.split() else b""
            if verb == b"EHLO":
                more = ["250-STARTTLS"] if self.context and not is_tls else []
                self._say(handler, "250-post.test", *more, "250 AUTH PLAIN")
            elif verb == b"STARTTLS" and self.context:
                self._say(handler, "220 go on")
                self._wrap(handler, self.context)
                is_tls = True
            elif verb == b"AUTH":
                _, user, password = base64.b64decode(line.split()[2]).decode().split("\0")
                self.logins.append((is_tls, user, password))
                wrong = password == "wrong"
                self._say(handler, f"535 {password} is not right" if wrong else "235 welcome")
            elif verb == b"MAIL" and self.refusals:
                self._say(handler, self.refusals.pop(0))
            elif verb == b"DATA":
                self._say(handler, "354 go on")
                self.mails.append(self._read(handler))
                self._say(handler, "250 taken")
            elif verb == b"QUIT":
                return self._say(handler, "221 bye")
            else:
                self._say(handler, "250 well")

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    def _say(self, handler: Any, *lines: str) -> None:
        handler.wfile.write("".join(f"{line}\r\n" for line in lines).encode())

    def _read(self, handler: Any) -> EmailMessage:
        lines = iter(handler.rfile.readline, b".\r\n")
        found = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(found, EmailMessage)
        return found


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Give a place that is asked over HTTP."""
    with contextlib.closing(Receiver()) as server:
        yield server


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """Give the files of a certificate for localhost, of its key, and of who vouches for it."""
    folder = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    made = authority.issue_cert("localhost")
    files = (folder / "chain.pem", folder / "key.pem", folder / "authority.pem")
    files[0].write_bytes(b"".join(blob.bytes() for blob in made.cert_chain_pems))
    made.private_key_pem.write_to_path(str(files[1]))
    authority.cert_pem.write_to_path(str(files[2]))
    return files
