"""The dashboard in a real browser, showing and steering what a real clock does."""

import contextlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, expect
from support.site import Site, tables
from support.web import Web, visit

JOBS = '''
@sched.scheduled_job("interval", seconds=1)
def tick():
    """Tick <b>once</b> a second."""

@sched.scheduled_job("interval", seconds=2)
def stumble():
    """Fail, every other second."""
    raise RuntimeError("the shop said <script>alert(1)</script> & went away")

@sched.scheduled_job("cron", hour=2, minute=30, timezone="America/New_York")
def nightly_report_with_quite_a_long_name_that_has_to_fit():
    """Write the figures."""
    note("report")

@sched.scheduled_job("interval", minutes=15)
def refresh():
    note("refresh")
'''
NIGHTLY = "nightly_report_with_quite_a_long_name_that_has_to_fit"
pytestmark = pytest.mark.slow


class Shown:
    """A site with a clock and a web process."""

    def __init__(self, site: Site) -> None:
        self.site = site
        site.write(JOBS, quick=False)
        site.start(DYNO="clock.1", HEROKU_RELEASE_VERSION="v12")
        site.until(lambda: self.has("failed") and self.has("succeeded"))
        site.until(lambda: self.described() == 4)
        self.web = Web(site)

    def has(self, state: str) -> list[Any]:
        return self.site.rows(f"state = '{state}'")

    def described(self) -> int:
        with self.site.engine.connect() as db:
            return int(db.scalar(sa.text("SELECT count(words) FROM clockdyno.jobs")) or 0)

    def close(self) -> None:
        self.web.close()
        self.site.close()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shown(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shown]:
    folder = tmp_path_factory.mktemp("shown")
    if request.param == "sqlite":
        url = f"sqlite:///{folder / 'ledger.sqlite3'}"
    else:
        url = request.getfixturevalue("postgres").create()
    with contextlib.closing(Shown(Site(folder / "site", url))) as made:
        yield made


# One database is enough where only the pages matter.
one = pytest.mark.parametrize("shown", ["sqlite"], indirect=True, scope="module")


def test_from_the_overview_to_the_traceback(shown: Shown, chromium: Browser) -> None:
    with visit(chromium, shown.web.url) as visitor:
        page = visitor.open()
        expect(page).to_have_title(f"Clock up · {shown.site.folder.name}")
        expect(page.locator(".state")).to_contain_text(
            re.compile(r"The clock is up: heartbeat \d+ s ago, dyno clock\.1, release v12\.")
        )
        row = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="stumble"))
        expect(row).to_contain_text("Every 2 seconds")
        expect(row).to_contain_text("failed")
        expect(page.get_by_text("Tick <b>once</b> a second.")).to_be_visible()

        row.get_by_role("link", name="stumble").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("stumble")
        page.get_by_role("link", name="failed", exact=True).click()
        page.locator(".runs tbody tr a").first.click()
        expect(page.locator("pre")).to_contain_text("<script>alert(1)</script> & went away")
        expect(page.locator("main")).to_contain_text("v12")
        expect(page.locator("main")).to_contain_text("heroku logs --process-type clock")


def test_upcoming_fires_are_in_the_jobs_zone_with_their_surprises(
    shown: Shown,
    chromium: Browser,
) -> None:
    with visit(chromium, shown.web.url) as visitor:
        page = visitor.open(f"/clock/jobs/{NIGHTLY}")
        first = page.locator(".fires time").first
        expect(first).to_contain_text("02:30")
        assert re.fullmatch(r"\d{4}-\d\d-\d\d 0[67]:30:00 UTC", first.get_attribute("title") or "")
        expect(page.locator(".surprises")).to_contain_text("02:30")


@one
def test_the_theme_is_the_readers_choice_and_stays(shown: Shown, chromium: Browser) -> None:
    with visit(chromium, shown.web.url, color_scheme="light") as visitor:
        page = visitor.open()
        paper = "getComputedStyle(document.body).backgroundColor"
        light = page.evaluate(paper)
        for theme in ("light", "dark"):
            page.get_by_role("button", name="Theme").click()
            expect(page.get_by_role("button", name=f"Theme: {theme}")).to_be_visible()
        visitor.open("/clock/runs/")
        expect(page.get_by_role("button", name="Theme: dark")).to_be_visible()
        assert page.evaluate(paper) != light
        assert visitor.findings() == []


