"""Tells Sentry, where the program has initialised its SDK: exceptions, and check-ins of jobs.

The SDK is the owner's: it is never imported here, and whatever it does, the run goes on.
"""

import sys
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, Self

from clockdyno import logs
from clockdyno.telling import monitors
from clockdyno.telling.run import RunFacts

FLUSH_SECONDS = 2
IN_PROGRESS, OK, ERROR = "in_progress", "ok", "error"


def sdk() -> Any:
    """Return the owner's SDK if it is initialised; None otherwise, also for one before 2.0."""
    module = sys.modules.get("sentry_sdk")
    try:
        return module if module and module.is_initialized() else None
    except Exception:
        return None


class Scope:
    """What happens in a run is told with its job, its run and its link, and leaks into no other."""

    def __init__(self, run: RunFacts) -> None:
        self._run, self._stack = run, ExitStack()

    def __enter__(self) -> Self:
        if found := sdk():
            _try(lambda: self._enter(found))
        return self

    def __exit__(self, *how: object) -> None:
        # Not the error itself: how the run ended is told by capture().
        _try(self._stack.close)

    def _enter(self, found: Any) -> None:
        scope = self._stack.enter_context(found.isolation_scope())
        facts = {key: value for key, value in self._run.facts().items() if value is not None}
        for name in ("job", "run", "attempt"):
            if name in facts:
                scope.set_tag(f"clock.{name}", str(facts[name]))
        scope.set_context("run", facts)
        scope.set_transaction_name(self._run.job, source="task")
        scope.add_event_processor(_without_our_log)


def capture(error: BaseException) -> bool:
    """Tell of a run's exception; say whether there was anybody to tell."""
    found = sdk()
    if found:
        _try(lambda: found.capture_exception(error))
    return bool(found)


def check_in(
    run: RunFacts,
    status: str,
    monitor: Callable[[], dict[str, Any] | None],
    duration: float | None = None,
) -> None:
    """Tell how a job is doing; its monitor is made or changed on the way, if it can have one."""
    found = sdk()
    if found:
        _try(lambda: _check_in(found, run, status, monitor(), duration))


def flush() -> None:
    """Send what waits, before a process ends that does not end as Python does."""
    if found := sdk():
        _try(lambda: found.flush(timeout=FLUSH_SECONDS))


def _check_in(
    found: Any,
    run: RunFacts,
    status: str,
    monitor: dict[str, Any] | None,
    duration: float | None,
) -> None:
    if monitor:
        found.crons.capture_checkin(
            monitor_slug=monitors.slug(run.job),
            check_in_id=run.uuid.hex,
            status=status,
            duration=duration,
            monitor_config=monitor,
        )


def _without_our_log(event: Any, hint: Any) -> Any:
    """Drop what the SDK makes of our log line of an exception: that is told by capture()."""
    record = hint.get("log_record")
    return None if record and record.name == logs.log.name and record.exc_info else event


def _try(step: Callable[[], Any]) -> None:
    try:
        step()
    except Exception as error:  # Its hooks are the owner's.
        logs.event("sentry", state="failed", error=type(error).__name__)
