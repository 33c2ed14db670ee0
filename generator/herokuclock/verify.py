"""Does it really run? Reads back from Heroku and from the app what a deployment has promised."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from herokuclock import health, platform
from herokuclock.errors import HerokuclockError
from herokuclock.health import Health
from herokuclock.platform import Process

RELEASE_SECONDS = 600
BOOT_SECONDS = 90
START_SECONDS = 60


@dataclass(frozen=True)
class Verified:
    url: str
    formation: tuple[Process, ...]
    health: Health


def verify(app: str, url: str) -> Verified:
    """Return how the app runs; raise HerokuclockError with the reason where it does not."""
    _until(lambda: _released(app), RELEASE_SECONDS, "The release is still pending.", app)
    formation = one_clock(app)
    _until(lambda: _up(app), BOOT_SECONDS, "The clock dyno did not come up.", app)
    deadline = time.monotonic() + START_SECONDS
    found = health.read(app, url)
    while not found.is_up and time.monotonic() < deadline:
        time.sleep(1)
        found = health.read(app, url)
    if found.state == "unknown":
        raise HerokuclockError(
            "The clock dyno is up, but neither /clock/health nor its log says that the clock runs.",
            _see(app),
        )
    if not found.is_up:
        raise HerokuclockError(f"The clock is not well: {found.reason or found.state}", _see(app))
    return Verified(url, formation, found)


def one_clock(app: str) -> tuple[Process, ...]:
    """Return the formation; raise HerokuclockError unless exactly one clock is in it."""
    formation = platform.formation(app)
    quantity = sum(process.quantity for process in formation if process.type == "clock")
    if quantity != 1:
        raise HerokuclockError(
            f"The app is to run {quantity} clocks, not one.", "heroku ps:scale clock=1"
        )
    return formation


def _released(app: str) -> bool:
    release = platform.releases(app)[0]
    if release.status == "failed":
        raise HerokuclockError(
            f"The release command of v{release.version} failed, so the old release stays.",
            f"heroku releases:output --app {app}",
        )
    return release.status != "pending"


def _up(app: str) -> bool:
    states = [dyno.state for dyno in platform.dynos(app) if dyno.type == "clock"]
    if "crashed" in states:
        raise HerokuclockError("The clock crashed.", _see(app))
    return "up" in states


def _until(condition: Callable[[], bool], seconds: float, complaint: str, app: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise HerokuclockError(complaint, _see(app))
        time.sleep(1)


def _see(app: str) -> str:
    return f"heroku logs --process-type clock --app {app}"
