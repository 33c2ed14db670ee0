"""The machinery behind jobs.py. You can read it; you rarely change it."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clockdyno.clock.scheduler import Clock

__all__ = ["Clock"]


def __getattr__(name: str) -> Any:
    # Lazy, so that the web process can import from this package without loading APScheduler.
    if name == "Clock":
        from clockdyno.clock.scheduler import Clock

        return Clock
    raise AttributeError(f"module 'clock' has no attribute {name!r}")
