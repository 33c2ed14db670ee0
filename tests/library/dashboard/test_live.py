"""The live page in a real browser: what comes above it moves nothing that somebody looks at."""

import contextlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from clockdyno.ledger import database
from playwright.sync_api import Browser, Page, expect
from support.pages import NOW, Ledger
from support.site import Site
from support.web import Visitor, Web, visit

pytestmark = pytest.mark.slow
MINUTE = timedelta(minutes=1)
TOP = "node => node.getBoundingClientRect().top"


@pytest.fixture
def shown(tmp_path: Path) -> Iterator[tuple[Ledger, Web]]:
    """Give a ledger and the web process that shows it."""
    with contextlib.closing(Site(tmp_path / "site", f"sqlite:///{tmp_path}/l.sqlite3")) as site:
        database.set_up(site.engine)
        ledger = Ledger(site.engine)
        ledger.clock(dyno="clock.1", heartbeat_at=NOW + timedelta(days=1))
        with contextlib.closing(Web(site)) as web:
            yield ledger, web


def fill(ledger: Ledger, number: int) -> None:
    for n in range(number):
        ledger.job(f"job{n:02}", words="Every hour", zone="UTC")
        ledger.run(NOW - n * MINUTE, f"job{n:02}", started_at=NOW, finished_at=NOW)


def refresh(visitor: Visitor, page: Page) -> None:
    """Let the page look at the ledger once more, and wait for that."""
    with page.expect_response(lambda reply: reply.ok):
        visitor.page.clock.fast_forward(10_000)


def opened(chromium: Browser, web: Web, **settings: Any) -> Any:
    return visit(chromium, web.url, **settings)


@pytest.mark.parametrize("number", [3, 20])
def test_trouble_above_moves_nothing_below(
    shown: tuple[Ledger, Web], chromium: Browser, number: int
) -> None:
    ledger, web = shown
    fill(ledger, number)
    with opened(chromium, web, viewport={"width": 900, "height": 500}) as visitor:
        visitor.page.clock.install()
        page = visitor.open()
        box = page.get_by_role("checkbox", name="Choose job02")
        box.check()
        box.evaluate("node => { node.scrollIntoView({block: 'center'}); node.focus(); }")
        before = box.evaluate(TOP)

        ledger.run(NOW + MINUTE, "job00", state="failed", error="RuntimeError: no")
        ledger.job("a_new_one", words="Every hour", zone="UTC")
        refresh(visitor, page)
        expect(page.get_by_text("1 job needs a look")).to_have_count(1)

        assert box.evaluate(TOP) == pytest.approx(before, abs=1)
        assert page.evaluate("document.activeElement.value") == "job02"
        checked = page.locator("input[name=job]:checked")
        assert [one.get_attribute("value") for one in checked.all()] == ["job02"]


def test_new_runs_above_leave_the_one_that_is_read_in_place(
    shown: tuple[Ledger, Web], chromium: Browser
) -> None:
    ledger, web = shown
    ledger.job(zone="UTC", words="Every minute")
    runs = [ledger.run(NOW - n * MINUTE, started_at=NOW, finished_at=NOW) for n in range(45)]
    with opened(chromium, web, viewport={"width": 900, "height": 400}) as visitor:
        visitor.page.clock.install()
        page = visitor.open("/clock/runs/")
        link = page.locator(f'a[href="/clock/runs/{runs[20]}"]')
        link.evaluate("node => node.scrollIntoView({block: 'center'})")
        before = link.evaluate(TOP)
        for n in range(1, 4):
            ledger.run(NOW + n * MINUTE, state="failed", error="RuntimeError: no")
        refresh(visitor, page)
        expect(page.locator(".runs .why")).to_have_count(3)
        assert link.evaluate(TOP) == pytest.approx(before, abs=1)
        assert page.evaluate("scrollY") > 0


def test_a_word_of_trouble_with_the_network_moves_nothing(
    shown: tuple[Ledger, Web], chromium: Browser
) -> None:
    ledger, web = shown
    fill(ledger, 3)
    with opened(chromium, web, viewport={"width": 390, "height": 700}) as visitor:
        visitor.page.clock.install()
        page = visitor.open()
        title = page.get_by_role("heading", name="Jobs")
        before = title.evaluate(TOP)
        page.route("**/clock/", lambda route: route.abort())
        visitor.page.clock.fast_forward(10_000)
        expect(page.locator("[data-stale]")).to_contain_text("could not be refreshed")
        assert title.evaluate(TOP) == before
        visitor.complaints.clear()


def test_the_switch_of_times_knows_the_readers_zone(
    shown: tuple[Ledger, Web], chromium: Browser
) -> None:
    ledger, web = shown
    ledger.job(zone="Asia/Tokyo", words="Every day")
    run = ledger.run(NOW, started_at=NOW)
    with opened(chromium, web, timezone_id="Asia/Kolkata") as visitor:
        page = visitor.open(f"/clock/runs/{run}")
        expect(page.locator("h1 time")).to_contain_text("JST")
        page.get_by_role("button", name="mine").click()
        expect(page.locator("h1 time")).to_contain_text("IST")
        expect(page.get_by_role("button", name="mine")).to_have_attribute("aria-pressed", "true")
        page.get_by_role("button", name="UTC").press("Enter")
        expect(page.locator("h1 time")).to_contain_text("UTC")
    with opened(chromium, web, java_script_enabled=False) as visitor:
        page = visitor.open()
        expect(page.get_by_role("button", name="mine")).to_be_hidden()
        page.get_by_role("button", name="UTC").click()
        expect(page.get_by_role("button", name="UTC")).to_have_attribute("aria-pressed", "true")
