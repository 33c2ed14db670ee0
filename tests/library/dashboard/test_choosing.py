"""The overview of many jobs: one line each, found by their words, in an order of choice."""

import random
import re
from datetime import timedelta
from typing import Any

import pytest
from clockdyno.ledger import tables
from support.pages import NOW, Ledger
from support.rows import rows

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


def listed(page: str) -> list[str]:
    return re.findall(r'name="job" value="(\w+)"', page)


def fill(ledger: Ledger, number: int) -> None:
    ledger.clock(heartbeat_at=NOW + timedelta(days=1))
    for n in range(number):
        at = NOW - n * MINUTE
        fires = [(NOW + (100 - n) * MINUTE + k * 30 * MINUTE).isoformat() for k in range(48)]
        ledger.job(f"job{n:02}", words="Every 30 minutes", doc=f"Do {n}.", zone="UTC", fires=fires)
        for k in range(20):
            state = "failed" if k == 0 and n == 7 else "succeeded"
            start = at - k * 30 * MINUTE
            ledger.run(start, f"job{n:02}", state=state, started_at=start, finished_at=start)


@pytest.fixture(params=["sqlite"])
def site(request: pytest.FixtureRequest, on_sqlite: Any) -> Any:
    """Give one kind of database, which is enough for what happens to a list."""
    return on_sqlite


def test_forty_jobs_take_less_than_60_kb_and_one_line_each(client: Any, ledger: Ledger) -> None:
    fill(ledger, 40)
    page = client.get("/clock/").text
    assert len(page.encode()) < 60_000
    assert listed(page) == [f"job{n:02}" for n in range(40)]
    assert page.count("<form") == 3


def test_jobs_are_found_by_name_words_and_docstring_and_sorted(client: Any, ledger: Ledger) -> None:
    fill(ledger, 15)
    assert listed(client.get("/clock/?q=JOB+do+12").text) == ["job12"]
    assert "No job has that" in client.get("/clock/?q=nothing").text
    first = {sort: listed(client.get(f"/clock/?sort={sort}").text)[0] for sort in ORDERS}
    assert first == ORDERS


ORDERS = {"name": "job00", "next": "job14", "last": "job00", "trouble": "job07", "other": "job00"}


def test_of_more_than_a_hundred_jobs_the_rest_is_looked_for(client: Any, ledger: Ledger) -> None:
    for n in range(103):
        ledger.job(f"job{n:03}")
    page = client.get("/clock/").text
    assert len(listed(page)) == 100 and "And 3 more" in page


def test_of_many_jobs_each_failure_is_seen_and_those_listed_have_their_figures(
    client: Any, ledger: Ledger
) -> None:
    ledger.clock(heartbeat_at=NOW + timedelta(days=1))
    for n in range(103):
        ledger.job(f"job{n:03}", zone="UTC", grace=60, fires=[NOW.isoformat()])
    for job, state in (("job001", "running"), ("job102", "skipped")):
        for ago in range(3):
            ledger.run(NOW - ago * MINUTE, job, state=state, started_at=NOW)
        for ago in range(4, 7):
            ledger.run(NOW - ago * MINUTE, job, state="failed", error="no luck", started_at=NOW)
    page = client.get("/clock/").text
    assert "2 jobs need a look" in page and page.count('<span class="why">no luck') == 2
    assert "0 of 3; 3 failed" in page and "badge running" in page
    assert listed(client.get("/clock/?q=job102").text) == ["job102"]


@pytest.mark.parametrize("span", rows(("24h", "1h", "7d"), ("24h",)))
def test_also_where_each_eighth_run_fails_forty_jobs_take_less_than_60_kb(
    client: Any, ledger: Ledger, span: str
) -> None:
    dice = random.Random(8)
    ledger.clock(heartbeat_at=NOW + timedelta(days=1))
    rows = []
    for n in range(40):
        every = (5, 15, 30, 60)[n % 4]
        fires = [(NOW + k * every * MINUTE).isoformat() for k in range(1, 1 + 1440 // every)][:200]
        name, words = f"import_of_partner_{n:02}", f"Every {every} minutes, Berlin time"
        ledger.job(name, words=words, doc="Fetch it.", zone="Europe/Berlin", fires=fires)
        for k in range(2 * 1440 // every):
            start = NOW - k * every * MINUTE - n * SECOND
            state = "failed" if dice.random() < 0.12 else "succeeded"
            error = 'Traceback\n  File "jobs.py"\nHTTPError: 503' if state == "failed" else None
            row = {"job_id": name, "scheduled_at": start, "kind": "scheduled", "state": state}
            rows.append(row | {"error": error, "started_at": start, "finished_at": start + SECOND})
    with ledger.engine.execution_options(writes=True).begin() as db:
        db.execute(tables.runs.insert(), rows)
    page = client.get(f"/clock/?span={span}").text
    assert len(listed(page)) == 40 and page.count('href="#mark-failed"') > 20
    assert len(page.encode()) < 60_000
