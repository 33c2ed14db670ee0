"""Draws the dashboard's pictures for the README, from a day that is made up.

.venv/bin/pip install pillow && .venv/bin/python docs/screenshots.py
"""

import contextlib
import random
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

DOCS = Path(__file__).parent
sys.path[:0] = [str(DOCS.parent / "tests")]

from clock_site import Site  # noqa: E402
from web_site import CHROMIUM, Web  # noqa: E402

JOBS = '''
@sched.scheduled_job("interval", minutes=15, timezone="Europe/Berlin")
def refresh_prices():
    """Fetch the shop's prices."""

@sched.scheduled_job("cron", hour="8-20", minute="0,30", timezone="Europe/Berlin")
def send_reminders():
    """Mail the reminders that are due."""

@sched.scheduled_job("cron", hour=5, timezone="Europe/Berlin")
def nightly_report():
    """Write last night's figures to the warehouse."""

@sched.scheduled_job("interval", hours=3, timezone="Europe/Berlin")
def import_orders():
    """Import the orders of all shops."""

@sched.scheduled_job("cron", minute="*", timezone="Europe/Berlin")
def ping_partners():
    """Ask each partner whether it is up."""

@sched.scheduled_job("cron", day_of_week="mon", hour=9, timezone="Europe/Berlin")
def weekly_digest():
    """Mail the digest of the week."""
'''
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
# job: minutes between runs, seconds that a run takes, what goes wrong how often
PAST: dict[str, tuple[int, float, dict[str, float]]] = {
    "refresh_prices": (15, 4, {"failed error": 0.05}),
    "send_reminders": (30, 40, {"missed late": 0.04, "skipped overlap": 0.04}),
    "nightly_report": (1440, 1500, {}),
    "import_orders": (180, 2700, {"lost silent": 0.2}),
    "ping_partners": (1, 0.3, {"failed timeout": 0.002}),
}
PICTURES: dict[str, dict[str, Any]] = {
    "dashboard-light": {"viewport": {"width": 1280, "height": 1080}},
    "dashboard-dark": {"viewport": {"width": 1280, "height": 1080}, "color_scheme": "dark"},
    "dashboard-phone": {"viewport": {"width": 360, "height": 740}, "device_scale_factor": 2},
}


def day_of(job: str, now: datetime, dice: random.Random) -> Iterator[dict[str, Any]]:
    """Yield the rows of a job's last day."""
    minutes, seconds, trouble = PAST[job]
    midnight = datetime(now.year, now.month, now.day, tzinfo=UTC)
    at = midnight - 2 * DAY + (3 * 60 * MINUTE if minutes == 1440 else 0 * MINUTE)
    while (at := at + minutes * MINUTE) < now - MINUTE:
        if at < now - (1.5 * DAY) or (job == "send_reminders" and not 6 < at.hour < 20):
            continue
        state, reason = "succeeded", None
        chosen = dice.random()
        for name, share in trouble.items():
            if 0 <= chosen < share:
                state, reason = name.split()
            chosen -= share
        row = {"job_id": job, "scheduled_at": at, "kind": "scheduled", "attempt": 1, "count": 1}
        row |= {"state": state, "reason": reason, "started_at": None, "finished_at": None}
        if state in ("succeeded", "failed", "lost"):
            row["started_at"] = at + timedelta(seconds=dice.uniform(0.01, 0.2))
            took = timedelta(seconds=seconds * dice.lognormvariate(0, 0.3))
            row["finished_at"] = row["started_at"] + took if state != "lost" else None
        if not row["finished_at"] or row["finished_at"] < now:
            yield row


def draw(web: Web) -> None:
    """Write each picture, with as few colours as it takes."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name, settings in PICTURES.items():
            page = browser.new_page(**settings)
            page.goto(web.url + "/clock/")
            file = DOCS / f"{name}.png"
            page.screenshot(path=file)
            Image.open(file).convert("RGB").quantize(128, dither=Image.Dither.NONE).save(
                file, optimize=True
            )
            print(f"{file.name}: {file.stat().st_size:,} bytes")
        browser.close()


def main() -> None:
    """Make a project, its clock and a past for it; look at it with a browser."""
    from clock import tables

    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        site = Site(folder / "site", f"sqlite:///{folder / 'ledger.sqlite3'}")
        stack.enter_context(contextlib.closing(site))
        site.write(JOBS, quick=False)
        site.start(DYNO="clock.1", HEROKU_RELEASE_VERSION="v12")
        site.until(lambda: "at=start" in site.log())
        dice, now = random.Random(6), datetime.now(UTC)
        rows = [row for job in PAST for row in day_of(job, now, dice)]
        with site.engine.execution_options(writes=True).begin() as db:
            db.execute(tables.runs.insert(), rows)
        site.until(lambda: site.rows("clock_id is not null"), timeout=70)
        draw(stack.enter_context(contextlib.closing(Web(site))))


if __name__ == "__main__":
    main()
