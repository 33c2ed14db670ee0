"""How long a job's runs took on each of the last thirty days, on its page."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from clockdyno.dashboard.pictures import days
from clockdyno.ledger import durations, reports
from clockdyno.ledger.durations import Day
from support.pages import NOW, Ledger

NOON = datetime(2027, 3, 10, 12, tzinfo=UTC)
DAY, MINUTE, SECOND = timedelta(days=1), timedelta(minutes=1), timedelta(seconds=1)


def took(ledger: Ledger, at: datetime, seconds: float, **facts: Any) -> None:
    ledger.run(at, started_at=at, finished_at=at + seconds * SECOND, **facts)


def of_job(zone: Any = UTC) -> list[Day]:
    with reports.engine().connect() as db:
        return durations.of_job(db, "report", zone, NOON.astimezone(zone).date())


def test_a_day_has_its_median_its_p95_and_its_longest_run(client: Any, ledger: Ledger) -> None:
    for n in range(20):
        took(ledger, NOON + n * MINUTE, n + 1)
    took(ledger, NOON - 29 * DAY, 3)
    took(ledger, NOON - 30 * DAY, 4)
    took(ledger, NOON, 99, state="failed", kind="manual")
    took(ledger, NOON, 99, job_id="other")
    last, first = NOON.date(), (NOON - 29 * DAY).date()
    assert of_job() == [Day(first, 1, 3, 3, 3, False), Day(last, 20, 10.5, 19, 20, False)]


def test_a_day_is_that_of_the_zone_also_where_it_has_23_hours(client: Any, ledger: Ledger) -> None:
    zone = ZoneInfo("America/New_York")
    midnight = datetime(2027, 3, 15, tzinfo=zone)
    for at in (midnight - SECOND, midnight, midnight - 23 * timedelta(hours=1)):
        took(ledger, at.astimezone(UTC), 1)
    with reports.engine().connect() as db:
        found = durations.of_job(db, "report", zone, midnight.date())
    assert [(f"{day.day:%d}", day.number) for day in found] == [("14", 2), ("15", 1)]


def test_of_a_day_with_very_many_runs_the_newest_are_looked_at(
    client: Any, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(durations, "A_DAY", 3)
    for n in range(5):
        took(ledger, NOON + n * MINUTE, n)
    assert of_job() == [Day(NOON.date(), 3, 3, 4, 4, True)]


def test_the_page_has_the_days_as_a_picture_and_as_a_table(client: Any, ledger: Ledger) -> None:
    ledger.job(zone="UTC")
    assert "The last 30 days" not in client.get("/clock/jobs/report").text
    for n in range(40):
        took(ledger, NOW - n * DAY, 60 + n)
    page = client.get("/clock/jobs/report").text
    table = page.partition('class="days"')[2].partition("</table>")[0]
    assert table.count("<tr>") == 31
    assert re.findall(r"<td>([^<]*)</td>", table)[:4] == [
        "1",
        "1 min",
        "1 min",
        "1 min",
    ]
    assert ">1 min 29 s</span>" in page


def test_bars_are_as_high_as_the_runs_were_long_on_their_day() -> None:
    today = NOON.date()
    found = [Day(today - 29 * DAY, 9, 10, 20, 40, False), Day(today, 9, 0, 0, 0, False)]
    svg = ElementTree.fromstring(days.month("<b>", found, today))
    bars = [
        [float((bar.get(name) or "").rstrip("%")) for name in ("x", "height")]
        for bar in svg.iter("rect")
    ]
    assert bars[0] == [0, 37.5] and bars[1] == [0, 18.8]
    assert bars[2][0] == pytest.approx(96.67) and bars[2][1] == 0
    assert "<b>" in (svg.findtext("title") or "")
