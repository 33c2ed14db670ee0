"""Which jobs the overview lists, and in which order."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from clockdyno.dashboard import attention, formats

COMPACT = 15  # From so many jobs on each has one line.
MOST = 100  # are listed; of more one looks for the right one
SORTS = {"name": "name", "next": "next run", "last": "last run", "trouble": "trouble first"}


class Choice(NamedTuple):
    """The jobs that are listed, how many there would be, and what was asked for."""

    jobs: list[Any]
    number: int
    text: str
    sort: str


def choose(jobs: Sequence[Any], text: str, sort: str, now: datetime) -> Choice:
    """Return the jobs whose name, words or docstring have the text in them, sorted."""
    words = text.lower().split()
    found = [job for job in jobs if all(word in _told(job) for word in words)]
    if sort == "next":
        late = datetime.max.replace(tzinfo=UTC)
        found.sort(key=lambda job: formats.next_fire(job, now) or late)
    elif sort == "last":
        found.sort(key=lambda job: job.last[0].scheduled_at if job.last else now, reverse=True)
    elif sort == "trouble":
        found.sort(key=lambda job: _last(job) not in attention.BAD)
    return Choice(found[:MOST], len(found), text, sort if sort in SORTS else "name")


def _told(job: Any) -> str:
    return f"{job.job_id} {job.doc} {job.words}".lower()


def _last(job: Any) -> str:
    last = attention.ended(job)
    return last.state if last else ""
