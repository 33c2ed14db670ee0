"""A ledger in which everything has happened, behind the dashboard, for eyes and their aids."""

import contextlib
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from clockdyno.ledger import reports, schedule_tables
from werkzeug.serving import WSGIRequestHandler, make_server

from support.pages import Ledger, create_app, web

NOW = datetime.now(UTC).replace(microsecond=0)
MINUTE, HOUR, SECOND = timedelta(minutes=1), timedelta(hours=1), timedelta(seconds=1)
TRACEBACK = """Traceback (most recent call last):
  File "/app/jobs.py", line 21, in fetch_prices
    answer = urllib.request.urlopen("https://shop.example/prices?" + query, timeout=5)
  File "/app/.heroku/python/lib/python3.14/urllib/request.py", line 187, in urlopen
    return opener.open(url, data, timeout)
urllib.error.HTTPError: HTTP Error 503: Service Unavailable"""
KINDS: tuple[dict[str, Any], ...] = (
    {"state": "failed", "reason": "error", "error": TRACEBACK, "attempt": 2},
    {"state": "succeeded", "exceeded": 30.0},
    {"state": "lost", "reason": "silent"},
    {"state": "running"},
    {"state": "missed", "reason": "late", "count": 12},
    {"state": "skipped", "reason": "overlap"},
    {"state": "failed", "reason": "timeout", "error": "ended after its timeout of 60 s"},
    {"state": "succeeded"},
)
NAMES = "fetch_prices nightly_report_of_everything_that_was_sold sync import_orders".split()


def fill(ledger: Ledger, number: int) -> dict[str, str]:
    """Let so many jobs have a past of all kinds; return the address of each kind of page."""
    clock = ledger.clock(dyno="clock.1", release="v12", heartbeat_at=NOW + timedelta(days=1))
    addresses = {"overview": "/clock/", "week": "/clock/?span=7d", "hour": "/clock/?span=1h"}
    for n in range(number):
        kind = KINDS[n % len(KINDS)]
        job = NAMES[n] if n < len(NAMES) else f"job_{n:03}"
        _job(ledger, n, job)
        for ago in range(25):
            at = NOW - 20 * MINUTE - ago * HOUR - n * MINUTE
            facts = dict(kind if ago % 9 == 0 else KINDS[-1])
            if facts["state"] not in ("missed", "skipped"):
                facts |= {"started_at": at + SECOND, "clock_id": clock}
                if facts["state"] not in ("running", "lost"):
                    facts["finished_at"] = at + (2 + 7 * ago % 40) * SECOND
            run = ledger.run(at, job, **facts)
            if ago == 0:
                addresses.setdefault(facts["state"], f"/clock/runs/{run}")
                _story(ledger, run, job)
        addresses.setdefault(f"job, {kind['state']}", f"/clock/jobs/{job}")
    _schedules(ledger)
    addresses |= {"runs": "/clock/runs/", "found": "/clock/runs/?state=failed&text=503"}
    addresses |= {"nothing found": "/clock/runs/?job=nobody", "errors": "/clock/errors/"}
    schedules = {"schedules": "/clock/schedules", "schedule": "/clock/jobs/mail-ann~abcdef"}
    return {**addresses, **schedules, "nowhere": "/clock/nowhere"}


def _job(ledger: Ledger, n: int, job: str) -> None:
    fires = [(NOW + (10 + n) * MINUTE + k * HOUR).isoformat() for k in range(24)]
    facts: dict[str, Any] = {"doc": "Fetch what the shops say.", "words": "Every hour"}
    facts |= {"zone": ("Europe/Berlin", "America/New_York")[n % 2], "fires": fires}
    facts |= {"grace": 3600.0, "timeout": 60.0 if n % 2 else None, "expected": 30.0}
    facts["known_since"] = NOW - timedelta(days=20)
    facts["paused_at"] = NOW - HOUR if n % 5 == 4 else None
    if n % 8 == 1:
        fix = '@sched.scheduled_job("interval", hours=1)'
        text = "It has no run on the day after the spring change."
        facts["surprises"] = [{"code": "dst", "text": text, "fix": fix}]
    ledger.job(job, **facts)


def _story(ledger: Ledger, run: int, job: str) -> None:
    """Let a run have said something, been tried before and been asked for."""
    lines = [[int(NOW.timestamp() * 1000), level, f"{level}: shop {n}"] for n, level in LEVELS]
    ledger.output(run, job_id=job, said=1234, lines=lines)
    ledger.order("again", run, job_id=job, who="ann")
    ledger.attempt(run, error=TRACEBACK, state="failed", reason="error", started_at=NOW - HOUR)


LEVELS = list(enumerate(["INFO", "WARNING", "ERROR", "out", "err", "DEBUG"]))


def _schedules(ledger: Ledger) -> None:
    task = {"name": "remind", "zone": "UTC", "fastest": 10, "on_lost": "report", "doc": "Remind."}
    with ledger.engine.execution_options(writes=True).begin() as db:
        db.execute(schedule_tables.tasks.insert().values(task | {"takes": "{}"}))
        for n, key in enumerate(["mail-ann", "somebody-with-a-long-name@example.com", "paused"]):
            row: dict[str, Any] = {"job_id": f"{key}~abcdef", "key": key, "task": "remind"}
            row |= {
                "typed": "hourly",
                "parts": "[]",
                "zone": "UTC",
                "kwargs": "{}",
                "words": "Every hour",
            }
            row |= {"remarks": "[]", "revision": 1, "known_since": NOW, "changed_at": NOW}
            row |= {"paused_at": NOW} if key == "paused" else {"next_at": NOW + n * MINUTE}
            db.execute(schedule_tables.schedules.insert().values(row))


class Quiet(WSGIRequestHandler):
    """Answers without a word in the log."""

    def log_request(self, *_: Any) -> None:
        """Say nothing."""


@contextlib.contextmanager
def gallery(folder: Path, number: int) -> Iterator[tuple[str, dict[str, str]]]:
    """Serve such a ledger from a thread; give its address and those of its pages."""
    url = f"sqlite:///{folder / 'ledger.sqlite3'}"
    with pytest.MonkeyPatch.context() as patch, web(patch, url):
        addresses = fill(Ledger(reports.engine()), number)
        server = make_server("127.0.0.1", 0, create_app(), threaded=True, request_handler=Quiet)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.port}", addresses
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
