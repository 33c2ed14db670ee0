"""When each job of jobs.py fires next, and what may surprise about that."""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from apscheduler.job import Job

from clockdyno.clock.declared import first_run
from clockdyno.clock.process.scheduler import ClockScheduler
from clockdyno.schedule import description, listing, zones
from clockdyno.schedule.surprises.fixes import Surprise
from clockdyno.schedule.surprises.report import crowded, surprises


@dataclass(frozen=True)
class Outlook:
    """When a job fires next, and what may surprise about that."""

    job: str
    zone: str
    words: str
    fires: list[datetime]
    surprises: list[Surprise]

    def lines(self) -> list[str]:
        """Return it as lines of text, a blank one at the end."""
        return [self.job, *listing.entry(self.words, self.fires, self.surprises, "  "), ""]

    def line(self) -> listing.Job:
        """Return it for a list of several."""
        words = zones.without_zone(self.words, self.zone)
        return listing.Job(self.job, words, self.fires, bool(self.surprises))

    def facts(self) -> dict[str, Any]:
        """Return it for JSON."""
        next_ = [{"at": f.isoformat(), "utc": f.astimezone(UTC).isoformat()} for f in self.fires]
        told = [surprise._asdict() for surprise in self.surprises]
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


def crowd(clock: ClockScheduler) -> list[Surprise]:
    """Warn of a minute of the next day at which many jobs start."""
    jobs = {job.id: job.trigger for job in clock.get_jobs()}
    return crowded(jobs, datetime.now(UTC), clock.timezone)


def _outlook(job: Job, begin: datetime, count: int) -> Outlook:
    home = job._scheduler.timezone
    zone = str(getattr(job.trigger, "timezone", home))
    clock = job._scheduler
    fires = [] if clock.is_paused(job) else description.fires(job.trigger, begin, count)
    notes = [*first_run.surprises(clock, job), *surprises(job.trigger, begin, home=home)]
    return Outlook(job.id, zone, description.describe(job.trigger), fires, notes)


def _begin(text: str, zone: tzinfo) -> datetime:
    begin = datetime.fromisoformat(text)
    return begin if begin.tzinfo else begin.replace(tzinfo=zone)
