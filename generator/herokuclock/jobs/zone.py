"""The time zone in which a project's clock counts: read from jobs.py, else asked of its Python."""

import json
import os
from contextlib import suppress
from pathlib import Path
from zoneinfo import ZoneInfo

from clockdyno.schedule import zones
from clockdyno.schedule.surprises.fixes import Surprise

from herokuclock import project
from herokuclock.errors import REFUSED, HerokuclockError
from herokuclock.jobs.reader import names_no_zone, timezone
from herokuclock.preview import ClockZone, zone_info
from herokuclock.project import NO_PYTHON, Project

NAME_IT = 'sched = Clock(timezone="{zone}")'
NO_ZONE = Surprise(
    "no-zone",
    "The clock names no time zone: on a dyno that is UTC, or the config var TZ. Name it:",
    NAME_IT.format(zone="UTC"),
)


def zone_of(project: Project) -> ClockZone:
    """Return the zone of the clock itself; never that of another, such as the one of `new`."""
    # What does not parse here may be fine for the project's own, newer Python.
    with suppress(HerokuclockError):
        source = project.source()
        if zone := timezone(source):
            return ClockZone(zone)
        if names_no_zone(source):
            return _unnamed(project)
    return _asked(project)


def zone_info_of(folder: Path) -> ZoneInfo | None:
    """Return the zone of the clock of the project in `folder`; None where nobody can tell."""
    with suppress(*REFUSED):
        name = zone_of(project.find(folder)).name
        return zone_info(name) if name else None
    return None


def of_a_dyno() -> dict[str, str | None]:
    """Return the environment in which a clock without a zone counts as it does on Heroku."""
    return {"PYTHONPATH": None, "TZ": os.environ.get("TZ") or "UTC"}


def _unnamed(project: Project) -> ClockZone:
    zone = zones.known(os.environ.get("TZ") or "UTC") or "UTC"
    meant = project.answered("timezone") or "UTC"
    return ClockZone(zone, (NO_ZONE._replace(fix=NAME_IT.format(zone=meant)),))


def _asked(project: Project) -> ClockZone:
    # A program is run for few projects, and what runs it takes its time to load.
    from herokuclock import shell

    python = project.python()
    if python is None:
        return _unknown(NO_PYTHON)
    asked: list[str | Path] = [python, "-m", "clockdyno", "zone", "--json"]
    result = shell.run(asked, cwd=project.root, env=of_a_dyno())
    try:
        # What jobs.py itself prints when it is imported stands before it.
        told = json.loads(result.out[result.out.rindex("{") :])
        zone, is_named = str(told["zone"]), bool(told["named"])
    except (ValueError, LookupError, TypeError):
        return _unknown(f"Its own Python could not tell: {shell.reason(result)}")
    return ClockZone(zone) if is_named else _unnamed(project)


def _unknown(why: str) -> ClockZone:
    text = f"Times are on the clock's own wall, whose zone jobs.py does not say literally. {why}"
    return ClockZone(None, (Surprise("unknown-zone", text, NAME_IT.format(zone="UTC")),))
