"""Dates that are now: what they mean is the moment at which the clock starts."""

from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.combining import OrTrigger

from clockdyno.schedule.triggers import AnyOf, OnDate


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


def triggers_of(trigger: Any) -> list[Any]:
    """Return the triggers of which any one makes a job fire."""
    return list(trigger.triggers) if isinstance(trigger, OrTrigger) else [trigger]


def read(trigger: BaseTrigger) -> BaseTrigger:
    """Return a trigger of jobs.py with each date that is now as what it means: the start."""
    if isinstance(trigger, OrTrigger):
        return AnyOf([read(part) for part in trigger.triggers], trigger.jitter)
    return AtStart(trigger.run_date) if is_trigger_of_now(trigger) else trigger


def as_written(trigger: BaseTrigger) -> BaseTrigger:
    """Return a trigger of jobs.py with each date as it stands there, be it now or not."""
    if isinstance(trigger, OrTrigger):
        return AnyOf([as_written(part) for part in trigger.triggers], trigger.jitter)
    return OnDate(trigger.run_date) if isinstance(trigger, AtStart) else trigger


def is_trigger_of_now(trigger: Any) -> bool:
    """Say whether a trigger fires once, at this moment."""
    return type(trigger) is OnDate and is_now(trigger.run_date)
