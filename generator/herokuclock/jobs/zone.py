"""The time zone of a project's jobs."""

from contextlib import suppress

from herokuclock.errors import HerokuclockError
from herokuclock.jobs.reader import timezone
from herokuclock.project import Project


def zone_of(project: Project) -> str:
    """Return what jobs.py says, else what `new` was told, else UTC."""
    zone = None
    # What does not parse here may be fine for the project's own, newer Python.
    with suppress(HerokuclockError):
        zone = timezone(project.source())
    return zone or project.answered("timezone") or "UTC"
