"""The platform's ports: HTTP for the API, HTTPS for git; every request is noted, some fail."""

import base64
import json
import re
import ssl
import threading
import traceback
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jsonschema import ValidationError

from loopback import api, git
from loopback.failures import UNAUTHORIZED, Failure, Refusal
from loopback.quiet import QuietServer

if TYPE_CHECKING:
    from loopback.heroku import Heroku

# A POST that only reads.
HARMLESS = re.compile(r"/apps/[^/]+/log-sessions|/actions/.*/resolve|.*/git-upload-pack")


@dataclass
class Request:
    method: str
    path: str
    body: Any
    status: int = 0

    @property
    def is_mutating(self) -> bool:
        return self.method not in ("GET", "HEAD") and not HARMLESS.fullmatch(self.path)


class Server:
    """One listening port of the platform."""

    def __init__(self, heroku: "Heroku", certificate: Path | None = None) -> None:
        handler = type("Bound", (Handler,), {"heroku": heroku})
        self.server = QuietServer(("127.0.0.1", 0), handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class Handler(BaseHTTPRequestHandler):
    heroku: "Heroku"
    protocol_version = "HTTP/1.1"

    def _serve(self) -> None:
        path = self.path.partition("?")[0]
        body = self._body()
        if path.startswith("/-/builds/"):
            self._build(path.rpartition("/")[2], json.loads(body))
        elif path.startswith("/logs/"):
            self._log(path.rpartition("/")[2])
        else:
            self._public(path, body)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _serve

    def _public(self, path: str, body: bytes) -> None:
        """Answer what comes from outside: note it, let it fail if it shall, do it."""
        content = {} if ".git/" in path or not body else json.loads(body)
        request = Request(self.command, path, content)
        self.heroku.requests.append(request)
        failure = next((f for f in self.heroku.failures if f.matches(self.command, path)), None)
        if failure and failure.pause:
            failure.reached.set()
            failure.go_on.wait()
            try:
                self._do(request, body, failure if failure.lost else None)
            finally:
                failure.over.set()
        else:
            self._do(request, body, failure)

    def _do(self, request: Request, body: bytes, failure: Failure | None) -> None:
        if failure and not failure.after:
            self._fail(failure, request)
        elif ".git/" in request.path:
            self._git(request.path, body, request, failure)
        else:
            self._api(request, failure)

    def _api(self, request: Request, failure: Failure | None) -> None:
        try:
            self._authorize(f"Bearer {self.heroku.key}")
            status, reply = api.answer(self.heroku, request, self.headers)
        except Refusal as refusal:
            status, reply = refusal.status, refusal.body
        except Exception as error:
            traceback.print_exc()
            text = error.message if isinstance(error, ValidationError) else repr(error)
            self.heroku.mistakes.append(f"{request.method} {request.path}: {text}")
            status, reply = 500, {"id": "loopback_mistake", "message": text}
        if failure:
            self._fail(failure, request)
        else:
            self._send(request, status, reply)

    def _git(self, path: str, body: bytes, request: Request, failure: Failure | None) -> None:
        wanted = base64.b64encode(f"heroku:{self.heroku.key}".encode()).decode()
        try:
            self._authorize(f"Basic {wanted}")
            self.heroku.app(path.split("/")[1].removesuffix(".git"))
        except Refusal as refusal:
            self._send(request, refusal.status, refusal.body)
            return
        request.status = 200
        answer = self.wfile
        if failure:
            self.wfile = NoAnswer()  # type: ignore[assignment]
        git.serve(self, self.heroku.root / "git", body, self.heroku.account.email)
        self.wfile = answer
        if failure:
            self._fail(failure, request)

    def _authorize(self, wanted: str) -> None:
        if self.headers.get("Authorization") != wanted:
            raise UNAUTHORIZED

    def _fail(self, failure: Failure, request: Request) -> None:
        if failure.refusal is None:
            self.close_connection = True
            self.connection.close()
        else:
            self._send(request, failure.refusal.status, failure.refusal.body)

    def _send(self, request: Request, status: int, reply: Any) -> None:
        request.status = status
        content = json.dumps(reply).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Request-Id", f"request-{len(self.heroku.requests)}")
        if status == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="Heroku"')
        self.end_headers()
        self.wfile.write(content)

    def _build(self, name: str, wanted: dict[str, str]) -> None:
        """Answer our own hook: the lines of the build as they come, then the exit code."""
        self._stream("text/plain")

        def say(line: str) -> None:
            self.wfile.write(f"{line}\n".encode())
            self.wfile.flush()

        app = self.heroku.app(name)
        code = self.heroku.build(app, Path(wanted["folder"]), wanted["commit"], say)
        say(str(code))

    def _log(self, id: str) -> None:
        self._stream("text/event-stream")
        for number, line in enumerate(self.heroku.logs.get(id, [])):
            self.wfile.write(f"id: {number}\ndata: {line}\n\n".encode())

    def _stream(self, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def log_message(self, format: str, *args: object) -> None:
        pass


class NoAnswer:
    """Where an answer goes that shall not arrive."""

    def write(self, data: bytes) -> int:
        return len(data)

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass

    closed = False
