"""Many schedules that somebody changes all the time, and what each of them was owed."""

import random
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from clockdyno import schedules
from sqlalchemy.exc import SQLAlchemyError

MINUTE = timedelta(minutes=1)
END = datetime.max.replace(tzinfo=UTC)


@dataclass
class Span:
    """A time in which a row was due at one second of each minute; its ends are not quite known."""

    second: int
    opened: tuple[datetime, datetime]
    closed: tuple[datetime, datetime] = (END, END)

    def times(self, since: datetime, until: datetime) -> Iterator[datetime]:
        at = since.replace(second=self.second, microsecond=0) - MINUTE
        while (at := at + MINUTE) <= until:
            if at > since:
                yield at


class Changes(threading.Thread):
    """Puts, changes, pauses, resumes and deletes schedules, and knows what it did."""

    def __init__(self, task: str, number: int, pause: float) -> None:
        super().__init__(daemon=True)
        self.task, self.pause = task, pause
        self.random, self.over = random.Random(number), threading.Event()
        self.keys = [f"k{n}" for n in range(number)]
        self.spans: dict[str, list[Span]] = defaultdict(list)  # by the id of a row's runs
        self.rows: dict[str, tuple[str, bool]] = {}  # by key: that id, and whether it is paused
        self.unsure: set[str] = set()  # keys of which nobody knows whether a commit went through
        self.done = Counter[str]()
        self.seconds: dict[str, int] = {}
        for key in self.keys:
            self.put(key)

    def run(self) -> None:
        while not self.over.wait(self.pause):
            key = self.random.choice(self.keys)
            if key in self.unsure:
                continue
            try:
                self.random.choice([self.put, self.put, self.toggle, self.delete, self.again])(key)
            except SQLAlchemyError:
                self.unsure.add(key)
                self.over.wait(0.5)

    def put(self, key: str) -> None:
        second = self.random.randrange(60)
        when = f"cron minute=* second={second}"
        found, moments = timed(lambda: schedules.put(key, self.task, when, kwargs={"key": key}))
        known = self.rows.get(key)
        if known and self.seconds[key] == second:
            return  # An equal one: nothing has changed.
        self._close(key, moments)
        if not (known and known[1]):
            self.spans[found.job_id].append(Span(second, moments))
        self.rows[key] = found.job_id, found.paused
        self.seconds[key] = second
        self.done["put"] += 1

    def toggle(self, key: str) -> None:
        if key not in self.rows:
            return
        job_id, paused = self.rows[key]
        act = schedules.resume if paused else schedules.pause
        found, moments = timed(lambda: act(key))
        assert found
        if paused:
            self.spans[job_id].append(Span(self.seconds[key], moments))
        else:
            self._close(key, moments)
        self.rows[key] = job_id, not paused
        self.done["toggle"] += 1

    def delete(self, key: str) -> None:
        found, moments = timed(lambda: schedules.delete(key))
        assert found == (key in self.rows)
        self._close(key, moments)
        self.rows.pop(key, None)
        self.done["delete"] += 1

    def again(self, key: str) -> None:
        self.delete(key)
        self.put(key)

    def _close(self, key: str, moments: tuple[datetime, datetime]) -> None:
        if key in self.rows and (spans := self.spans[self.rows[key][0]]):
            spans[-1].closed = min(spans[-1].closed, moments)

    def due(self, until: datetime) -> Iterator[tuple[str, datetime]]:
        """Yield what was due for certain: a row's id and a time."""
        for job_id, span in self._certain():
            for at in span.times(span.opened[1], min(span.closed[0], until)):
                yield job_id, at

    def knows(self, job_id: str, at: datetime) -> bool:
        """Say whether a row may have been due at a time."""
        if job_id.partition("~")[0] in self.unsure:
            return True
        spans = self.spans.get(job_id, [])
        return any(at in span.times(span.opened[0], min(span.closed[1], at)) for span in spans)

    def _certain(self) -> Iterator[tuple[str, Span]]:
        for job_id, spans in self.spans.items():
            if job_id.partition("~")[0] not in self.unsure:
                yield from ((job_id, span) for span in spans)


def timed(act: Callable[[], Any]) -> tuple[Any, tuple[datetime, datetime]]:
    """Do something, and say between which moments that was."""
    before = datetime.now(UTC)
    result = act()
    return result, (before, datetime.now(UTC))
