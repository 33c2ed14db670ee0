"""Jobs that have another name than on Heroku: their history stays with the old one."""

from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from herokuclock import shell
from herokuclock.errors import REFUSED
from herokuclock.jobs.reader import FoundJob, read
from herokuclock.project import Project

# What Heroku has, as far as this repository knows.
PUSHED = "heroku/main"


class Rename(NamedTuple):
    """A job's name on Heroku, and the one that it would have after the next push."""

    old: str
    new: str

    @property
    def problem(self) -> str:
        return f"{self.new} looks like {self.old} under another name, and would lose its runs."

    @property
    def remedy(self) -> str:
        return f'To keep them, say in its decorator: id="{self.old}".'


def since_the_last_push(project: Project, source: str) -> list[Rename]:
    """Return the jobs of `source` that Heroku knows by another name."""
    pushed = shell.git(project.root, "show", f"{PUSHED}:./{project.jobs_name}")
    found: list[Rename] = []
    # What one of the two cannot be read as needs no second complaint.
    with suppress(*REFUSED):
        found = list(between(pushed.out, source)) if pushed.ok else []
    return found


def between(before: str, after: str) -> Iterator[Rename]:
    """Yield what seems to be renamed: one job is gone, and one with its schedule has come."""
    old, new = _by_id(before), _by_id(after)
    gone = [job for id, job in old.items() if id not in new]
    come = [job for id, job in new.items() if id not in old]
    for job in gone:
        alike = [other for other in come if _when(other) == _when(job)]
        twins = [other for other in gone if _when(other) == _when(job)]
        if len(alike) == len(twins) == 1 and job.schedules:
            yield Rename(job.id, alike[0].id)


def _by_id(source: str) -> dict[str, FoundJob]:
    return {job.id: job for job in read(source)}


def _when(job: FoundJob) -> list[tuple[str, dict[str, object]]]:
    return [(schedule.kind, schedule.keywords) for schedule in job.schedules]
