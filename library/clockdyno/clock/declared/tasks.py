"""What schedules may name: functions of jobs.py without a schedule of their own."""

import copy
import inspect
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from apscheduler.triggers.base import BaseTrigger

from clockdyno import texts
from clockdyno.clock.declared import options
from clockdyno.clock.declared.options import Options

OPTIONS = {"retries", "timeout", "expected", "on_lost", "queue", "ping", "max_instances"}
OPTIONS |= {"coalesce", "executor", "misfire_grace_time", "catch_up"}
DEFAULTS = ("misfire_grace_time", "coalesce", "max_instances")


@dataclass(frozen=True)
class Task:
    """A function under the name by which schedules call it, with the options of its runs."""

    name: str
    func: Callable[..., Any]
    given: dict[str, Any]
    defaults: dict[str, Any]
    zone: str
    fastest: float

    @property
    def options(self) -> Options:
        """Return what is said of its runs beyond APScheduler's own keywords."""
        return options.own(self.given)

    @cached_property
    def times(self) -> dict[str, Any]:
        """Return the argument that each run fills in: `scheduled_at`, if there is such a one."""
        return dict(options.call_of(self.func, (), {})["kwargs"])

    def takes(self) -> dict[str, Any]:
        """Say which arguments it must have and which it may have: None is any."""
        try:
            found = inspect.signature(self.func).parameters.values()
        except (TypeError, ValueError):
            return {"must": [], "may": None}
        named = [p for p in found if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
        named = [p for p in named if p.name != "scheduled_at"]
        is_open = any(p.kind is p.VAR_KEYWORD for p in found)
        must = [p.name for p in named if p.default is p.empty]
        return {"must": must, "may": None if is_open else [p.name for p in named]}

    def row(self) -> dict[str, Any]:
        """Return what the ledger is told of it."""
        doc = getattr(self.func, "__doc__", None)
        told = texts.fit(doc.strip().partition("\n")[0]) if isinstance(doc, str) else ""
        facts = {"name": self.name, "zone": self.zone, "fastest": self.fastest, "doc": told}
        facts |= {"timeout": self.options.timeout, "expected": self.options.expected}
        facts |= {"on_lost": self.options.on_lost, "awaits": options.awaits(self.func)}
        return {**facts, "takes": json.dumps(self.takes())}


class Call:
    """A task's call as a schedule makes it: to those who run it, a job as any other."""

    _jobstore_alias, pending = "default", False

    def __init__(
        self, task: Task, job_id: str, kwargs: dict[str, Any], trigger: BaseTrigger
    ) -> None:
        self.id, self.trigger, self.given = job_id, trigger, task.given
        self.func, self.args, self.kwargs = task.func, (), {**task.times, **kwargs}
        settings = {**task.defaults, **task.given}
        self.executor: str = settings.get("executor", "default")
        self.misfire_grace_time, self.coalesce, self.max_instances = (
            settings[name] for name in DEFAULTS
        )

    def of(self, trigger: BaseTrigger) -> "Call":
        """Return the same call at the times of another trigger."""
        other = copy.copy(self)
        other.trigger = trigger
        return other


def make(clock: Any, function: Callable[..., Any], name: str | None, given: dict[str, Any]) -> Task:
    """Return a task; ValueError or TypeError says what is wrong with it."""
    if strange := sorted(given.keys() - OPTIONS):
        raise TypeError(f"task() has no {strange[0]!r}: it takes {', '.join(sorted(OPTIONS))}")
    given = options.take(dict(given))
    options.own(given)
    settings = (given, clock._job_defaults, str(clock.timezone), clock.fastest)
    return Task(options.id_of(name, function), function, *settings)
