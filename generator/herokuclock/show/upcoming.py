"""The next runs of a project's jobs: told by its own clock, else by what jobs.py literally says."""

import json
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from clockdyno.schedule import listing
from clockdyno.schedule.surprises import report
from clockdyno.schedule.surprises.fixes import Surprise
from clockdyno.schedule.typed import Schedule

from herokuclock import screen, shell
from herokuclock.errors import REFUSED, HerokuclockError
from herokuclock.jobs import file as jobs_file
from herokuclock.jobs.reader import FoundJob
from herokuclock.jobs.zone import of_a_dyno, zone_of
from herokuclock.preview import ClockZone, Preview, joined, preview, zone_info
from herokuclock.project import NO_PYTHON, Project


@dataclass(frozen=True)
class Upcoming:
    """The jobs, soonest first; `told_by_clock` is False where jobs.py was only read."""

    jobs: list[Preview]
    told_by_clock: bool
    file: str = "jobs.py"
    notes: list[str] = field(default_factory=list)
    surprises: list[Surprise] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return {
            "jobs": [job.to_json() for job in self.jobs],
            "told_by": "clock" if self.told_by_clock else self.file,
            "notes": self.notes,
            "remarks": [{"code": r.code, "text": r.text, "fix": r.fix} for r in self.surprises],
        }

    def lines(self, now: datetime | None = None) -> list[str]:
        """Return it as lines of text: one a job as seen from `now`, else all of each."""
        lines = [] if self.jobs else [f"{self.file} has no job.", ""]
        if now and self.jobs:
            told, width = [job.line() for job in self.jobs], screen.width()
            lines = [*listing.summary(told, now, "herokuclock next", width), ""]
        for job in [] if now else self.jobs:
            lines += [job.job or "", *job.lines("  "), ""]
        for surprise in self.surprises:
            lines += [f"! {surprise.text}", *listing.instead(surprise.fix)]
        for note in self.notes:
            lines += listing.wrapped(note, "", "", screen.width())
        return lines if lines[-1] else lines[:-1]


def upcoming(
    project: Project,
    now: datetime,
    count: int = 5,
    name: str | None = None,
    start: datetime | None = None,
) -> Upcoming:
    """Ask the project's clock; where there is none yet, read jobs.py and say so."""
    told, why = ask(project, count, start)
    zone = zone_of(project)
    if told is None:
        told = read_literally(project, zone, start or now, count)
    ids = [job.job or "" for job in told]
    if name is not None and name not in ids:
        raise no_job(project, name, ids)
    jobs = [job for job in told if name in (None, job.job)]
    jobs.sort(key=lambda job: (not job.next, job.next[:1], job.job))
    notes = [f"Read from {project.jobs_name} without running it. {why}"] if why else []
    surprises: list[Surprise] = []
    # The project's Python may be newer than ours, and know a syntax that we cannot read.
    with suppress(*REFUSED):
        surprises = crowds(project, zone.name, start or now) if name is None else []
    surprises = [*zone.surprises, *surprises] if jobs else []
    return Upcoming(jobs, not why, project.jobs_name, notes, surprises)


def no_job(project: Project, name: str, ids: Sequence[str]) -> HerokuclockError:
    """Say that there is no job of this name, and which may be meant."""
    near = get_close_matches(name, ids, 1)
    hint = f"Did you mean {near[0]}?" if near else f"Jobs: {', '.join(ids) or 'none'}."
    return HerokuclockError(f"There is no job {name!r} in {project.jobs_name}.", hint)


def read_literally(project: Project, zone: ClockZone, now: datetime, count: int) -> list[Preview]:
    """Preview what jobs.py literally says."""
    return [_read(job, zone.name, now, count) for job in jobs_file.read(project.source())]


def crowds(project: Project, zone: str | None, now: datetime) -> list[Surprise]:
    """Warn of a minute at which many jobs start, as far as jobs.py can be read."""
    if zone is None:
        return []
    triggers = {}
    for job in jobs_file.read(project.source()):
        schedules, _ = readable(job, zone)
        if schedules:
            triggers[job.id] = joined(schedules, zone)
    return list(report.crowded(triggers, now, zone_info(zone)))


def ask(project: Project, count: int, start: datetime | None) -> tuple[list[Preview] | None, str]:
    """Return what the project's `python -m clockdyno next` tells, or why it told nothing."""
    python = project.python()
    if python is None:
        return None, NO_PYTHON
    since = ["--from", start.isoformat()] if start else []
    arguments: list[str | Path] = [
        python,
        "-m",
        "clockdyno",
        "next",
        "--json",
        "-n",
        str(count),
        *since,
    ]
    result = shell.run(arguments, cwd=project.root, env=of_a_dyno())
    told = _json_list(result.out) if result.ok else None
    if told is None:
        return None, f"Its own Python could not tell: {shell.reason(result)}"
    return [_from_json(job) for job in told], ""


def _json_list(out: str) -> list[dict[str, Any]] | None:
    # What jobs.py itself prints when it is imported stands before the list.
    for found in re.finditer(r"^\[", out, re.MULTILINE):
        try:
            told = json.loads(out[found.start() :])
        except ValueError:
            continue
        if all(isinstance(job, dict) for job in told):
            return list(told)
    return None


def _from_json(told: dict[str, Any]) -> Preview:
    fires = [datetime.fromisoformat(fire["at"]) for fire in told["next"]]
    zone = str(told["zone"])
    # The times of a zone of a kind of its own keep the offset that they came with.
    with suppress(ValueError, OSError, LookupError):
        fires = [fire.astimezone(ZoneInfo(zone)) for fire in fires]
    return Preview(
        zone=zone,
        words=str(told["words"]).rstrip("."),
        next=fires,
        surprises=[Surprise(r["code"], r["text"], r["fix"]) for r in told.get("remarks", [])],
        job=str(told["job"]),
    )


def readable(job: FoundJob, zone: str | None) -> tuple[list[Schedule], list[str]]:
    """Return the job's schedules that a trigger can be made of, and what is wrong with the rest."""
    schedules, unread = [], list(job.unread)
    for found in job.schedules:
        schedule = Schedule(found.kind, dict(found.keywords))  # type: ignore[arg-type]
        try:
            joined([schedule], zone or "UTC")
            schedules.append(schedule)
        except REFUSED as error:
            unread.append(f"line {found.line}: {error.message.rstrip('.')}")
    return schedules, unread


def _read(job: FoundJob, zone: str | None, now: datetime, count: int) -> Preview:
    schedules, unread = readable(job, zone)
    if schedules:
        return preview(schedules, zone, now, count, job.id, unread, rates=False)
    return Preview(zone, "When it runs cannot be told", [], job=job.id, unread=unread)
