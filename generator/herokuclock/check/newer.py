"""A check of the project's age: what made it, beside what looks at it now."""

from collections.abc import Iterator

from herokuclock import record
from herokuclock.check.findings import Finding, Site


def made_by_older(site: Site) -> Iterator[Finding]:
    """The project is of the version that is here, or of a later one."""
    if told := record.newer(site.root):
        yield Finding("update", f"{told}.", "herokuclock update", "note")
