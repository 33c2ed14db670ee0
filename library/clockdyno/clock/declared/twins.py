"""Jobs of one function: further triggers of one call join, other calls are jobs of their own."""

from collections.abc import Iterator
from itertools import count
from typing import Any

from apscheduler.job import Job
from apscheduler.jobstores.base import ConflictingIdError
from apscheduler.triggers.base import BaseTrigger

from clockdyno.clock.declared import ids, options
from clockdyno.schedule import at_start
from clockdyno.schedule.triggers import AnyOf

Settled = tuple[str, BaseTrigger, dict[str, Any]]


class Twins:
    """Settles the ids of a clock's jobs; one that nobody gave does not depend on who came first."""

    def __init__(self, clock: Any) -> None:
        self._clock = clock
        self._firsts: dict[str, str] = {}  # by the function's name: its first job without an id=

    def settle(
        self, id: str | None, call: dict[str, Any], trigger: BaseTrigger, given: dict[str, Any]
    ) -> Settled:
        """Return a new job's id, its trigger and what it is given."""
        wanted, name = options.id_of(id, call["func"]), options.name_of(call["func"])
        first = None if id else self._clock.get_job(self._firsts.get(name))
        if first:
            if first.func != call["func"]:
                raise ConflictingIdError(name)
            return self._beside(first, name, call, trigger, given)
        if twin := self._clock.get_job(wanted):
            if not given.get("replace_existing"):
                raise ConflictingIdError(twin.id)
            if twin.pending:
                self._clock.remove_job(twin.id)
        if id is None:
            self._firsts[name] = name
        return wanted, trigger, given

    def _beside(
        self,
        first: Job,
        name: str,
        call: dict[str, Any],
        trigger: BaseTrigger,
        given: dict[str, Any],
    ) -> Settled:
        like = self._like(first, name, call)
        for twin in like:
            if twin and twin.pending and options.is_call(twin, call):
                both = AnyOf([*at_start.triggers_of(twin.trigger), trigger])
                self._clock.remove_job(twin.id)
                return twin.id, both, {**self._clock.given(twin), **given}
        if first.id == name and first.pending:
            own = ids.of_call(name, first.args, first.kwargs) or name
            self._clock.rename(first, own)
            self._firsts[name] = own
        return (
            next(id for id in self._free(name, call) if not self._clock.get_job(id)),
            trigger,
            given,
        )

    def _like(self, first: Job, name: str, call: dict[str, Any]) -> Iterator[Job | None]:
        yield first
        for id in self._free(name, call):
            job = self._clock.get_job(id)
            if job is None:
                return
            yield job

    def _free(self, name: str, call: dict[str, Any]) -> Iterator[str]:
        """Return what the id may be: made of the arguments, counted where they say nothing."""
        if own := ids.of_call(name, call["args"], call["kwargs"]):
            yield own
        yield from (f"{name}-{n}" for n in count(2))
