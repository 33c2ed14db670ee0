"""How far a timeline reaches: so long back from now, and so long ahead."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
YOUNG = 3 * HOUR  # In a day's picture, what ran for so long would be a smear beside the now line.


class Span(NamedTuple):
    """A reach: its name, the title of its picture, and how its axis is divided."""

    words: str
    title: str
    back: timedelta
    ahead: timedelta
    grid: timedelta  # divides every tick, and the offset of every zone
    tick: int  # minutes of the day between two lines
    main: int  # and between two of those that a narrow screen shows, too

    @property
    def length(self) -> timedelta:
        """Return how long it is altogether."""
        return self.back + self.ahead

    def place(self, at: datetime, now: datetime) -> float:
        """Return where a time lies in the picture, in percent of its width."""
        return max(0.0, min(100.0, (at - now + self.back) / self.length * 100))


SPANS = {
    "1h": Span("hour", "An hour back, an hour ahead", HOUR, HOUR, 5 * MINUTE, 10, 30),
    "24h": Span("24 hours", "A day back, a day ahead", DAY, DAY, 15 * MINUTE, 180, 360),
    # A clock tells its fires for a day.
    "7d": Span("7 days", "A week back, a day ahead", 7 * DAY, DAY, 15 * MINUTE, 720, 1440),
}


def usual(jobs: Sequence[Any], now: datetime) -> str:
    """Return the span to show where none is asked for: a day, once there is enough to fill it."""
    first = [job.known_since for job in jobs]
    first += [job.last[-1].scheduled_at for job in jobs if job.last]
    return "1h" if first and min(first) > now - YOUNG else "24h"
