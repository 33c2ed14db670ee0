"""`herokuclock status`: what runs, which release, how the clock is, when each job runs."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from herokuclock import project, record, screen
from herokuclock.deploy import jobs_table
from herokuclock.errors import HerokuclockError
from herokuclock.heroku import health, platform, prices, remotes
from herokuclock.heroku.health import Health


def run(app: str | None, *, json: bool = False) -> None:
    """Show an app on one screen."""
    name = remotes.required(Path.cwd(), app)
    with ThreadPoolExecutor() as pool:
        app_there = pool.submit(platform.app, name)
        formation = pool.submit(platform.formation, name)
        releases = pool.submit(platform.releases, name)
        password = pool.submit(health.password, name)
    found = app_there.result()
    if found is None:
        raise HerokuclockError(f"Heroku has no app {name}, or it is not yours.", "heroku apps")
    clock = health.read(name, found.url, password.result())
    facts = (found, formation.result(), releases.result(), clock)
    newer = _newer()
    if json:
        screen.as_json({**_facts(*facts), "newer": newer})
        return
    _tell(*facts)
    if newer:
        screen.say(f"Note: {newer}: herokuclock update")


def _newer() -> str | None:
    """Say that the project that we stand in is of an older version; there need not be one."""
    with suppress(HerokuclockError):
        return record.newer(project.find(jobs=False).root)
    return None


def _facts(
    app: platform.App,
    formation: tuple[platform.Process, ...],
    releases: tuple[platform.Release, ...],
    clock: Health,
) -> dict[str, Any]:
    return {
        "app": app.name,
        "url": app.url,
        "formation": [asdict(process) for process in formation],
        "dynos": [asdict(dyno) for dyno in app.dynos],
        "release": asdict(releases[0]) if releases else None,
        "clock": asdict(clock),
    }


def _tell(
    app: platform.App,
    formation: tuple[platform.Process, ...],
    releases: tuple[platform.Release, ...],
    clock: Health,
) -> None:
    release = releases[0] if releases else None
    said = f"v{release.version} {release.status}: {release.description}" if release else "none"
    screen.say(app.name, "bold")
    rows = [
        ("address", app.url),
        ("release", said),
        ("formation", ", ".join(f"{p.type}={p.quantity} ({p.size})" for p in formation) or "none"),
        ("dynos", ", ".join(f"{dyno.name} {dyno.state}" for dyno in app.dynos) or "none"),
        ("clock", clock_in_words(clock)),
    ]
    if clock.workers:
        counts = ", ".join(f"{number} {what}" for what, number in clock.workers.items())
        rows.append(("workers", counts))
    if clock.counts.get("jobs") and not clock.jobs:
        rows.append(("jobs", f"{clock.counts['jobs']}; {health.PASSWORD} opens which"))
    for line in screen.table(rows):
        screen.say(line)
    for line in jobs_table.lines(clock, datetime.now(UTC), Path.cwd()):
        screen.say(line)
    warning = prices.eco_warning(formation)
    if warning:
        screen.tell(f"Note: {warning}")


def clock_in_words(clock: Health) -> str:
    """Say how the clock is."""
    age = "" if clock.heartbeat_age is None else f", heartbeat {clock.heartbeat_age:.0f} s ago"
    source = " (from its log)" if clock.source == "log" else ""
    reason = f": {clock.reason}" if clock.reason else ""
    return f"{clock.state}{age}{reason}{source}"
