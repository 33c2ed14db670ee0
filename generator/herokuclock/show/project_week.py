"""The week of a project's jobs, told by its clock, else read from jobs.py."""

from contextlib import suppress
from datetime import date, datetime, time, timedelta

from herokuclock.errors import REFUSED
from herokuclock.jobs import file as jobs_file
from herokuclock.jobs.zone import zone_of
from herokuclock.preview import Preview, joined, preview, zone_info
from herokuclock.project import Project
from herokuclock.show.upcoming import ask, readable
from herokuclock.show.week import Lane, Week, lane, lane_of

# More than every five minutes makes: what runs oftener is followed from minute to minute.
ASKED = 2_100


def week_of(project: Project, first: date) -> tuple[Week, list[str]]:
    """Return seven days of the project, and notes on what could not be told."""
    known = zone_of(project).name
    start = datetime.combine(first, time(), zone_info(known or "UTC"))
    # Where nobody can tell the zone beforehand, its week may have begun earlier.
    told, why = ask(project, ASKED, start if known else start - timedelta(days=1))
    zone = known or next((job.zone for job in told or () if job.zone), "UTC")
    if told is None:
        literal, notes = _literal(project, known, start)
        return Week(zone, first, list(literal.values())), [why, *notes]
    lanes, notes, literal = [], [], {}
    # The project's Python may be newer than ours, and know a syntax that we cannot read.
    with suppress(*REFUSED):
        literal, _ = _literal(project, known, start)
    for job in told:
        name = job.job or ""
        if _is_whole(job, start + timedelta(days=7)):
            lanes.append(lane_of(name, job.words, job.next, zone, first))
        elif name in literal:
            lanes.append(literal[name])
        else:
            notes.append(f"{name} runs too often to be drawn: {job.words}.")
    return Week(zone, first, lanes), notes


def _literal(
    project: Project, known: str | None, start: datetime
) -> tuple[dict[str, Lane], list[str]]:
    lanes, notes, zone = {}, [], known or "UTC"
    for job in jobs_file.read(project.source()):
        schedules, unread = readable(job, zone)
        if unread:
            notes.append(f"{job.id} is not in the picture: {unread[0]}.")
        elif not known and not all("timezone" in s.keywords for s in schedules):
            notes.append(f"{job.id} is not in the picture: nobody can tell the clock's zone.")
        else:
            words = preview(schedules, zone, start, 1).words
            lanes[job.id] = lane(job.id, words, joined(schedules, zone), zone, start.date())
    return lanes, notes


def _is_whole(job: Preview, end: datetime) -> bool:
    return len(job.next) < ASKED or job.next[-1] >= end
