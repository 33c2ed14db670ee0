"""The dashboard under load: a million runs in the ledger, 200 requests at once, many workers."""

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.request import urlopen

import pytest
import sqlalchemy as sa
from clock import reading
from clock_site import Postgres, Site
from dashboard import fill, web
from web_site import Web

pytestmark = pytest.mark.slow
PATHS = (
    "",
    "jobs/job7",
    "jobs/job7?state=failed",
    "jobs/job7?state=lost",
    "jobs/job7?before=2020-01-01T00:00:00.000000Z_1",
    "runs/500000",
    "metrics",
    "health",
    "api/jobs",
    "api/runs",
    "api/runs?state=failed&limit=200",
    "api/runs?state=lost",
)


@pytest.fixture(scope="module")
def million(postgres: Postgres) -> str:
    url = postgres.create()
    fill(url)
    return url


@pytest.fixture
def visitor(million: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with web(monkeypatch, million) as client:
        yield client


def test_with_a_million_runs_no_page_takes_more_than_100_ms(visitor: Any) -> None:
    for path in PATHS:
        fastest = min(seconds(visitor, path) for _ in range(20))

        assert fastest < 0.1, path


def seconds(client: Any, path: str) -> float:
    start = time.perf_counter()
    assert client.get("/clock/" + path).status_code == 200
    return time.perf_counter() - start


def test_no_page_scans_the_runs(visitor: Any) -> None:
    asked = list[tuple[str, Any]]()
    engine = reading.engine()

    @sa.event.listens_for(engine, "before_cursor_execute")
    def note(db: Any, cursor: Any, statement: str, values: Any, *_: Any) -> None:
        asked.append((statement, values))

    for path in PATHS:
        asked.clear()
        visitor.get("/clock/" + path)
        statements = [pair for pair in asked if pair[0].startswith(("SELECT", "WITH"))]
        assert len(asked) <= 10, path
        for statement, values in statements:
            with engine.connect() as db:
                plan = "\n".join(db.exec_driver_sql("EXPLAIN " + statement, values).scalars())
            assert "Seq Scan on clock_runs" not in plan, path


def test_200_requests_at_once_share_two_connections(million: str, tmp_path: Any) -> None:
    site = Site(tmp_path / "site", million)
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


TWO_THREADS = {"WEB_CONCURRENCY": "1", "GUNICORN_CMD_ARGS": "--threads 2"}


def status(url: str, path: str) -> int:
    with urlopen(f"{url}/clock/{path}", timeout=60) as reply:
        reply.read()
        return int(reply.status)


def watch(site: Site, done: threading.Event, most: list[int]) -> None:
    """Count the connections of others, as long as it takes."""
    ours = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    with site.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        while not done.wait(0.02):
            most.append(int(db.scalar(sa.text(ours + " AND pid <> pg_backend_pid()")) or 0))