@pytest.mark.parametrize("scripted", [True, False], ids=["script", "plain"])
def test_run_now_pause_and_resume_act(
    shown: Shown,
    chromium: Browser,
    scripted: bool,
) -> None:
    site = shown.site
    ran = len(site.rows("job_id = 'refresh' and kind = 'manual'"))
    with visit(chromium, shown.web.url, java_script_enabled=scripted) as visitor:
        page = visitor.open()
        page.get_by_role("button", name="Run now: refresh").click()
        done = "job_id = 'refresh' and kind = 'manual' and state = 'succeeded'"
        site.until(lambda: len(site.rows(done)) > ran)

        page.get_by_role("button", name="Pause: tick").click()
        expect(page.get_by_role("button", name="Resume: tick")).to_be_visible()
        site.until(lambda: still(site, "tick", 2))

        before = len(site.rows("job_id = 'tick'"))
        page.get_by_role("button", name="Resume: tick").click()
        site.until(lambda: len(site.rows("job_id = 'tick'")) > before)
        expect(page.get_by_role("button", name="Pause: tick")).to_be_visible()
        assert page.url == shown.web.url + "/clock/"


def still(site: Site, job: str, seconds: float) -> bool:
    """Say whether a job had no new run for so long."""
    before = len(site.rows(f"job_id = '{job}'"))
    site.pass_time(seconds)
    return len(site.rows(f"job_id = '{job}'")) == before


