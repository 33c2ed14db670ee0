"""A schedule as whoever put it sees it, and how one is refused."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any


class Refused(ValueError):
    """What was asked for cannot be: `reason` says why, `hint` what to do; both are for people."""

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(f"{reason} {hint}".strip())
        self.reason, self.hint = reason, hint


@dataclass(frozen=True)
class Scheduled:
    """A schedule as it stands in the database.

    `when` is what was typed, `words` what it means; `next_at` is None while it is paused and when
    its times are over. `remarks` say what may surprise about it: each has a code, a text, and what
    to write instead (fix).
    """

    key: str
    task: str
    when: str
    words: str
    timezone: str
    kwargs: dict[str, Any]
    paused: bool
    next_at: datetime | None
    remarks: list[dict[str, str]]
    revision: int
    job_id: str
    parts: str = field(repr=False)

    @property
    def next(self) -> list[datetime]:
        """The next three times, in its own zone; fewer where it ends, none while it is paused."""
        return [] if self.paused else fires(self.parts, self.timezone)


def fires(parts: str, zone: str, count: int = 3) -> list[datetime]:
    """Return the next times of what was written, in its own zone."""
    from clockdyno.schedule import description, stored

    later = datetime.now(UTC) + timedelta(microseconds=1)
    return description.fires(stored.trigger(parts, zone), later, count)


def shown(row: Any) -> Scheduled:
    """Return a row as whoever put it sees it."""
    paused = row.paused_at is not None
    return Scheduled(
        *(row.key, row.task, row.typed, row.words, row.zone, json.loads(row.kwargs), paused),
        None if paused else row.next_at,
        json.loads(row.remarks),
        *(row.revision, row.job_id, row.parts),
    )
