"""The clock's part in schedules that are rows: it asks for what is due, and hands its runs over.

A row is no job in memory. Each second at the latest one look into an index says when the first is
due; what is due is claimed in batches, and executed by the same code as the jobs of jobs.py.
"""

import json
import threading
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from clockdyno import logs
from clockdyno.clock.declared.tasks import Call
from clockdyno.clock.process.spans import Span
from clockdyno.clock.run import runner
from clockdyno.ledger import due
from clockdyno.ledger.schedules import MARK
from clockdyno.ledger.settling import Owed
from clockdyno.schedule import stored
from clockdyno.telling.events import Event

POLL = 1.0  # seconds: a new schedule is seen after so long at the latest
AGAIN = 0.1  # seconds, where what is due is another's for now
BATCH, HERD = 500, 20  # rows in a transaction, and transactions before the first run begins
GONE = "no task in jobs.py any more, and schedules wait for it"


class Batch(NamedTuple):
    """What came of one look: how many rows were due, the new runs, and what each of them calls."""

    taken: int
    fresh: Sequence[Any]
    calls: dict[str, Call]


class Agenda(threading.Thread):
    """A thread beside the scheduler's, which begins only where there are tasks."""

    def __init__(self, clock: Any) -> None:
        super().__init__(name="agenda", daemon=True)
        self._clock = clock
        self._closed = threading.Event()

    def enter(self) -> None:
        """Enter the tasks of jobs.py into the ledger, and tell of those that are missed there."""
        clock = self._clock
        rows = [task.row() for task in clock.tasks.values()]
        with clock.ledger.engine.execution_options(writes=True).begin() as db:
            gone = due.enroll(db, rows, clock.now())
        for row in gone:
            logs.event("warning", task=row.task, schedules=row.number, msg=GONE)
            text = f"is {GONE}: {row.number:,} of them"
            clock.alerts.tell(Event("silent-task", row.task, text))

    def run(self) -> None:
        """Look whenever something is due, until told to stop."""
        wait = 0.0
        while not self._closed.wait(min(wait, POLL)):
            try:
                wait = self.once()
            except Exception as error:
                self._clock.heartbeat.trouble(error)
                wait = POLL

    def close(self) -> None:
        """Look no more."""
        self._closed.set()

    def once(self) -> float:
        """Claim all that is due, and return in how many seconds there is more."""
        clock, now = self._clock, self._clock.now()
        with clock.ledger.engine.connect() as db:
            at = due.soonest(db, clock.tasks)
        if at is None or at > now:
            return POLL if at is None else (at - now).total_seconds()
        # All that is due is claimed before the first of it runs: the threads would be in the way.
        batches = list[Batch]()
        while not clock.stopping and len(batches) < HERD:
            batches.append(self._take(clock.now()))
            if batches[-1].taken < BATCH:
                break
        for batch in batches:
            self._hand_over(batch)
        return 0 if any(batch.taken for batch in batches) else AGAIN

    def _take(self, now: datetime) -> "Batch":
        """Claim a batch of what is due; its runs are there once that is committed."""
        clock = self._clock
        calls: dict[str, Call] = {}
        entries, moves, over = list[dict[str, Any]](), list[dict[str, Any]](), list[str]()
        with clock.ledger.engine.execution_options(writes=True).begin() as db:
            rows = due.take(db, clock.tasks, now, BATCH)
            for row in rows:
                try:
                    calls[row.job_id] = call = self._call(row)
                    entries += self._entries(row, call, now)
                    following = call.trigger.get_next_fire_time(now, now)
                except Exception as error:  # One row is to blame; the others are none the worse.
                    logs.failure(error, job=row.job_id)
                    following = now + timedelta(hours=1)
                if row.deleted_at:
                    over.append(row.job_id)
                    continue
                ends = row.paused_at or following is None
                move = {"which": row.job_id, "since": now, "following": None if ends else following}
                moves.append(move)
            fresh = due.enter(db, entries)
            due.move(db, moves)
            due.bury(db, over)
        return Batch(len(rows), fresh, calls)

    def _call(self, row: Any) -> Call:
        task = self._clock.tasks[row.task]
        return Call(task, row.job_id, json.loads(row.kwargs), stored.trigger(row.parts, row.zone))

    def _entries(self, row: Any, call: Call, now: datetime) -> Iterator[dict[str, Any]]:
        """Say what becomes of each time that has come: a run, or a row that says why not."""
        clock = self._clock
        moment = datetime.fromisoformat
        spans = [
            (call.of(stored.trigger(parts, zone)), moment(since), moment(until))
            for parts, zone, since, until in json.loads(row.backlog or "[]")
        ]
        if not (row.paused_at or row.deleted_at):
            spans.append((call, row.known_since, now))
        for then, since, until in [] if clock.paused else spans:
            first = then.trigger.get_next_fire_time(since, since)
            if first is None or first > until:
                continue
            span = Span(then, clock.options_of(then), first, until)
            for fire, missed in span.plan(clock, until):
                yield from (_row(**facts) for facts in missed)
                if fire and row.deleted_at:
                    yield _row(then.id, fire, "skipped", "deleted")
                elif fire:
                    at = fire + clock.jitter(then, fire)
                    yield _row(then.id, fire, "requested", due_at=at, attempt=0)

    def _hand_over(self, batch: "Batch") -> None:
        clock, missed = self._clock, defaultdict[str, list[Any]](list)
        for row in batch.fresh:
            if row.state == "missed":
                missed[row.job_id].append(row._asdict())
            elif row.state == "requested" and row.due_at <= clock.now():
                owed = Owed(row.id, row.job_id, row.scheduled_at, row.kind, row.attempt)
                clock.executor.hand_over(batch.calls[row.job_id], owed)
        for job_id, rows in missed.items():
            runner.report_missed(clock, batch.calls[job_id], sorted(rows, key=_moment))

    def find(self, ids: Collection[str]) -> dict[str, Call]:
        """Return the calls of rows, those of tasks that are here."""
        wanted = [job_id for job_id in ids if MARK in job_id]
        if not (wanted and self._clock.tasks):
            return {}
        with self._clock.ledger.engine.connect() as db:
            rows = due.find(db, wanted)
        return {row.job_id: self._call(row) for row in rows if row.task in self._clock.tasks}


def _row(
    job_id: str,
    scheduled_at: datetime,
    state: str = "missed",
    reason: str | None = None,
    count: int = 1,
    **more: Any,
) -> dict[str, Any]:
    row = {"job_id": job_id, "scheduled_at": scheduled_at, "state": state, "reason": reason}
    return {**row, "count": count, "kind": "scheduled", "attempt": 1, "due_at": None, **more}


def _moment(row: dict[str, Any]) -> datetime:
    at: datetime = row["scheduled_at"]
    return at
