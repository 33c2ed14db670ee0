"""In which zone the pages write times: that of each job, UTC or the reader's."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from support.pages import NOW, Ledger

AT = datetime(2027, 3, 8, 14, 30, tzinfo=UTC)
SITE = {"Origin": "http://localhost"}
TOKYO, UTC_TIME, PARIS = "23:30 JST", "14:30 UTC", "15:30 CET"


@pytest.fixture(params=["sqlite"])
def site(request: pytest.FixtureRequest, on_sqlite: Any) -> Any:
    """Give one kind of database, which is enough for how times are written."""
    return on_sqlite


def choose(client: Any, zone: str, **headers: str) -> Any:
    return client.post("/clock/times", data={"times": zone}, headers=SITE | headers)


def pressed(page: str) -> list[str]:
    return re.findall(r'aria-pressed="true">([^<]+)<', page)


@pytest.mark.parametrize("path", ["", "jobs/report", "runs/{run}", "runs/", "errors/"])
def test_times_are_the_jobs_or_utc_or_the_readers_on_every_page(
    client: Any, ledger: Ledger, path: str
) -> None:
    ledger.job(zone="Asia/Tokyo", words="Every day at 23:30, Tokyo time")
    run = ledger.run(AT, state="failed", error="RuntimeError: no", started_at=AT)
    address = "/clock/" + path.format(run=run)

    def told() -> tuple[list[str], bool, bool, bool]:
        page = client.get(address).text
        return pressed(page), *(time in page for time in (TOKYO, PARIS, UTC_TIME))  # type: ignore[return-value]

    assert told() == (["the job’s"], True, False, False)
    assert choose(client, "Europe/Paris").status_code == 303
    assert told() == (["mine"], False, True, False)
    choose(client, "UTC")
    assert told() == (["UTC"], False, False, True)
    choose(client, "job")
    assert told() == (["the job’s"], True, False, False)


def test_what_is_looked_for_is_meant_in_the_zone_that_is_shown(client: Any, ledger: Ledger) -> None:
    ledger.job(zone="Asia/Tokyo")
    ledger.run(AT)
    assert "No such run" in client.get("/clock/runs/?since=2027-03-08T23:31").text
    assert "No such run" not in client.get("/clock/runs/?since=2027-03-08T14:29").text
    choose(client, "UTC")
    assert "From (UTC)" in client.get("/clock/runs/").text
    assert "No such run" in client.get("/clock/runs/?since=2027-03-08T14:31").text


@pytest.mark.parametrize("zone", ["", "mine", "../../etc/passwd", "Mars/Olympus", "a\0b", "é" * 99])
def test_what_is_no_zone_is_refused_and_never_used(client: Any, ledger: Ledger, zone: str) -> None:
    ledger.job(zone="Asia/Tokyo", paused_at=NOW)
    assert choose(client, zone).status_code == 400
    client.set_cookie("clock-times", "../../etc/passwd", path="/clock/")
    page = client.get("/clock/")
    assert page.status_code == 200 and pressed(page.text) == ["the job’s"]


def test_another_site_cannot_choose(client: Any, ledger: Ledger) -> None:
    assert choose(client, "UTC", Origin="http://other.example").status_code == 403
    assert client.get_cookie("clock-times", path="/clock/") is None
