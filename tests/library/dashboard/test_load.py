"""The dashboard under load: a million runs in the ledger, 200 requests at once, many workers."""

import contextlib
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.request import urlopen

import pytest
import sqlalchemy as sa
from clockdyno.ledger import reports
from support.pages import fill, web
from support.postgres import Postgres
from support.site import GUARD, Site
from support.web import Web, watch

pytestmark = pytest.mark.slow
PATHS = (
    "",
    "jobs/job7",
    "jobs/job7?state=failed",
    "jobs/job7?state=lost",
    "jobs/job7?before=2020-01-01T00:00:00.000000Z_1",
    "runs/7777",
    "metrics",
    "health",
    "api/jobs",
    "api/runs",
    "api/runs?state=failed&limit=200",
    "api/runs?state=lost",
)
TWO_THREADS = {"WEB_CONCURRENCY": "1", "GUNICORN_CMD_ARGS": "--threads 2"}


def test_with_a_million_runs_no_page_reads_them_all(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres.create()
    fill(url)
    with web(monkeypatch, url) as client:
        assert_no_scan(client)


def assert_no_scan(client: Any) -> None:
    asked = list[tuple[str, Any]]()
    engine = reports.engine()

    @sa.event.listens_for(engine, "before_cursor_execute")
    def note(db: Any, cursor: Any, statement: str, values: Any, *_: Any) -> None:
        asked.append((statement, values))

    for path in PATHS:
        asked.clear()
        assert client.get("/clock/" + path).status_code == 200
        statements = [pair for pair in asked if pair[0].startswith(("SELECT", "WITH"))]
        assert len(asked) <= 10, path
        for statement, values in statements:
            with engine.connect() as db:
                plan = "\n".join(db.exec_driver_sql("EXPLAIN " + statement, values).scalars())
            assert "Seq Scan on runs" not in plan, path


def test_200_requests_at_once_share_two_connections(postgres: Postgres, tmp_path: Any) -> None:
    url = postgres.create()
    fill(url, 20_000)
    site = Site(tmp_path / "site", url)
    with contextlib.closing(site), contextlib.closing(Web(site, **TWO_THREADS)) as server:
        done, most = threading.Event(), list[int]()
        watcher = threading.Thread(target=watch, args=(site, done, most))
        watcher.start()
        paths = [PATHS[n % len(PATHS)] for n in range(200)]
        with ThreadPoolExecutor(200) as pool:
            codes = Counter(pool.map(lambda path: status(server.url, path), paths))
        done.set()
        watcher.join()

    assert codes == {200: 200}
    assert 1 <= max(most) <= 2


def status(url: str, path: str) -> int:
    with urlopen(f"{url}/clock/{path}", timeout=GUARD) as reply:
        reply.read()
        return int(reply.status)
