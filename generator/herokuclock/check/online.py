"""Checks of the app on Heroku: what runs there, and whether the clock is well."""

from collections.abc import Callable, Iterator

from herokuclock.check.findings import Finding
from herokuclock.heroku import platform, prices
from herokuclock.heroku.live import Live

OLDEST_COMMAND = (10, 0, 0)
STACKS = ("heroku-24", "heroku-26")
AGING = {"heroku-22": "April 2027"}
FRESH_SECONDS = 60


def command() -> Iterator[Finding]:
    """The `heroku` command is there and new enough."""
    version = platform.version()
    if version < OLDEST_COMMAND:
        shown = ".".join(map(str, version))
        yield Finding("heroku", f"The heroku command is old: {shown}.", "heroku update")


def remote(site: Live) -> Iterator[Finding]:
    """A git remote leads to the app."""
    if not site.has_remote:
        yield Finding(
            "remote",
            f"No git remote leads to {site.name}.",
            f"heroku git:remote --app {site.name}",
            "warning",
        )


def stack(site: Live) -> Iterator[Finding]:
    """The stack is one that is still kept."""
    end = AGING.get(site.app.stack)
    if end:
        problem = f"The stack {site.app.stack} is kept until {end}."
        yield Finding("stack", problem, f"heroku stack:set heroku-24 --app {site.name}", "warning")
    elif site.app.stack not in STACKS:
        yield Finding(
            "stack",
            f"The stack {site.app.stack} is not supported any more.",
            f"heroku stack:set heroku-24 --app {site.name}",
        )


def buildpacks(site: Live) -> Iterator[Finding]:
    """The Python buildpack builds, and once."""
    python = [number for number, url in enumerate(site.buildpacks, 1) if "python" in url]
    if len(python) > 1:
        yield Finding(
            "buildpacks",
            "The Python buildpack is set twice; the build refuses that.",
            f"heroku buildpacks:remove --index {python[-1]} --app {site.name}",
        )
    elif site.buildpacks and not python:
        yield Finding(
            "buildpacks",
            f"No buildpack of {site.name} is for Python: {', '.join(site.buildpacks)}.",
            f"heroku buildpacks:add heroku/python --app {site.name}",
        )


def release(site: Live) -> Iterator[Finding]:
    """The last release came up."""
    last = site.release
    if last and last.status == "failed":
        yield Finding(
            "release",
            f"The last release, v{last.version} ({last.description}), failed; the one before runs.",
            f"heroku releases:output --app {site.name}",
        )


def formation(site: Live) -> Iterator[Finding]:
    """Exactly one clock."""
    clocks = next((p for p in site.formation if p.type == "clock"), None)
    mend = f"herokuclock scale --app {site.name}"
    if not site.formation:
        yield Finding("formation", f"Nothing was ever pushed to {site.name}.", "herokuclock deploy")
    elif clocks is None:
        yield Finding(
            "formation",
            "The app has no process type clock.",
            "Add `clock: python jobs.py` to the Procfile, commit and push it.",
        )
    elif clocks.quantity == 0:
        yield Finding("formation", "The clock is scaled to 0: no job runs.", mend)
    elif clocks.quantity > 1:
        yield Finding(
            "formation",
            f"{clocks.quantity} clocks run: no job runs twice, but each costs.",
            mend,
            "warning",
        )


def eco(site: Live) -> Iterator[Finding]:
    """Eco dynos sleep, and share a pool of hours that may end before the month does."""
    running = [p for p in site.formation if p.quantity and p.size.lower() == "eco"]
    mend = f"heroku ps:type basic --app {site.name}"
    if {"web", "clock"} <= {process.type for process in running}:
        yield Finding(
            "eco-sleep",
            "An eco web dyno sleeps after 30 minutes without a visitor, and its clock with it.",
            mend,
            "warning",
        )
    dynos = sum(process.quantity for process in running)
    end = prices.pool_ends(site.quota.hours_left, dynos, site.today) if site.quota else None
    if end:
        assert site.quota
        yield Finding(
            "eco-pool",
            f"{dynos} eco dynos take {dynos * 744:,} hours a month; the {site.quota.hours_left:,} "
            f"that are left end on {end.isoformat()}, and all of them sleep until next month.",
            mend,
            "warning",
        )


def database(site: Live) -> Iterator[Finding]:
    """Without a database that outlives a dyno, no promise does."""
    if "DATABASE_URL" not in site.variables:
        yield Finding(
            "database",
            "No database is attached: what ran is forgotten with every restart.",
            f"heroku addons:create heroku-postgresql:essential-0 --app {site.name}",
        )


def dashboard(site: Live) -> Iterator[Finding]:
    """Nobody gets into the dashboard without a password."""
    if "DASHBOARD_PASSWORD" in site.secrets and "DASHBOARD_PASSWORD" not in site.variables:
        yield Finding(
            "dashboard",
            "DASHBOARD_PASSWORD is not set, so the dashboard lets nobody in.",
            f"heroku config:set DASHBOARD_PASSWORD=... --app {site.name}",
            "warning",
        )


def clock(site: Live) -> Iterator[Finding]:
    """The clock is up, and its heart beats."""
    if not any(p.type == "clock" and p.quantity for p in site.formation):
        return
    states = [dyno.state for dyno in site.app.dynos if dyno.type == "clock"]
    see = f"heroku logs --process-type clock --app {site.name}"
    age = site.clock.heartbeat_age
    if "up" not in states:
        yield Finding("clock", f"The clock dyno is {', '.join(states) or 'not there'}.", see)
    elif not site.clock.is_up:
        yield Finding("clock", f"The clock is not well: {site.clock.reason}", see)
    elif age is not None and age > FRESH_SECONDS:
        yield Finding("clock", f"The clock's last heartbeat is {age:.0f} s old.", see)


def crashes(site: Live) -> Iterator[Finding]:
    """What is to run beside the clock has not crashed."""
    wanted = {process.type for process in site.formation if process.quantity} - {"clock"}
    for type in sorted({d.type for d in site.app.dynos if d.state == "crashed"} & wanted):
        see = f"heroku logs --process-type {type} --app {site.name}"
        yield Finding("crashes", f"The {type} dyno crashed.", see)


ALL: tuple[Callable[[Live], Iterator[Finding]], ...] = (
    remote,
    stack,
    buildpacks,
    release,
    formation,
    eco,
    database,
    dashboard,
    clock,
    crashes,
)
