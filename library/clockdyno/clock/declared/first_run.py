"""When a job runs first: as the clock starts, at a next_run_time, or not while it is paused."""

from typing import Any

from apscheduler.job import Job
from apscheduler.triggers.base import BaseTrigger
from apscheduler.util import convert_to_datetime

from clockdyno import procfile
from clockdyno.schedule.at_start import AtStart, is_now, is_trigger_of_now, now, triggers_of
from clockdyno.schedule.surprises.fixes import Surprise, line
from clockdyno.schedule.triggers import GridInterval, OnDate, WallCron

AT_START = (
    "It runs at each start of the clock: at every deploy, every change of a config var and every "
    "daily restart."
)
NO_ZONE = "Clock() names no time zone, so it follows this machine: {zone}"
PAUSED = "It is paused in {file}: it does not run until what pauses it there is gone."


def note(given: dict[str, Any], trigger: BaseTrigger, home: Any) -> None:
    """Note when a job begins that begins now, whatever its trigger says; `home` is its clock."""
    if any(isinstance(part, AtStart) or is_trigger_of_now(part) for part in triggers_of(trigger)):
        given.setdefault("next_run_time", now())
    given["at_start"] = False
    if given.get("next_run_time") is not None:
        first = convert_to_datetime(given["next_run_time"], home.timezone, "next_run_time")
        given["at_start"] = is_now(first)


def surprises(clock: Any, job: Job) -> list[Surprise]:
    """Return what may surprise about when a job begins."""
    if clock.is_paused(job):
        return [Surprise("paused", PAUSED.format(file=procfile.clock().file), "")]
    if not clock.is_at_start(job):
        return []
    rest = [part for part in triggers_of(job.trigger) if not isinstance(part, AtStart)]
    is_ours = all(isinstance(part, (WallCron, GridInterval, OnDate)) for part in rest)
    fix = "; ".join(line(part, clock.timezone) for part in rest) if is_ours else ""
    text = f"{AT_START} What a restart missed is caught up without that." if rest else AT_START
    return [Surprise("at-start", text, fix)]
