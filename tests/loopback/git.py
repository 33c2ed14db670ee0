"""git over HTTP: git's own http-backend, and a hook that has each push built before it counts."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

HOOK = Path(__file__).parent / "hook.py"


def certificate(root: Path) -> Path:
    """Make a certificate for 127.0.0.1: Heroku's git credentials are only given over HTTPS."""
    file = root / "certificate.pem"
    new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    name = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", "-days", "2", *new_key, *name]
    subprocess.run(
        [*command, "-keyout", file, "-out", root / "public.pem"], check=True, capture_output=True
    )
    with file.open("a") as both:
        both.write((root / "public.pem").read_text())
    return file


def make_repository(folder: Path, build_url: str) -> None:
    """Make the bare repository of an app, whose pushes are built."""
    subprocess.run(
        ["git", "init", "--quiet", "--bare", "--initial-branch=main", folder],
        check=True,
        env=_environment(),
    )
    hook = folder / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\nexec {sys.executable} -I {HOOK} {build_url}\n")
    hook.chmod(0o755)


def _environment() -> dict[str, str]:
    """Return our environment without a git configuration of anybody's."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("GIT_", "HEROKU_"))}
    return {**clean, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


def serve(handler: BaseHTTPRequestHandler, root: Path, body: bytes, user: str) -> None:
    """Answer a request of git's smart protocol by running git's own CGI program."""
    path, _, query = handler.path.partition("?")
    env = {
        **_environment(),
        "GIT_PROJECT_ROOT": str(root),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "REQUEST_METHOD": handler.command,
        "CONTENT_TYPE": handler.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_CONTENT_ENCODING": handler.headers.get("Content-Encoding", ""),
        "HTTP_GIT_PROTOCOL": handler.headers.get("Git-Protocol", ""),
        "REMOTE_USER": user,
        "REMOTE_ADDR": "127.0.0.1",
    }
    with subprocess.Popen(
        ["git", "http-backend"], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as backend:
        assert backend.stdin is not None and backend.stdout is not None
        backend.stdin.write(body)
        backend.stdin.close()
        headers = dict(_headers(backend.stdout))
        handler.send_response(int(headers.pop("Status", "200 OK").split()[0]))
        for name, value in headers.items():
            handler.send_header(name, value)
        # Not "Connection: close": git's TLS calls that a cut line.
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        while chunk := backend.stdout.read1(65536):  # type: ignore[attr-defined]
            # A push is built to its end, also when who pushes has gone.
            with contextlib.suppress(OSError):
                handler.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
                handler.wfile.flush()
        with contextlib.suppress(OSError):
            handler.wfile.write(b"0\r\n\r\n")


def _headers(stream: object) -> Iterator[tuple[str, str]]:
    while line := stream.readline().strip():  # type: ignore[attr-defined]
        name, _, value = line.decode().partition(":")
        yield name, value.strip()
