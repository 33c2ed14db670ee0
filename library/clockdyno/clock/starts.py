"""Jobs that begin when the clock starts: a date that is now, a next_run_time that is."""

from typing import Any

from apscheduler.job import Job
from apscheduler.triggers.base import BaseTrigger
from apscheduler.util import convert_to_datetime

from clockdyno import procfile
from clockdyno.schedule.at_start import AtStart, is_now, is_trigger_of_now, now, parts
from clockdyno.schedule.surprises.fixes import Remark, line
from clockdyno.schedule.triggers import GridInterval, OnDate, WallCron

AT_START = (
    "It runs at each start of the clock: at every deploy, every change of a config var and every "
    "daily restart."
)
NO_ZONE = "Clock() names no time zone, so it follows this machine: {zone}"
PAUSED = "It is paused in {file}: it does not run until what pauses it there is gone."


def note(given: dict[str, Any], trigger: BaseTrigger, home: Any) -> None:
    """Note when a job begins that begins now, whatever its trigger says; `home` is its clock."""
    if any(isinstance(part, AtStart) or is_trigger_of_now(part) for part in parts(trigger)):
        given.setdefault("next_run_time", now())
    given["at_start"] = False
    if given.get("next_run_time") is not None:
        first = convert_to_datetime(given["next_run_time"], home.timezone, "next_run_time")
        given["at_start"] = is_now(first)


def told(clock: Any, job: Job) -> list[Remark]:
    """Return what to know of when a job begins."""
    if clock.is_paused(job):
        return [Remark("paused", PAUSED.format(file=procfile.clock().file), "")]
    if not clock.is_at_start(job):
        return []
    rest = [part for part in parts(job.trigger) if not isinstance(part, AtStart)]
    is_ours = all(isinstance(part, (WallCron, GridInterval, OnDate)) for part in rest)
    fix = "; ".join(line(part, clock.timezone) for part in rest) if is_ours else ""
    text = f"{AT_START} What a restart missed is caught up without that." if rest else AT_START
    return [Remark("at-start", text, fix)]
