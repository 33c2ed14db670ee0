"""The live page in a real browser: what comes above it moves nothing that somebody looks at."""

import contextlib
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from clockdyno import schedules
from clockdyno.ledger import database, reports, schedule_tables, tables
from playwright.sync_api import Browser, Page, Route, expect
from support.pages import NOW, Ledger
from support.site import GUARD, Site
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


def hold(page: Page, pattern: str) -> list[Route]:
    """Let requests wait; return those that do."""
    held: list[Route] = []
    page.route(pattern, lambda route: held.append(route))
    return held


def until(page: Page, is_so: Callable[[], bool]) -> None:
    """Let the browser go on until something is so."""
    end = time.monotonic() + GUARD
    while not is_so():
        assert time.monotonic() < end
        page.wait_for_timeout(10)


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


def test_a_button_pressed_during_a_refresh_acts_in_place_and_the_later_page_is_shown(
    shown: tuple[Ledger, Web], chromium: Browser
) -> None:
    ledger, web = shown
    fill(ledger, 1)
    with opened(chromium, web) as visitor:
        visitor.page.clock.install()
        page = visitor.open()
        page.evaluate("window.kept = true")
        held = hold(page, "**/clock/")
        page.clock.fast_forward(10_000)
        until(page, lambda: len(held) == 1)
        before = held[0].fetch()  # As the page was before the press.
        page.get_by_role("button", name="Pause: job00").press("Enter")
        until(page, lambda: len(held) == 2)
        held[1].continue_()
        expect(page.get_by_role("button", name="Resume: job00")).to_be_focused()
        with page.expect_event("requestfinished", lambda asked: asked == held[0].request):
            held[0].fulfill(response=before)
        page.evaluate("new Promise(requestAnimationFrame)")
        expect(page.get_by_role("button", name="Resume: job00")).to_be_focused()
        assert page.evaluate("window.kept")


def test_a_button_pressed_twice_acts_once(shown: tuple[Ledger, Web], chromium: Browser) -> None:
    ledger, web = shown
    fill(ledger, 1)
    with opened(chromium, web) as visitor:
        page = visitor.open()
        held = hold(page, "**/run")
        button = page.get_by_role("button", name="Run now: job00")
        button.press("Enter")
        until(page, lambda: bool(held))
        button.press("Enter")
        with page.expect_response("**/clock/"):
            held[0].continue_()
        with ledger.engine.connect() as db:
            assert len(db.execute(tables.orders.select()).all()) == 1
        assert len(held) == 1


@pytest.mark.parametrize("status", [None, 503])
def test_an_action_without_an_answer_is_not_sent_again_and_says_so(
    shown: tuple[Ledger, Web], chromium: Browser, status: int | None
) -> None:
    ledger, web = shown
    fill(ledger, 1)
    with opened(chromium, web) as visitor:
        page = visitor.open()
        held = hold(page, "**/run")
        page.get_by_role("button", name="Run now: job00").press("Enter")
        until(page, lambda: bool(held))
        if status:  # Of a router that has waited for the app in vain.
            held[0].fulfill(status=status)
        else:
            held[0].abort()
        expect(page.get_by_role("status")).to_contain_text("it may have been done or not")
        assert len(held) == 1 and page.url == web.url + "/clock/"
        visitor.complaints.clear()  # The request that was cut off.


def test_what_is_refused_has_its_own_page(shown: tuple[Ledger, Web], chromium: Browser) -> None:
    ledger, web = shown
    fill(ledger, 2)
    with opened(chromium, web) as visitor:
        page = visitor.open()
        page.get_by_role("button", name="Pause: the chosen jobs").press("Enter")
        expect(page.get_by_text("Choose the jobs first.")).to_be_visible()
        page.go_back()
        expect(page.get_by_role("heading", name="Jobs")).to_be_visible()
        visitor.complaints.clear()  # The refusal.


def test_schedules_with_long_keys_fit_a_phone_and_have_their_buttons(
    shown: tuple[Ledger, Web],
    chromium: Browser,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ledger, web = shown
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/l.sqlite3")
    monkeypatch.setattr(reports, "_engines", {})
    with ledger.engine.execution_options(writes=True).begin() as db:
        task = {"name": "remind", "zone": "UTC", "fastest": 60, "on_lost": "skip", "doc": ""}
        db.execute(
            schedule_tables.tasks.insert().values(task | {"takes": '{"must": [], "may": null}'})
        )
    schedules.put("somebody-with-a-long-name@example.com", "remind", "weekdays at 9")
    with opened(chromium, web, viewport={"width": 390, "height": 700}) as visitor:
        page = visitor.open("/clock/schedules")
        expect(page.get_by_role("button", name="Pause: somebody")).to_be_visible()
        assert visitor.too_wide() <= 0 and visitor.findings() == []
        next_at, key = (
            page.locator(f".schedules td:nth-child({n})").bounding_box() for n in (1, 2)
        )
        assert next_at and key and next_at["y"] + next_at["height"] <= key["y"]
        page.get_by_role("link", name="somebody").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("somebody")
        assert visitor.too_wide() <= 0 and visitor.findings() == []


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
