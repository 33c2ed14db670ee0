"""The public address of an app: passes requests on to its newest web dyno."""

import http.client
import threading
import time
from http.server import BaseHTTPRequestHandler

from loopback.dynos import Dynos
from loopback.quiet import QuietServer

WAIT_SECONDS = 30  # what the real router gives a dyno to answer
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}


class Router:
    """A port of its own for one app, as its web_url says."""

    def __init__(self, dynos: Dynos) -> None:
        self.dynos = dynos
        self.server = QuietServer(("127.0.0.1", 0), _handler(self))
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def target(self) -> int | None:
        """Wait for a web dyno that is up and return its port."""
        limit = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < limit:
            running = self.dynos.running("web")
            up = [dyno.port for dyno in running if dyno.state == "up"]
            if up:
                return up[-1]
            if not running or all(dyno.state == "crashed" for dyno in running):
                return None
            time.sleep(0.05)
        return None

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def _handler(router: Router) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _pass_on(self) -> None:
            port = router.target()
            if port is None:
                self.send_error(503, "No web processes running")
                return
            length = int(self.headers.get("Content-Length") or 0)
            dyno = http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT_SECONDS)
            headers = {**dict(self.headers), "X-Forwarded-Proto": "https"}
            dyno.request(self.command, self.path, self.rfile.read(length), headers)
            reply = dyno.getresponse()
            body = reply.read()
            self.send_response(reply.status)
            for name, value in reply.getheaders():
                if name.lower() not in HOP_BY_HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            dyno.close()

        do_GET = do_POST = do_HEAD = _pass_on

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler
