"""A schedule as a database keeps it: as text that is alike for what is alike."""

import json
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from apscheduler.triggers.base import BaseTrigger

from clockdyno.schedule import triggers

if TYPE_CHECKING:  # The clock reads what is written, and need not load what reads English.
    from clockdyno.schedule.typed import Schedule


def written(schedules: Iterable["Schedule"]) -> str:
    """Return schedules as text; the order in which they were typed does not count."""
    parts = sorted(json.dumps([kind, keywords], sort_keys=True) for kind, keywords in schedules)
    return f"[{', '.join(dict.fromkeys(parts))}]"


@lru_cache(256)
def trigger(parts: str, zone: str) -> BaseTrigger:
    """Return the trigger of what was written; ValueError where its parts contradict each other."""
    home = ZoneInfo(zone)
    found = [triggers.make(kind, keywords, home) for kind, keywords in json.loads(parts)]
    return found[0] if len(found) == 1 else triggers.AnyOf(found)
