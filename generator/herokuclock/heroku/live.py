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
    app = platform.app(name)
    if app is None:
        return None
    with ThreadPoolExecutor() as pool:
        formation = pool.submit(platform.formation, name)
        releases = pool.submit(platform.releases, name)
        variables = pool.submit(platform.config_names, name)
        clock = pool.submit(lambda: health.read(name, app.url, health.password(name)))
        buildpacks = pool.submit(platform.buildpacks, name)
    processes = formation.result()
    return Live(
        name,
        app,
        remotes.remote_of(name, folder) is not None,
        processes,
        next(iter(releases.result()), None),
        variables.result(),
        manifest.read(folder).secrets,
        platform.quota(name) if prices.is_eco(processes) else None,
        clock.result(),
        datetime.now(UTC).date(),
        buildpacks.result(),
    )
