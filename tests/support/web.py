"""A generated project's web process, as gunicorn serves it, and a browser that looks at it."""

import contextlib
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from support import forks
from support.files import TEMPLATE
from support.site import GUARD, Site

if TYPE_CHECKING:  # Most tests need no browser.
    from playwright.sync_api import Browser, BrowserContext, Page

CHROMIUM = "/usr/bin/chromium"


class Web:
    """gunicorn with app.py of the template, in the folder of a site."""

    def __init__(self, site: Site, **env: str) -> None:
        for name in ("app.py", "gunicorn.conf.py"):
            if not (site.folder / name).exists():
                (site.folder / name).symlink_to(TEMPLATE / name)
        self._log = site.folder / "web.log"
        self._log.write_text("")
        clean = {key: value for key, value in site.env(**env).items() if value != ""}
        command = ["-m", "gunicorn", "--bind", "127.0.0.1:0", "app:app"]
        with self._log.open("ab") as log:
            self._process = forks.Fork(
                command,
                cwd=site.folder,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                env={"WEB_CONCURRENCY": "1", **clean},
                start_new_session=True,
            )
        self.pid = self._process.pid
        self.url = self._listening()

    def log(self) -> str:
        """Return what it printed."""
        return self._log.read_text()

    def close(self) -> None:
        """Leave no process behind."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _listening(self) -> str:
        end = time.monotonic() + GUARD
        while time.monotonic() < end and self._process.poll() is None:
            if found := re.search(r"Listening at: (http://\S+)", self.log()):
                return found[1]
            time.sleep(0.05)
        raise AssertionError(f"gunicorn did not start:\n{self.log()}")


class Visitor:
    """A browser window which notes what a visitor must never meet."""

    def __init__(self, context: "BrowserContext", url: str) -> None:
        self.url, self.page = url, context.new_page()
        self.complaints: list[str] = []
        self.page.set_default_timeout(10_000)
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._asked)

    def open(self, path: str = "/clock/") -> "Page":
        """Go to a page."""
        self.page.goto(self.url + path)
        return self.page

    def findings(self) -> list[str]:
        """Return whatever axe finds on the page."""
        from axe_playwright_python.sync_playwright import Axe

        found: list[Any] = Axe().run(self.page).response["violations"]
        return [
            f"{one['id']}: {node['html'][:200]} {node['failureSummary']}"
            for one in found
            for node in one["nodes"]
        ]

    def too_wide(self) -> int:
        """Return by how many pixels the page is wider than the window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - innerWidth"))

    def _heard(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.url, "data:", "blob:")):
            self.complaints.append(f"asked {request.url}")


def watch(site: Site, done: threading.Event, most: list[int]) -> None:
    """Count the connections of others, as long as it takes."""
    ours = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    ours += " AND backend_type = 'client backend'"  # A vacuum may be at work, too.
    with site.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        while not done.wait(0.02):
            most.append(int(db.scalar(sa.text(ours + " AND pid <> pg_backend_pid()")) or 0))


@pytest.fixture(scope="session")
def chromium() -> Iterator["Browser"]:
    """Give Debian's chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextlib.contextmanager
def visit(browser: "Browser", url: str, **settings: Any) -> Iterator[Visitor]:
    """Open a window; at its end nobody may have complained."""
    settings.setdefault("viewport", {"width": 1280, "height": 800})
    context = browser.new_context(**settings)
    try:
        visitor = Visitor(context, url)
        yield visitor
        assert visitor.complaints == [], visitor.complaints
    finally:
        context.close()
