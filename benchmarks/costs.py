"""What a run costs the clock's processor that prints, tells a ping address, or uses the app."""

import contextlib
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from support.postgres import Postgres
from support.site import Site

from benchmarks.progress import doing
from benchmarks.sites import cpu, running
from benchmarks.table import Row, times_at_most

# Fifty a second, so that all four kinds together leave room on two processors.
JOBS = """
import logging

def work(n):
    {work}

for n in range(50):
    sched.add_job(work, "interval", [n], id=f"work{{n}}", seconds=1{more})
"""
SILENT = JOBS.format(work="pass", more="")
KINDS = {
    "that prints 10 lines": JOBS.format(
        work="for line in range(10): print(n, line, 'lines of a run')", more=""
    ),
    "in the app's context": JOBS.format(
        work="from flask import current_app; current_app.name", more=""
    ),
    "with a ping address": JOBS.format(work="pass", more=', ping=os.environ["PING"]'),
}
APP = """
from flask import Flask

def create_app():
    return Flask(__name__)
"""
BARS = {"that prints 10 lines": 1.5, "in the app's context": 1.5, "with a ping address": 2.5}


def main(quick: bool = False) -> Iterator[Row]:
    """Yield a row for each kind, beside a run that does nothing."""
    seconds = 6 if quick else 10
    doing(f"{seconds} s of four clocks whose runs are silent, print, ping, and use the app")
    with (
        contextlib.closing(Postgres(durable=True)) as postgres,
        _receiver() as address,
        contextlib.ExitStack() as stack,
    ):
        found = []
        for body in (SILENT, *KINDS.values()):
            clock = "Clock(timezone='UTC')"
            if "flask" in body:
                clock = "Clock(timezone='UTC', app='app:create_app')"
            made = running(body, postgres.create(), clock, PING=address)
            found.append(stack.enter_context(made))
            (found[-1][0].folder / "app.py").write_text(APP)
        time.sleep(4)
        before = [(cpu(process), _runs(site)) for site, process in found]
        time.sleep(seconds)
        after = [(cpu(process), _runs(site)) for site, process in found]
    costs = [(b[0] - a[0]) / (b[1] - a[1]) * 1000 for a, b in zip(before, after, strict=True)]
    for name, cost in zip(KINDS, costs[1:], strict=True):
        told = f"processor time of a run {name}; of one that does nothing"
        yield times_at_most(told, cost, costs[0], BARS[name], "ms")


def _runs(site: Site) -> int:
    rows = site.query("SELECT count(*) FROM clockdyno.runs WHERE state = 'succeeded'")
    return int(rows[0][0])


@contextlib.contextmanager
def _receiver() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(204)
            self.end_headers()

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/ping"
    server.shutdown()
    server.server_close()
