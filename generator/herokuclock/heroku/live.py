"""An app as it is on Heroku now: all that the checks look at, asked for at once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from herokuclock import manifest
from herokuclock.heroku import health, platform, prices, remotes
from herokuclock.heroku.health import Health
from herokuclock.heroku.platform import App, Process, Quota, Release


@dataclass(frozen=True)
class Live:
    """What runs, what is set, and how the clock is."""

    name: str
    app: App
    has_remote: bool
    formation: tuple[Process, ...]
    release: Release | None
    variables: frozenset[str]
    secrets: tuple[str, ...]
    quota: Quota | None
    clock: Health
    today: date
    buildpacks: tuple[str, ...] = ()


def read(name: str, folder: Path) -> Live | None:
    """Ask Heroku for everything at once; None where it has no such app."""
    # Each question costs the start of a program, so all go out at once.
    with ThreadPoolExecutor() as pool:
        found = pool.submit(platform.app, name)
        formation = pool.submit(platform.formation, name)
        releases = pool.submit(platform.releases, name)
        config = pool.submit(platform.config_names_and, name, health.PASSWORD)
        buildpacks = pool.submit(platform.buildpacks, name)
    app = found.result()
    if app is None:
        return None
    variables, password = config.result()
    processes = formation.result()
    return Live(
        name,
        app,
        remotes.remote_of(name, folder) is not None,
        processes,
        next(iter(releases.result()), None),
        variables,
        manifest.read(folder).secrets,
        platform.quota(name) if prices.is_eco(processes) else None,
        health.read(name, app.url, password),
        datetime.now(UTC).date(),
        buildpacks.result(),
    )