@one
@pytest.mark.parametrize("scripted", [True, False], ids=["script", "plain"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_every_page_fits_and_has_no_serious_barrier(
    shown: Shown,
    chromium: Browser,
    width: int,
    scheme: str,
    scripted: bool,
) -> None:
    run = shown.has("failed")[0].id
    window = {"viewport": {"width": width, "height": 740}, "color_scheme": scheme}
    paths = ["/clock/", f"/clock/jobs/{NIGHTLY}", "/clock/jobs/stumble?state=failed"]
    paths += ["/clock/runs/", "/clock/errors/?job=stumble"]
    with visit(chromium, shown.web.url, java_script_enabled=scripted, **window) as visitor:
        for path in [*paths, f"/clock/runs/{run}"]:
            visitor.open(path)
            assert visitor.too_wide() <= 0, path
            if scripted:  # axe itself is a script.
                assert visitor.findings() == [], path


@one
def test_a_refresh_keeps_the_readers_place(shown: Shown, chromium: Browser) -> None:
    window = {"viewport": {"width": 700, "height": 400}}
    with visit(chromium, shown.web.url, **window) as visitor:
        visitor.page.clock.install()
        page = visitor.open("/clock/jobs/refresh")
        page.locator("#more-fires summary").click()
        link = page.get_by_role("link", name="lost", exact=True)
        link.focus()
        page.evaluate("scrollTo(0, 300)")
        top = page.evaluate("scrollY")
        foot = page.locator(".foot").inner_text()
        page.evaluate("document.querySelector('main').dataset.mine = 'kept'")

        shown.site.pass_time(2)  # so that the page shows another second
        page.clock.fast_forward(10_000)
        expect(page.locator(".foot")).not_to_have_text(foot)

        assert page.evaluate("scrollY") == top > 0
        assert page.evaluate("document.activeElement.textContent") == "lost"
        expect(page.locator("#more-fires")).to_have_attribute("open", "")


@one
def test_with_script_the_page_follows_the_clock_by_itself(
    shown: Shown,
    chromium: Browser,
) -> None:
    with visit(chromium, shown.web.url) as visitor:
        page = visitor.open("/clock/jobs/refresh")
        before = page.locator(".runs tbody tr").count()
        button = page.get_by_role("button", name="Run now: refresh")
        button.focus()
        page.keyboard.press("Enter")
        expect(page.locator(".runs tbody tr")).to_have_count(before + 1, timeout=60_000)
        expect(page.locator(".runs tbody tr").first).to_contain_text("succeeded", timeout=60_000)
        assert page.evaluate("document.activeElement.getAttribute('aria-label')") == (
            "Run now: refresh"
        )


@one
def test_a_page_that_cannot_be_refreshed_says_so(shown: Shown, chromium: Browser) -> None:
    with visit(chromium, shown.web.url) as visitor:
        visitor.page.clock.install()
        page = visitor.open()
        page.route("**/clock/", lambda route: route.abort())
        page.clock.fast_forward(10_000)
        expect(page.get_by_role("status")).to_contain_text("could not be refreshed")
        expect(page.get_by_role("heading", name="tick")).to_be_visible()

        page.unroute("**/clock/")
        page.clock.fast_forward(10_000)
        expect(page.get_by_role("status")).to_be_empty()
        visitor.complaints.clear()  # The request that was cut off.


@one
def test_it_can_be_used_from_the_keyboard(shown: Shown, chromium: Browser) -> None:
    with visit(chromium, shown.web.url) as visitor:
        page = visitor.open()
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        page.keyboard.press("Enter")
        seen = []
        for _ in range(60):
            page.keyboard.press("Tab")
            seen.append(page.evaluate("document.activeElement.getAttribute('aria-label') || ''"))
        assert {"Run now: tick", "Pause: tick", "Run now: stumble"} <= set(seen)
        page.get_by_role("button", name="Run now: tick").focus()
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Tab")
        outline = "getComputedStyle(document.activeElement).outlineStyle"
        assert page.evaluate(outline) == "solid"


@pytest.mark.parametrize(
    ("env", "body", "words"),
    [
        ({}, None, ["No clock yet", "heroku ps:scale clock=1", "No job yet", "herokuclock add"]),
        ({}, "", ["The clock is up", "No job yet"]),
        ({"CLOCK_PAUSED": "1"}, JOBS, ["The clock is paused", "heroku config:unset CLOCK_PAUSED"]),
    ],
    ids=["no clock", "no job", "paused"],
)
def test_what_is_missing_is_said_with_the_command_that_mends_it(
    tmp_path: Path,
    chromium: Browser,
    env: dict[str, str],
    body: str | None,
    words: list[str],
) -> None:
    with contextlib.ExitStack() as stack:
        url = f"sqlite:///{tmp_path / 'ledger.sqlite3'}"
        site = stack.enter_context(contextlib.closing(Site(tmp_path / "site", url)))
        site.write(body or "")
        if body is not None:
            site.start(**env)
            site.until(lambda: "at=start" in site.log())
        web = stack.enter_context(contextlib.closing(Web(site)))
        visitor = stack.enter_context(visit(chromium, web.url))
        page = visitor.open()
        for word in words:
            expect(page.locator("main")).to_contain_text(word)
        assert visitor.findings() == []
        assert visitor.too_wide() <= 0


def test_without_a_shared_database_it_names_the_command(
    tmp_path: Path,
    chromium: Browser,
) -> None:
    with contextlib.ExitStack() as stack:
        url = f"sqlite:///{tmp_path / 'ledger.sqlite3'}"
        site = stack.enter_context(contextlib.closing(Site(tmp_path / "site", url)))
        dyno = {"DYNO": "web.1", "DATABASE_URL": "", "DASHBOARD_PASSWORD": "a long password"}
        web = stack.enter_context(contextlib.closing(Web(site, **dyno)))
        secure = {"X-Forwarded-Proto": "https"}
        login = {"username": "me", "password": "a long password"}
        context = {"extra_http_headers": secure, "http_credentials": login}
        visitor = stack.enter_context(visit(chromium, web.url, **context))
        page = visitor.open()
        expect(page.locator("main")).to_contain_text("No shared database")
        expect(page.locator("main")).to_contain_text("addons:create heroku-postgresql:essential-0")
        assert visitor.findings() == []


@one
def test_runs_are_paged_and_filtered(shown: Shown, chromium: Browser) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=3)
    rows = [
        {"job_id": NIGHTLY, "scheduled_at": long_ago + n * timedelta(minutes=1)}
        | {"kind": "scheduled", "state": "missed" if n % 4 else "skipped", "attempt": 1}
        for n in range(120)
    ]
    with shown.site.engine.execution_options(writes=True).begin() as db:
        db.execute(tables.runs.insert(), rows)
    with visit(chromium, shown.web.url) as visitor:
        page = visitor.open(f"/clock/jobs/{NIGHTLY}")
        seen = []
        for _ in range(3):
            seen += page.locator(".runs tbody time").evaluate_all("all => all.map(t => t.dateTime)")
            older = page.get_by_role("link", name="Older")
            if older.count():
                older.click()
                expect(page.get_by_role("link", name="Newest")).to_be_visible()
        assert len(seen) == len(set(seen)) == 120
        assert seen == sorted(seen, reverse=True)

        page.get_by_role("link", name="skipped", exact=True).click()
        expect(page.locator(".runs tbody tr")).to_have_count(30)
        page.get_by_role("link", name="lost", exact=True).click()
        expect(page.get_by_text("No run is lost.")).to_be_visible()


@pytest.mark.parametrize(
    ("env", "path", "words"),
    [
        ({"DYNO": "web.1"}, "/clock/", "heroku config:set DASHBOARD_PASSWORD"),
        ({}, "/clock/runs/999999", "no such page, job or run"),
        ({"DATABASE_URL": "postgresql://localhost:1/x"}, "/clock/", "database does not answer"),
    ],
    ids=["closed", "not found", "database away"],
)
def test_a_page_that_refuses_says_why(
    tmp_path: Path, chromium: Browser, env: dict[str, str], path: str, words: str
) -> None:
    with contextlib.ExitStack() as stack:
        url = f"sqlite:///{tmp_path / 'ledger.sqlite3'}"
        site = stack.enter_context(contextlib.closing(Site(tmp_path / "site", url)))
        web = stack.enter_context(contextlib.closing(Web(site, **env)))
        secure = {"X-Forwarded-Proto": "https"} if "DYNO" in env else {}
        visitor = stack.enter_context(visit(chromium, web.url, extra_http_headers=secure))
        page = visitor.open(path)
        expect(page.locator("main")).to_contain_text(words)
        assert visitor.findings() == []
        visitor.complaints[:] = [one for one in visitor.complaints if "status of" not in one]
