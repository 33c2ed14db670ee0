"""Draws the dashboard's pictures for the README, from a day that is made up.

.venv/bin/python docs/screenshots.py
"""

import contextlib
import random
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from playwright.sync_api import sync_playwright

DOCS = Path(__file__).parent
sys.path[:0] = [str(DOCS.parent / "tests")]

from support.site import Site  # noqa: E402
from support.web import CHROMIUM, Web  # noqa: E402

ERROR = "urllib.error.HTTPError: HTTP Error 503: Service Unavailable"
JOBS = '''
sched = Clock(timezone="ZONE")

@sched.scheduled_job("interval", minutes=15)
def refresh_prices():
    """Fetch the shop's prices."""

@sched.scheduled_job("cron", hour="8-20", minute=30)
def send_reminders():
    """Mail the reminders that are due."""

@sched.scheduled_job("cron", hour=5)
def nightly_report():
    """Write last night's figures to the warehouse."""

@sched.scheduled_job("interval", hours=3)
def import_orders():
    """Import the orders of all shops."""
    time.sleep(600)

@sched.scheduled_job("cron", minute="*")
def ping_partners():
    """Ask each partner whether it is up."""

@sched.scheduled_job("cron", day_of_week="mon", hour=9)
def weekly_digest():
    """Mail the digest of the week."""

@sched.scheduled_job("cron", hour="1-19/6", minute=40)
def clean_up():
    """Drop what is older than a month."""
'''
ZONES = "Asia/Tokyo Europe/Berlin America/New_York America/Los_Angeles Australia/Sydney".split()
# job: its hours, its minutes, how many seconds it takes, what goes wrong how often
PAST: dict[str, tuple[range, range, float, dict[str, float]]] = {
    "refresh_prices": (range(24), range(0, 60, 15), 4, {"failed error": 0.04}),
    "send_reminders": (
        range(8, 21),
        range(30, 31),
        40,
        {"missed late": 0.1, "skipped overlap": 0.1},
    ),
    "nightly_report": (range(5, 6), range(1), 1500, {}),
    "import_orders": (range(0, 24, 3), range(1), 2700, {"lost silent": 0.2}),
    "ping_partners": (range(24), range(60), 0.3, {"failed timeout": 0.001}),
    "clean_up": (range(1, 20, 6), range(40, 41), 9, {}),
}
PICTURES: dict[str, dict[str, Any]] = {
    "dashboard-light": {"viewport": {"width": 1280, "height": 920}},
    "dashboard-dark": {"viewport": {"width": 1280, "height": 920}, "color_scheme": "dark"},
    "dashboard-phone": {"viewport": {"width": 360, "height": 740}, "device_scale_factor": 2},
}


def zone_of_the_afternoon(now: datetime) -> ZoneInfo:
    """Return a zone where it is early afternoon, so that the picture has a day in it."""
    return min(map(ZoneInfo, ZONES), key=lambda zone: abs(now.astimezone(zone).hour - 14))


def past(job: str, now: datetime, dice: random.Random) -> Iterator[dict[str, Any]]:
    """Yield the rows of a job's last two days."""
    hours, minutes, seconds, trouble = PAST[job]
    start = now.replace(second=0, microsecond=0) - timedelta(days=2)
    for at in (start + timedelta(minutes=n) for n in range(2 * 1440)):
        if at.hour not in hours or at.minute not in minutes:
            continue
        chosen = dice.choices([*trouble, ""], [*trouble.values(), 1 - sum(trouble.values())])[0]
        state, reason = chosen.split() if chosen else ("succeeded", None)
        began = at + timedelta(seconds=dice.uniform(0.01, 0.2))
        ended = began + timedelta(seconds=seconds * dice.lognormvariate(0, 0.3))
        row = {"job_id": job, "scheduled_at": at, "kind": "scheduled", "attempt": 1, "count": 1}
        row |= {"state": state, "reason": reason}
        row["started_at"] = began if state in ("succeeded", "failed", "lost") else None
        row["error"] = ERROR if state == "failed" else None
        row["finished_at"] = ended if state in ("succeeded", "failed") else None
        if ended < now:
            yield row


def draw(web: Web) -> None:
    """Write each picture."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name, settings in PICTURES.items():
            page = browser.new_page(**settings)
            page.goto(web.url + "/clock/")
            file = DOCS / f"{name}.png"
            page.screenshot(path=file)
            print(f"{file.name}: {file.stat().st_size:,} bytes")
        browser.close()


def main() -> None:
    """Make a project, its clock and a past for it; look at it with a browser."""
    from clockdyno.ledger import orders, tables

    now = datetime.now(UTC)
    zone = zone_of_the_afternoon(now)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        site = Site(folder / "site", f"sqlite:///{folder / 'ledger.sqlite3'}")
        stack.enter_context(contextlib.closing(site))
        site.write(JOBS.replace("ZONE", zone.key), quick=False)
        site.start(DYNO="clock.1", HEROKU_RELEASE_VERSION="v12")
        site.until(lambda: "at=start" in site.log())
        dice = random.Random(6)
        rows = [row for job in PAST for row in past(job, now.astimezone(zone), dice)]
        with site.engine.execution_options(writes=True).begin() as db:
            db.execute(tables.runs.insert(), rows)
        orders.pause(site.engine, "clean_up")
        orders.run_now(site.engine, "import_orders")
        site.until(lambda: site.rows("state = 'running'"))
        draw(stack.enter_context(contextlib.closing(Web(site))))


if __name__ == "__main__":
    main()
