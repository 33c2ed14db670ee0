"""The jobs of an app on Heroku: how each one's last run went, and when it runs next."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from clockdyno.schedule import listing

from herokuclock import screen
from herokuclock.errors import REFUSED
from herokuclock.heroku.health import Health
from herokuclock.jobs.zone import zone_info_of
from herokuclock.preview import zone_info


def lines(clock: Health, now: datetime, folder: Path) -> Iterator[str]:
    """Yield the table, with times in each job's zone, else in that of the project in `folder`."""
    if not clock.jobs:
        return
    home = zone_info_of(folder)
    rows = [("job", "last run", "", "next run", "")]
    for job in clock.jobs:
        zone = _known(job.zone) or home
        # A clock that does not run has nothing ahead of it.
        ahead = _when(job.next_at if clock.is_up else None, zone, now)
        last, _ = _when(job.last_at, zone, now)
        rows.append((job.job, last, job.last_state or "", *ahead))
    yield ""
    yield from screen.table(rows)


def _known(zone: str | None) -> tzinfo | None:
    with suppress(*REFUSED):
        return zone_info(zone) if zone else None
    return None


def _when(text: str | None, zone: tzinfo | None, now: datetime) -> tuple[str, str]:
    if not text:
        return "-", ""
    at = datetime.fromisoformat(text).astimezone(zone or UTC)
    return listing.moment(at, now), listing.away(at - now)
