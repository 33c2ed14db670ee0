"""What a job says about itself beyond its trigger: its name, its call, its own keywords."""

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from apscheduler.job import Job

from clockdyno import masks
from clockdyno.telling import web

# In the order in which APScheduler's add_job takes them after `name`.
APSCHEDULER = (
    "misfire_grace_time",
    "coalesce",
    "max_instances",
    "next_run_time",
    "jobstore",
    "executor",
    "replace_existing",
)
OURS = ("on_lost", "timeout", "expected", "retries", "queue", "ping")
LONGEST_ID = 200  # An index of the ledger holds no more than some 2,700 bytes.


@dataclass(frozen=True)
class Options:
    """The keywords of a job that APScheduler does not know."""

    on_lost: str = "report"
    timeout: float | None = None
    expected: float | None = None
    retries: int = 0
    queue: str = "default"
    ping: str | None = field(default=None, repr=False)  # A secret: whoever has it can silence it.

    def __post_init__(self) -> None:
        if self.on_lost not in ("report", "rerun"):
            raise ValueError(f"on_lost: {self.on_lost!r} is neither 'report' nor 'rerun'")
        if self.timeout is not None and not self.timeout > 0:
            raise ValueError(f"timeout: {self.timeout!r} is not a number of seconds above 0")
        if self.expected is not None and not self.expected > 0:
            raise ValueError(f"expected: {self.expected!r} is not a number of seconds above 0")
        if self.retries < 0:
            raise ValueError(f"retries: {self.retries!r} is below 0")
        if not (isinstance(self.queue, str) and self.queue):
            raise ValueError(f"queue: {self.queue!r} is not a name")
        if self.ping is not None:
            if not isinstance(self.ping, str) or web.mistake(self.ping):
                raise ValueError(f"ping: what is given {web.NO_ADDRESS}")
            masks.keep_secret(self.ping)


def take(keywords: dict[str, Any]) -> dict[str, Any]:
    """Take the keywords of the job out of those of its trigger."""
    if "catch_up" in keywords:
        keywords["misfire_grace_time"] = keywords.pop("catch_up")
    return {key: keywords.pop(key) for key in APSCHEDULER + OURS if key in keywords}


def own(given: Mapping[str, Any]) -> Options:
    """Pick our own keywords out of all that were given."""
    return Options(**{key: given[key] for key in OURS if key in given})


def name_of(function: Any) -> str:
    """Say what a function is called: the id of its job, unless one is given."""
    while hasattr(function, "func"):
        function = function.func
    return getattr(function, "__name__", None) or type(function).__name__


def id_of(given: Any, function: Any) -> Any:
    """Return a job's id, its function's name unless one is given; refuse what no ledger keeps."""
    id = given or name_of(function)
    text = str(id)
    if len(text) > LONGEST_ID:
        raise ValueError(f"id: {text[:20]!r}... has {len(text)} characters, at most {LONGEST_ID}")
    if any(c == "\0" or "\ud800" <= c <= "\udfff" for c in text):
        raise ValueError(f"id: {text!r} has a character that no database keeps")
    return id


def call_of(function: Callable[..., Any], args: Any, kwargs: Any) -> dict[str, Any]:
    """Return the call's arguments; `scheduled_at` is filled in at each run if it is a parameter."""
    args, kwargs = tuple(args or ()), dict(kwargs or {})
    try:
        signature = inspect.signature(function)
        given = signature.bind_partial(*args, **kwargs).arguments
        if "scheduled_at" in signature.parameters and "scheduled_at" not in given:
            kwargs["scheduled_at"] = None
    except (TypeError, ValueError):
        pass  # A built-in without a signature; or arguments that APScheduler itself will refuse.
    return {"func": function, "args": args, "kwargs": kwargs}


def awaits(function: Any) -> bool:
    """Say whether a function is surely one whose run is awaited, and so can be cancelled."""
    while isinstance(function, functools.partial):
        function = function.func
    called = function if inspect.isroutine(function) else type(function).__call__
    return inspect.iscoroutinefunction(called)


def changed_call(job: Job, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return a job's call with some of its parts changed, if any of them is."""
    old = {"func": job.func, "args": job.args, "kwargs": job.kwargs}
    if not old.keys() & changes.keys():
        return {}
    new = {key: changes.get(key, value) for key, value in old.items()}
    return call_of(new.pop("func"), **new)


def most_jitter(job: Any) -> float:
    """Say by how many seconds a job's jitter may put a fire off."""
    found = [job.trigger, *getattr(job.trigger, "triggers", [])]
    return max(getattr(trigger, "jitter", None) or 0 for trigger in found)


def is_call(job: Job, call: Mapping[str, Any]) -> bool:
    """Say whether a job makes this very call."""
    return all(getattr(job, key) == value for key, value in call.items())
