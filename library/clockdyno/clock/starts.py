"""Jobs that begin when the clock starts: a date that is now, a next_run_time that is."""

from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.job import Job
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.combining import OrTrigger
from apscheduler.util import convert_to_datetime

from clockdyno.schedule.surprises.fixes import Remark, line
from clockdyno.schedule.triggers import AnyOf, GridInterval, OnDate, WallCron

AT_START = (
    "It runs at each start of the clock: at every deploy, every change of a config var and every "
    "daily restart."
)
NO_ZONE = "Clock() names no time zone, so it follows this machine: {zone}"
PAUSED = "It is paused in jobs.py: it does not run until what pauses it there is gone."


class AtStart(OnDate):
    """The moment at which the clock starts: no date that could be known before."""

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> None:
        """Return None: the clock itself begins the job, once for each start."""

    def __repr__(self) -> str:
        return "<AtStart>"


def now() -> datetime:
    """Say what time it is for a date that is now."""
    return datetime.now(UTC)


def is_now(at: datetime) -> bool:
    """Say whether a time is that of this moment, not one that somebody wrote."""
    # What has microseconds was not written, and reading a long jobs.py takes its time.
    most = timedelta(minutes=1) if at.microsecond else timedelta(seconds=2)
    return timedelta(0) <= now() - at <= most


def parts(trigger: Any) -> list[Any]:
    """Return the triggers of which any one makes a job fire."""
    return list(trigger.triggers) if isinstance(trigger, OrTrigger) else [trigger]


def read(trigger: BaseTrigger) -> BaseTrigger:
    """Return a trigger of jobs.py with each date that is now as what it means: the start."""
    if isinstance(trigger, OrTrigger):
        return AnyOf([read(part) for part in trigger.triggers], trigger.jitter)
    return AtStart(trigger.run_date) if _is_now(trigger) else trigger


def note(given: dict[str, Any], trigger: BaseTrigger, home: Any) -> None:
    """Note when a job begins that begins now, whatever its trigger says; `home` is its clock."""
    if any(isinstance(part, AtStart) or _is_now(part) for part in parts(trigger)):
        given.setdefault("next_run_time", now())
    given["at_start"] = False
    if given.get("next_run_time") is not None:
        first = convert_to_datetime(given["next_run_time"], home.timezone, "next_run_time")
        given["at_start"] = is_now(first)


def told(clock: Any, job: Job) -> list[Remark]:
    """Return what to know of when a job begins."""
    if clock.is_paused(job):
        return [Remark("paused", PAUSED, "")]
    if not clock.is_at_start(job):
        return []
    rest = [part for part in parts(job.trigger) if not isinstance(part, AtStart)]
    is_ours = all(isinstance(part, (WallCron, GridInterval, OnDate)) for part in rest)
    fix = "; ".join(line(part, clock.timezone) for part in rest) if is_ours else ""
    text = f"{AT_START} What a restart missed is caught up without that." if rest else AT_START
    return [Remark("at-start", text, fix)]


def _is_now(trigger: Any) -> bool:
    return type(trigger) is OnDate and is_now(trigger.run_date)
