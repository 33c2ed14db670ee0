"""What `check` finds in a project of a test."""

from pathlib import Path

from herokuclock.check import order
from herokuclock.check.findings import Finding, Site

NOT_IMPORTED = "jobs.py was read, but not imported: the project has no environment yet."


def found_in(project: Path) -> list[Finding]:
    """Return what is found, but for the one thing that takes an environment."""
    return _without_environment(order.of_project(project))


def found_in_files(project: Path) -> list[Finding]:
    """Return what is found in the files as they lie there: as if the next commit took them."""
    files = Site(project).files
    site = Site(project, files=files, tracked=files)
    return _without_environment([each for check in order.OFFLINE for each in check(site)])


def _without_environment(found: list[Finding]) -> list[Finding]:
    return [each for each in found if each.problem != NOT_IMPORTED]


def facts(found: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.check, finding.severity) for finding in found]
