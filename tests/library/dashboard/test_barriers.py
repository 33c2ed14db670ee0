"""Every page for whoever sees it otherwise, or has only a keyboard: with 3, 40 and 1,000 jobs."""

from collections.abc import Iterator
from typing import NamedTuple

import pytest
from clockdyno.ledger import reports, tables
from playwright.sync_api import Browser, Page, expect
from support.gallery import gallery
from support.web import Visitor, visit

pytestmark = pytest.mark.slow
LOOKS = [(1200, "light"), (390, "dark"), (1200, "dark"), (390, "light")]
EACH_ONCE = LOOKS[:2]  # both widths, both schemes
# Whatever can have the focus, in the order in which it should get it.
STOPS = """() => {
    const all = document.querySelectorAll(
        "a[href]:not([tabindex]), button, input:not([type=hidden]), select, summary, " +
        "[tabindex='0']");
    const seen = [...all].filter((one) => one.checkVisibility({ visibilityProperty: true }));
    seen.forEach((one, number) => { one.dataset.stop = number; });
    return seen.length;
}"""
# Which of them has it, and whether that can be seen: a ring, within the window.
HERE = """() => {
    const one = document.activeElement;
    const { outlineStyle, outlineWidth } = getComputedStyle(one);
    const { top, bottom } = one.getBoundingClientRect();
    const ring = outlineStyle !== "none" && parseFloat(outlineWidth) > 0;
    const stop = one.dataset.stop ?? null;
    return [stop && Number(stop), ring && bottom > 0 && top < innerHeight, one.outerHTML];
}"""


class Shown(NamedTuple):
    """Where the pages are, and in which looks each is to be seen."""

    url: str
    pages: dict[str, str]
    looks: list[tuple[int, str]]


@pytest.fixture(scope="module", params=[3, 40, 1000])
def shown(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shown]:
    with gallery(tmp_path_factory.mktemp("gallery"), request.param) as (url, pages):
        # Forty jobs have runs of each kind; with three or a thousand a run looks as it does there.
        few = {name: pages[name] for name in ("overview", "runs", "errors", "failed")}
        yield Shown(url, pages, LOOKS) if request.param == 40 else Shown(url, few, EACH_ONCE)


three = pytest.mark.parametrize("shown", [3], indirect=True)


def opened(visitor: Visitor, path: str) -> Page:
    page = visitor.open(path)
    visitor.complaints[:] = [one for one in visitor.complaints if "404" not in one]
    return page


def test_axe_finds_nothing_on_any_page(shown: Shown, chromium: Browser) -> None:
    with visit(chromium, shown.url) as visitor:
        for name, path in shown.pages.items():
            page = opened(visitor, path)
            for width, scheme in shown.looks:
                page.set_viewport_size({"width": width, "height": 900})
                page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
                assert visitor.findings() == [], (name, width, scheme)
                assert visitor.too_wide() <= 0, (name, width)


def test_the_tabulator_reaches_everything_in_its_order_and_shows_where_it_is(
    shown: Shown, chromium: Browser
) -> None:
    with visit(chromium, shown.url, viewport={"width": 1200, "height": 500}) as visitor:
        visitor.page.add_init_script("setInterval = () => 0")  # A refresh takes the marks away.
        for name, path in shown.pages.items():
            page = opened(visitor, path)
            number, reached = page.evaluate(STOPS), -1
            while reached < number - 1:
                page.keyboard.press("Tab")
                stop, is_seen, html = page.evaluate(HERE)
                assert is_seen, (name, html[:300])
                assert stop in (reached, reached + 1), (name, html[:300])  # A date has parts.
                reached = stop


@three
def test_each_thing_that_a_page_does_is_done_by_keys(shown: Shown, chromium: Browser) -> None:
    with visit(chromium, shown.url) as visitor:
        page = visitor.open()
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()

        for job in ("fetch_prices", "sync"):
            page.get_by_role("checkbox", name=f"Choose {job}").press("Space")
        with page.expect_response("**/clock/jobs/"):
            page.get_by_role("button", name="Run now: the chosen jobs").press("Enter")
        with reports.engine().connect() as db:
            asked = db.execute(tables.orders.select().where(tables.orders.c.what == "run")).all()
        assert {order.job_id for order in asked} == {"fetch_prices", "sync"}

        page.get_by_role("button", name="Theme").press("Enter")
        expect(page.get_by_role("button", name="Theme: light")).to_be_focused()
        page.get_by_role("button", name="UTC").press("Enter")
        expect(page.get_by_role("button", name="UTC")).to_have_attribute("aria-pressed", "true")
        expect(page.get_by_role("button", name="UTC")).to_be_focused()

        page = visitor.open("/clock/runs/")
        page.get_by_label("State").focus()
        page.keyboard.type("failed")
        page.get_by_label("Error says").focus()
        page.keyboard.type("503")
        page.keyboard.press("Enter")
        expect(page).to_have_url(
            f"{shown.url}/clock/runs/?job=&state=failed&within=&since=&until=&text=503"
        )
        expect(page.locator(".runs tbody tr")).to_have_count(3)

        page = visitor.open(shown.pages["failed"])
        traceback = page.locator("#attempt-1")
        traceback.locator("summary").press("Enter")
        expect(traceback.locator("pre")).to_be_visible()
        page.get_by_role("button", name="Seen").press("Enter")
        expect(page.get_by_text("has seen how it ended")).to_be_visible()
