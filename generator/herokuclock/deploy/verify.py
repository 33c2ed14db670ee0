"""Does it really run? Reads back from Heroku and from the app what a deployment has promised."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from herokuclock.errors import HerokuclockError
from herokuclock.heroku import health, platform
from herokuclock.heroku.health import Health
from herokuclock.heroku.platform import Process

BOOT_SECONDS = 90
START_SECONDS = 60
DESCRIBED_SECONDS = 5  # A clock that just started has yet to write down what comes next.
# An eco web dyno that sleeps wakes up for the next visitor; nobody visits a clock.
ASLEEP = ("web", "idle")


@dataclass(frozen=True)
class Verified:
    """An app that was seen to be up."""

    url: str
    formation: tuple[Process, ...]
    health: Health
    password: str = field(default="", repr=False)


def verify(app: str, say: Callable[[str], None]) -> Verified:
    """Return how the app runs; raise HerokuclockError with the reason where it does not."""
    with ThreadPoolExecutor() as pool:
        password = pool.submit(health.password, app)
        formation = one_clock(app)
        types = [process.type for process in formation if process.quantity]
        say(f"waiting for {' and '.join(types)} to be up")
        url = _address_of_new_dynos(app, types)
    say("waiting for the clock's first heartbeat")
    opener = password.result()
    return Verified(url, formation, _well(app, url, opener), opener)


def one_clock(app: str) -> tuple[Process, ...]:
    """Return the formation; raise HerokuclockError unless exactly one clock is in it."""
    formation = platform.formation(app)
    quantity = sum(process.quantity for process in formation if process.type == "clock")
    if quantity != 1:
        raise HerokuclockError(
            f"The app is to run {quantity} clocks, not one.", f"herokuclock scale --app {app}"
        )
    return formation


def _address_of_new_dynos(app: str, types: list[str]) -> str:
    """Wait until the newest release has a dyno of each type up, and return the app's address."""
    deadline = time.monotonic() + BOOT_SECONDS
    while True:
        with ThreadPoolExecutor() as pool:
            found, releases = pool.submit(platform.app, app), pool.submit(platform.releases, app)
        facts, release = found.result(), releases.result()[0]
        if facts is None:
            raise HerokuclockError(f"The app {app} is gone.", "Run the same command again.")
        if release.status == "failed":
            raise HerokuclockError(
                f"The release command of v{release.version} failed, so that release does not run.",
                f"heroku releases:output --app {app}",
            )
        dynos = [dyno for dyno in facts.dynos if dyno.release == release.version]
        for dyno in dynos:
            if dyno.state == "crashed" and dyno.type in types:
                raise HerokuclockError(f"The {dyno.type} dyno crashed.", _see(app, dyno.type))
        there = {d.type for d in dynos if d.state == "up" or (d.type, d.state) == ASLEEP}
        waiting = [type for type in types if type not in there]
        if not waiting:
            return facts.url
        if release.status == "pending":
            deadline = time.monotonic() + BOOT_SECONDS
        if time.monotonic() > deadline:
            raise HerokuclockError(f"The {waiting[0]} dyno did not come up.", _see(app, waiting[0]))
        time.sleep(1)


def _well(app: str, url: str, password: str) -> Health:
    deadline = time.monotonic() + START_SECONDS
    found = health.read(app, url, password)
    while not found.is_up and time.monotonic() < deadline:
        time.sleep(1)
        found = health.read(app, url, password)
    if found.state == "unknown":
        raise HerokuclockError(
            "The clock dyno is up, but neither /clock/health nor its log says that the clock runs.",
            _see(app),
        )
    deadline = time.monotonic() + DESCRIBED_SECONDS
    while found.jobs and not any(job.next_at for job in found.jobs):
        if time.monotonic() > deadline:
            break
        time.sleep(1)
        found = health.read(app, url, password)
    if not found.is_up:
        raise HerokuclockError(f"The clock is not well: {found.reason or found.state}", _see(app))
    return found


def _see(app: str, type: str = "clock") -> str:
    return f"heroku logs --process-type {type} --app {app}"
