"""What `check` finds in a project of a test."""

from pathlib import Path

from herokuclock.check import order
from herokuclock.check.findings import Finding

NOT_IMPORTED = "jobs.py was read, but not imported: the project has no environment yet."


def found_in(project: Path) -> list[Finding]:
    """What is found, but for the one thing that takes an environment."""
    return [each for each in order.of_project(project) if each.problem != NOT_IMPORTED]


def facts(found: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.check, finding.severity) for finding in found]
