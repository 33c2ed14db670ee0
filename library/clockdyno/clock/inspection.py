"""jobs.py without running it: its jobs, when they fire next, and what is wrong with them."""

import importlib
import pickle
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

import sqlalchemy as sa
from apscheduler.job import Job
from apscheduler.jobstores.base import ConflictingIdError
from sqlalchemy.exc import SQLAlchemyError

from clockdyno import host, procfile, texts
from clockdyno.clock import second_reading, starts
from clockdyno.clock.scheduler import ClockScheduler
from clockdyno.ledger import tables
from clockdyno.schedule import description, listing
from clockdyno.schedule.surprises.fixes import Remark
from clockdyno.schedule.surprises.report import crowded, remarks

NAME_IT = 'On a dyno that is UTC, or the config var TZ. Name it: Clock(timezone="UTC")'


def load() -> ClockScheduler:
    """Import the file that the Procfile's clock line starts, and return its clock."""
    jobs = importlib.import_module(procfile.clock().module)
    clocks = {
        id(value): value for value in vars(jobs).values() if isinstance(value, ClockScheduler)
    }
    if len(clocks) != 1:
        raise LookupError(f"it has {len(clocks)} clocks, and needs exactly one: sched = Clock(...)")
    return next(iter(clocks.values()))


@dataclass(frozen=True)
class Outlook:
    """When a job fires next, and what may surprise about that."""

    job: str
    zone: str
    words: str
    fires: list[datetime]
    remarks: list[Remark]

    def lines(self) -> list[str]:
        """Return it as lines of text, a blank one at the end."""
        return [self.job, *listing.entry(self.words, self.fires, self.remarks, "  "), ""]

    def facts(self) -> dict[str, Any]:
        """Return it for JSON."""
        next_ = [{"at": f.isoformat(), "utc": f.astimezone(UTC).isoformat()} for f in self.fires]
        told = [remark._asdict() for remark in self.remarks]
        shown = {"job": self.job, "zone": self.zone, "words": self.words}
        return {**shown, "next": next_, "remarks": told}


def outlooks(
    clock: ClockScheduler, start: str | None, count: int, name: str | None
) -> list[Outlook]:
    """Look ahead from a date or time (on the clock's wall; None: now), the soonest job first."""
    begin = _begin(start, clock.timezone) if start else datetime.now(UTC)
    jobs = [job for job in clock.get_jobs() if name in (None, job.id)]
    found = [_outlook(job, begin, count) for job in jobs]
    return sorted(found, key=lambda one: (not one.fires, one.fires[:1], one.job))


def crowd(clock: ClockScheduler) -> list[Remark]:
    """Remark on a minute of the next day at which many jobs start."""
    jobs = {job.id: job.trigger for job in clock.get_jobs()}
    return crowded(jobs, datetime.now(UTC), clock.timezone)


def _outlook(job: Job, begin: datetime, count: int) -> Outlook:
    home = job._scheduler.timezone
    zone = str(getattr(job.trigger, "timezone", home))
    clock = job._scheduler
    fires = [] if clock.is_paused(job) else description.fires(job.trigger, begin, count)
    notes = [*starts.told(clock, job), *remarks(job.trigger, begin, home=home)]
    return Outlook(job.id, zone, description.describe(job.trigger), fires, notes)


def _begin(text: str, zone: tzinfo) -> datetime:
    begin = datetime.fromisoformat(text)
    return begin if begin.tzinfo else begin.replace(tzinfo=zone)


def check() -> tuple[list[str], list[str]]:
    """Return the mistakes in jobs.py, and what is only worth a look."""
    with second_reading.reading() as others:
        try:
            clock = load()
        except ConflictingIdError as error:
            said = f"{procfile.clock().file}: two jobs have one id. {texts.message(error)}"
            return [f"{said} Give one of them its own id=."], []
        except ValueError as error:
            return [f"{procfile.clock().file}: {texts.message(error)}"], []
        except Exception as error:
            return [f"{procfile.clock().file}: {type(error).__name__}: {texts.message(error)}"], []
        mistakes, notes = _of_jobs(clock)
        notes += others.notes(second_reading.told(clock))
    if not clock.names_its_zone:
        notes.append(f"{starts.NO_ZONE.format(zone=clock.timezone)}. {NAME_IT}.")
    notes += [_told(note, "; ") for note in crowd(clock)]
    gone = _known() - {job.id for job in clock.get_jobs()}
    renamed = (
        f"is not in {procfile.clock().file} any more; if it was only renamed, id= keeps its history"
    )
    return mistakes, notes + [f"{name} {renamed}." for name in sorted(gone)]


def _of_jobs(clock: ClockScheduler) -> tuple[list[str], list[str]]:
    mistakes, notes, now = list[str](), list[str](), datetime.now(UTC)
    for job in clock.get_jobs():
        told = starts.told(clock, job)
        if not (told or clock.begins_itself(job) or description.fires(job.trigger, now, 1)):
            mistakes.append(f"{job.id} never fires: {description.describe(job.trigger)}.")
            continue
        if clock.options_of(job).timeout and not _travels(job):
            mistakes.append(f"{job.id} has a timeout, so its function must be importable by name.")
        if not clock.has_executor(job.executor):
            mistakes.append(f"{job.id} never runs: the clock has no executor {job.executor!r}.")
        told += remarks(job.trigger, now, home=clock.timezone)
        notes += [f"{job.id}: {_told(note)}" for note in told]
    return mistakes, notes


def _told(note: Remark, link: str = " or ") -> str:
    instead = f" Instead: {link.join(note.fix.splitlines())}" if note.fix else ""
    return note.text + instead


def _travels(job: Job) -> bool:
    try:
        return bool(pickle.dumps((job.func, job.args, job.kwargs)))
    except Exception:
        return False


def _known() -> set[str]:
    """Return the jobs that a clock has seen in the last deploy, if there is a ledger to ask."""
    if not host.database_url() and not host.ledger_file().exists():
        return set()
    here = sa.select(tables.jobs.c.job_id).where(tables.jobs.c.gone_at.is_(None))
    try:
        with tables.connect().connect() as db:
            return set(db.scalars(here))
    except SQLAlchemyError:
        return set()
