"""The clock of jobs.py, which is imported and not run."""

import importlib

from clockdyno import procfile
from clockdyno.clock.process.scheduler import ClockScheduler


def load() -> ClockScheduler:
    """Import the file that the Procfile's clock line starts, and return its clock."""
    jobs = importlib.import_module(procfile.clock().module)
    clocks = {
        id(value): value for value in vars(jobs).values() if isinstance(value, ClockScheduler)
    }
    if len(clocks) != 1:
        raise LookupError(f"it has {len(clocks)} clocks, and needs exactly one: sched = Clock(...)")
    return next(iter(clocks.values()))
