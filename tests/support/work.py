"""Work, counted in calls of functions: as many on every machine, however busy it is."""

import cProfile
from collections.abc import Callable
from typing import Any


def calls(function: Callable[..., Any], *args: Any) -> int:
    """Call a function and return how many calls that took, those of C included."""
    with cProfile.Profile() as profile:
        function(*args)
    return sum(entry.callcount for entry in profile.getstats())
