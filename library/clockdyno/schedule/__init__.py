"""What a schedule is: what people type, as triggers, in words, with its surprises and its rate.

It knows nothing of databases, of Flask or of the clock.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clockdyno.schedule.refusal import ScheduleError
    from clockdyno.schedule.typed import Schedule, build, parse

__all__ = ["Schedule", "ScheduleError", "build", "parse"]


def __getattr__(name: str) -> Any:
    # Lazy, since each command of a tool that can read a schedule loads this package.
    if name == "ScheduleError":
        from clockdyno.schedule.refusal import ScheduleError

        return ScheduleError
    if name in __all__:
        from clockdyno.schedule import typed

        return getattr(typed, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
