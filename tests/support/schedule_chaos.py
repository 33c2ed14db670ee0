"""A thousand schedules that somebody changes all the time, and what each of them was owed."""

import random
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from clockdyno import schedules
from sqlalchemy.exc import SQLAlchemyError

from support.site import Site

TASK = """
@sched.task(catch_up=3600)
def work(key, scheduled_at):
    note("work", key, scheduled_at.isoformat())
"""
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

    def __init__(self, number: int) -> None:
        super().__init__(daemon=True)
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
        while not self.over.wait(0.01):
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
        found, moments = timed(lambda: schedules.put(key, "work", when, kwargs={"key": key}))
        known = self.rows.get(key)
        spans = self.spans[found.job_id]
        if known and spans and spans[-1].second == second:
            return  # An equal one: nothing has changed.
        self._close(key, moments)
        if not (known and known[1]):
            spans.append(Span(second, moments))
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

    def verdict(self, site: Site, until: datetime) -> list[str]:
        """Return what is too much, too little or twice, of those that are known for certain."""
        rows = site.rows("kind = 'scheduled' AND job_id LIKE '%~%'")
        found = {job_id: Counter[datetime]() for job_id in self.spans}
        for row in rows:
            found.setdefault(row.job_id, Counter())[row.scheduled_at] += row.count
        wrong = []
        for job_id, spans in self.spans.items():
            if job_id.partition("~")[0] in self.unsure:
                continue
            sure, may = set[datetime](), set[datetime]()
            for span in spans:
                sure |= {*span.times(span.opened[1], min(span.closed[0], until))}
                may |= {*span.times(span.opened[0], min(span.closed[1], until + 5 * MINUTE))}
            times = found[job_id]
            wrong += [f"{job_id} {at}: {times[at]} rows" for at in sure if times[at] != 1]
            wrong += [f"{job_id} {at}: not due" for at in times if at not in may]
        done = Counter(tuple(line.split()[1:]) for line in site.effects() if line[:5] == "work ")
        wrong += [f"{key}: {count} effects" for key, count in done.items() if count > 1]
        for row in rows:
            key = (row.job_id.partition("~")[0], row.scheduled_at.isoformat())
            if row.state == "succeeded" and not done[key]:
                wrong.append(f"{key}: succeeded without an effect")
            if row.state in ("running", "requested"):
                wrong.append(f"{key}: still {row.state}")
        return wrong


def timed(act: Callable[[], Any]) -> tuple[Any, tuple[datetime, datetime]]:
    """Do something, and say between which moments that was."""
    before = datetime.now(UTC)
    result = act()
    return result, (before, datetime.now(UTC))
