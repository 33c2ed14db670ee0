"""Scheduled jobs that run once per scheduled time, through deploys, crashes and daylight saving.

    from clockdyno import Clock

`Clock` is an APScheduler scheduler with a ledger. `clockdyno.dashboard` is a Flask blueprint that
shows what ran, and `python -m clockdyno` looks and steers from a shell.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clockdyno._clock import Clock

__all__ = ["Clock", "__version__"]
__version__ = "0.2.0"


def __getattr__(name: str) -> Any:
    # Lazy, so that the web process can import from this package without loading APScheduler.
    if name == "Clock":
        from clockdyno._clock import Clock

        return Clock
    raise AttributeError(f"module 'clockdyno' has no attribute {name!r}")
