"""Finding runs among those of all jobs, and how they failed."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from clockdyno.dashboard import formats
from clockdyno.ledger import finding
from support.pages import NOW, Ledger

HOUR = timedelta(hours=1)
FAILED = {"state": "failed", "reason": "error"}


@pytest.fixture
def runs(ledger: Ledger) -> dict[str, int]:
    """Fill the ledger with a few runs of two jobs, of different ages."""
    for name in ("mail", "report"):
        ledger.job(name, zone="Europe/Berlin")
    shop = "Traceback\n  100%_done\nValueError: 100% /of_the shop is closed"
    return {
        "new": ledger.run(NOW - HOUR / 2, "report"),
        "shop": ledger.run(NOW - 2 * HOUR, "report", error=shop, **FAILED),
        "mail": ledger.run(NOW - 3 * HOUR, "mail", error=shop, **FAILED),
        "other": ledger.run(NOW - 30 * HOUR, "mail", error="KeyError: 'a'", **FAILED),
        "old": ledger.run(NOW - 200 * HOUR, "mail"),
    }


def found(client: Any, **asked: Any) -> list[int]:
    page = client.get("/clock/runs/", query_string=asked)
    assert page.status_code == 200
    return [int(one) for one in re.findall(r'href="/clock/runs/(\d+)"', page.text)]


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({}, "new shop mail other old"),
        ({"job": "mail"}, "mail other old"),
        ({"state": "failed"}, "shop mail other"),
        ({"within": "1h"}, "new"),
        ({"within": "24h", "state": "failed", "job": "mail"}, "mail"),
        ({"text": "SHOP is"}, "shop mail"),
        ({"text": "100% /of_the"}, "shop mail"),
        ({"text": "100_ "}, ""),
        ({"text": "shop", "job": "mail"}, "mail"),
        ({"until": (NOW - 100 * HOUR).isoformat()}, "old"),
        ({"since": (NOW - 4 * HOUR).isoformat(), "text": "e"}, "shop mail"),
        ({"job": "nobody"}, ""),
    ],
)
def test_runs_are_found_by_what_is_known_of_them(
    client: Any, runs: dict[str, int], asked: Any, names: str
) -> None:
    assert found(client, **asked) == [runs[name] for name in names.split()]
    same = client.get("/clock/api/runs", query_string=asked).json["runs"]
    assert [run["id"] for run in same] == [runs[name] for name in names.split()]


def test_a_text_is_looked_for_in_so_many_errors_and_then_in_older_ones(
    client: Any, runs: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "ERRORS", 2)
    page = client.get("/clock/runs/?text=keyerror").text
    assert "No such run" in page and "there are older ones" in page
    (link,) = re.findall('href="([^"]+)">Look in older ones', page)
    assert "there are older ones" not in client.get(html.unescape(link)).text
    first = client.get("/clock/api/runs?text=keyerror").json
    older = client.get(f"/clock/api/runs?text=keyerror&before={first['older']}").json
    assert (first["runs"], [run["id"] for run in older["runs"]]) == ([], [runs["other"]])
    monkeypatch.setattr(finding, "ERRORS", 3)
    assert found(client, text="keyerror") == [runs["other"]]


def test_a_time_without_an_offset_is_in_the_zone_of_the_jobs(
    client: Any, runs: dict[str, int]
) -> None:
    here = (NOW - HOUR).astimezone(formats.zone("Europe/Berlin"))
    assert found(client, since=f"{here:%Y-%m-%dT%H:%M}") == [runs["new"]]


@pytest.mark.parametrize(
    "asked", ["state=over", "within=1y", "since=monday", "until=9999-12-31T23:59-14:00", "before=x"]
)
def test_what_cannot_be_meant_is_refused_in_words(client: Any, asked: str) -> None:
    assert client.get(f"/clock/runs/?{asked}").status_code == 400


def test_the_next_page_keeps_what_was_asked_for(client: Any, ledger: Ledger) -> None:
    for n in range(60):
        ledger.run(NOW - n * HOUR, error="no luck", **FAILED)
    page = client.get("/clock/runs/?text=luck&state=failed").text
    (older,) = re.findall(r'href="([^"]+)">Older', page)
    assert "text=luck" in older and "state=failed" in older
    assert len(re.findall("no luck", client.get(older.replace("&amp;", "&")).text)) == 10


def test_errors_are_grouped_by_their_last_line(client: Any, runs: dict[str, int]) -> None:
    page = client.get("/clock/errors/").text
    assert re.findall(r"<b>(\d+)</b>", page) == ["2", "1"]
    (shop, other) = client.get("/clock/api/errors").json["errors"]
    assert shop["line"] == "ValueError: 100% /of_the shop is closed"
    assert (shop["number"], shop["jobs"], shop["run"]) == (2, ["report", "mail"], runs["shop"])
    assert shop["first_at"] == (NOW - 3 * HOUR).isoformat()
    assert other["number"] == 1

    (link,) = re.findall(r'href="([^"]+)">ValueError', page)
    shown = client.get(link.replace("&amp;", "&")).text
    assert re.findall(r'href="/clock/runs/(\d+)"', shown) == [str(runs["shop"]), str(runs["mail"])]
    assert "No such error" in client.get("/clock/errors/?job=report&text=KeyError").text


def test_a_search_is_text_and_nothing_else(client: Any, runs: dict[str, int]) -> None:
    page = client.get("/clock/runs/", query_string={"text": '"><script>'}).text
    assert "<script>" not in page.replace("<script src", "")
    assert client.get("/clock/runs/?text=%00").status_code == 404
