"""Trigger objects of APScheduler's own classes, as ours: they fire alike in every process."""

from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apscheduler.triggers import cron, date, interval
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.combining import AndTrigger, OrTrigger
from apscheduler.triggers.interval import IntervalTrigger

from clockdyno.schedule.triggers import OURS, AllOf, AnyOf


def _here() -> tzinfo:
    """Return this machine's zone as an object that no other name of a zone leads to."""
    local: tzinfo = cron.get_localzone()
    try:
        return ZoneInfo.no_cache(str(local))
    except (ValueError, ZoneInfoNotFoundError):
        return local


# A trigger object made without a zone counts by its machine's, though it is documented to count
# by its scheduler's. Only so can `adopt` tell that from a zone that was asked for.
HERE = _here()
for module in (cron, date, interval):
    module.get_localzone = lambda: HERE


def adopt(trigger: BaseTrigger, timezone: tzinfo) -> BaseTrigger:
    """Return our own trigger for one of APScheduler's classes; `timezone` is for those without."""
    if type(trigger) in (OrTrigger, AndTrigger):
        parts = [adopt(part, timezone) for part in trigger.triggers]
        return (AnyOf if type(trigger) is OrTrigger else AllOf)(parts, trigger.jitter)
    if type(trigger) not in OURS:
        return trigger
    state = trigger.__getstate__()
    for name, value in state.items():
        # What has microseconds was not written but is a moment: now.
        if isinstance(value, datetime) and value.tzinfo is HERE and not value.microsecond:
            state[name] = value.replace(tzinfo=timezone)
    if state.get("timezone") is HERE:
        state["timezone"] = timezone
    # Without a start date APScheduler counts from now.
    if type(trigger) is IntervalTrigger and trigger.start_date.microsecond:
        state["start_date"] = None
    ours: Any = OURS[type(trigger)]
    adopted: BaseTrigger = ours.__new__(ours)
    adopted.__setstate__(state)
    return adopted
