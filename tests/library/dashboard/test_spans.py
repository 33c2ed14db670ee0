"""How far the overview's picture reaches: an hour, a day or a week, as the address says."""

import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest
from clockdyno.dashboard.pictures import span
from clockdyno.dashboard.pictures.axis import axis
from clockdyno.ledger import activity, reports
from support.pages import NOW, Ledger

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(params=["sqlite"])
def site(request: pytest.FixtureRequest, on_sqlite: Any) -> Any:
    """Give one kind of database, which is enough for what a page shows."""
    return on_sqlite


@pytest.mark.parametrize(
    ("key", "shown", "hours"),
    [
        ("1h", "1 succeeded", "13:40 13:50 14:00 14:10 14:20 14:40 14:50"),
        ("24h", "2 succeeded", "15:00 18:00 21:00 00:00 03:00 06:00 09:00"),
        ("7d", "3 succeeded", "00:00 12:00 00:00 12:00 00:00 12:00 00:00"),
    ],
)
def test_a_span_is_a_link_that_stays_in_the_address(
    client: Any, ledger: Ledger, key: str, shown: str, hours: str
) -> None:
    ledger.job()
    for ago in (HOUR / 2, 5 * HOUR, 5 * DAY, 8 * DAY):
        ledger.run(NOW - ago)
    page = client.get(f"/clock/?span={key}&q=rep").text
    (lane,) = re.findall(r"<title>report: (.*) in the last", page)
    assert lane == shown
    assert f'href="/clock/?span={key}&amp;q=rep" aria-current="true"' in page
    assert f'<input type="hidden" name="span" value="{key}">' in page
    at = datetime(2027, 3, 10, 14, 30, tzinfo=UTC)
    svg = ElementTree.fromstring(axis(at, "UTC", span.SPANS[key]))
    told = [text.text or "" for text in svg.iter("text")]
    assert [text for text in told if ":" in text][: len(hours.split())] == hours.split()


def test_an_unknown_span_is_refused_with_those_there_are(client: Any, ledger: Ledger) -> None:
    reply = client.get("/clock/?span=99d")
    assert reply.status_code == 400 and "1h, 24h, 7d" in reply.text


def test_what_is_young_is_seen_by_the_hour_and_not_as_a_smear() -> None:
    def usual(known: timedelta, *runs: timedelta) -> str:
        last = [SimpleNamespace(scheduled_at=NOW - ago) for ago in runs]
        return span.usual([SimpleNamespace(known_since=NOW - known, last=last)], NOW)

    assert usual(HOUR, HOUR / 2, HOUR) == "1h"
    assert usual(4 * HOUR) == "24h"
    assert usual(HOUR, HOUR, 4 * HOUR) == "24h"
    assert span.usual([], NOW) == "24h"


def test_a_week_is_as_few_bands_as_a_day_is(client: Any, ledger: Ledger) -> None:
    ledger.job()
    for n in range(7 * 24):
        ledger.run(NOW - n * HOUR)
    with reports.engine().connect() as db:
        week = activity.between(db, NOW - 7 * DAY, NOW + HOUR)
        day = activity.between(db, NOW - DAY, NOW + HOUR)
    assert sum(run.count for run in week) == 7 * 24
    assert len(week) <= 7 * 24 and len(day) == 25
