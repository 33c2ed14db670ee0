"""What the dashboard costs with a million runs, beside a bare Flask page: time, memory, start."""

import contextlib
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import psutil
import pytest
import sqlalchemy as sa

from benchmarks.table import Row

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from support.pages import fill, web
from support.postgres import Postgres
from support.site import Site
from support.web import Web, watch

PAGES = {
    "overview": "/clock/",
    "job page": "/clock/jobs/job7",
    "run page": "/clock/runs/7777",
    "runs": "/clock/runs/",
    "runs that failed": "/clock/runs/?state=failed&within=7d",
    "runs by error": "/clock/runs/?text=line+1&job=job7",
    "runs by an error that none has": "/clock/runs/?text=zebra",
    "errors": "/clock/errors/",
    "api/jobs": "/clock/api/jobs",
    "api/runs": "/clock/api/runs",
    "metrics": "/clock/metrics",
}
ASKED = 100
# Milliseconds, of any other page 100.
MOST = dict.fromkeys([name for name in PAGES if name.startswith(("runs ", "errors"))], 150)
# The least that a page of a ledger could do.
BARE = """
import os

import psycopg
from flask import Flask

app = Flask(__name__)
known = []


@app.get("/clock/")
def index():
    if not known:
        known.append(psycopg.connect(os.environ["DATABASE_URL"], autocommit=True))
    return str(known[0].execute("SELECT 1").fetchone()[0])
"""


def main() -> list[Row]:
    """Return the rows of all figures."""
    with contextlib.closing(Postgres()) as postgres:
        url = postgres.create()
        fill(url)
        with pytest.MonkeyPatch.context() as patch, web(patch, url) as client:
            rows = [_queries(client)]
        return [*rows, *_worker(url), *_on_sqlite()]


def _on_sqlite() -> list[Row]:
    """Tell what the pages cost this process, SQLite included: no load of the machine adds to it."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        url = f"sqlite:///{folder}/ledger.sqlite3"
        fill(url)
        with web(patch, url) as client:
            return [_in_process(client, name, path) for name, path in PAGES.items()]


def _in_process(client: Any, name: str, path: str) -> Row:
    took = []
    for _ in range(ASKED // 2 + 5):
        start = time.process_time()
        assert client.get(path).status_code == 200
        took.append((time.process_time() - start) * 1000)
    most, worst = MOST.get(name, 100), _p95(took[5:])
    told = f"{name} on SQLite, CPU, median/p95"
    return Row(told, _both(took[5:]), "-", worst / most, f"<= {most} ms", worst <= most)


def _times(ours: Site, bare: Site) -> list[Row]:
    """Time each page between two of the peer's, so that a noisy machine slows both alike."""
    with contextlib.closing(Web(ours)) as mine, contextlib.closing(Web(bare)) as peer:
        return _pages(_talk(mine), _talk(peer))


def _talk(server: Web) -> HTTPConnection:
    """Open a connection that is kept, as a browser's is."""
    return HTTPConnection(urlsplit(server.url).netloc, timeout=60)


def _pages(mine: HTTPConnection, peer: HTTPConnection) -> list[Row]:
    rows = []
    for name, path in PAGES.items():
        ours, bare = min((_pair(mine, path, peer) for _ in range(3)), key=_p95_of_ours)
        ratio = statistics.median(ours) / statistics.median(bare)
        most = MOST.get(name, 100)
        told, kept = f"{name}, median/p95", _p95(ours) <= most
        rows.append(Row(told, _both(ours), _both(bare), ratio, f"<= {most} ms", kept))
    return rows


def _pair(mine: HTTPConnection, path: str, peer: HTTPConnection) -> tuple[list[float], list[float]]:
    pairs = [(_took(mine, path), _took(peer, "/clock/")) for _ in range(ASKED + 5)][5:]
    ours, bare = zip(*pairs, strict=True)
    return list(ours), list(bare)


def _took(to: HTTPConnection, path: str) -> float:
    start = time.perf_counter()
    to.request("GET", path)
    with to.getresponse() as reply:
        reply.read()
    assert reply.status == 200
    return (time.perf_counter() - start) * 1000


def _p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]


def _p95_of_ours(pair: tuple[list[float], list[float]]) -> float:
    return _p95(pair[0])


def _both(values: list[float]) -> str:
    return f"{statistics.median(values):.1f}/{_p95(values):.1f} ms"


def _queries(client: Any) -> Row:
    """Count what reaches the database, down to the limit that each transaction sets itself."""
    from clockdyno.ledger import reports

    asked: list[str] = []

    @sa.event.listens_for(reports.engine(), "before_cursor_execute")
    def note(db: Any, cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    counts = {}
    for name, path in PAGES.items():
        asked.clear()
        assert client.get(path).status_code == 200
        counts[name] = len(asked)
    most = max(counts, key=lambda name: counts[name])
    return _row(f"queries of a page at most ({most})", counts[most], 1, 10, "")


def _worker(url: str) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        ours, bare = Site(Path(folder) / "ours", url), Site(Path(folder) / "bare", url)
        (bare.folder / "app.py").write_text(BARE)
        with contextlib.closing(ours), contextlib.closing(bare):
            return [*_times(ours, bare), _start(ours, bare), *_memory(ours, bare)]


def _start(ours: Site, bare: Site) -> Row:
    """Time from the command to the first answer, the import of everything included."""
    pairs = [(_first_answer(ours), _first_answer(bare)) for _ in range(8)][1:]
    mine, peer = (statistics.median(side) for side in zip(*pairs, strict=True))
    return _row("gunicorn, start to first answer", mine, peer, 2, "s")


def _first_answer(site: Site) -> float:
    start = time.perf_counter()
    with contextlib.closing(Web(site)) as server:
        _visit(server)
        return time.perf_counter() - start


def _memory(ours: Site, bare: Site) -> list[Row]:
    done, most = threading.Event(), list[int]()
    threading.Thread(target=watch, args=(ours, done, most)).start()
    try:
        mine = _rss(ours, list(PAGES.values()))
    finally:
        done.set()
    return [
        _row("RSS of a gunicorn worker, 200 requests", mine, _rss(bare, ["/clock/"]), 80, "MB"),
        _row("connections of a worker", max(most), None, 2, ""),
    ]


def _rss(site: Site, paths: Sequence[str]) -> float:
    """Return what the worker has after 200 requests, four at a time."""
    with contextlib.closing(Web(site)) as server, ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: _visit(server, paths[n % len(paths)]), range(200)))
        (worker,) = psutil.Process(server.pid).children()
        return worker.memory_info().rss / 2**20


def _visit(server: Web, path: str = "/clock/") -> None:
    with urlopen(server.url + path, timeout=60) as reply:
        reply.read()


def _row(name: str, ours: float, peer: float | None, bar: float, unit: str) -> Row:
    def told(value: float) -> str:
        return f"{value:.2f} s" if unit == "s" else f"{value:.0f} {unit}".rstrip()

    ratio = ours / (peer or bar)
    shown = told(peer) if peer else "-"
    return Row(name, told(ours), shown, ratio, f"<= {bar} {unit}".rstrip(), ours <= bar)
