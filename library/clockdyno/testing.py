"""A clock for the tests of jobs.py: a time that moves when you say so, and jobs that run at once.

    with testing.clock(sched, at="2027-01-04 16:59") as fake:
        fake.advance(minutes=2)
    assert fake.runs == [("report", "2027-01-04 17:00", "succeeded")]

The triggers, the options of the jobs and the ledger are the real ones; the ledger is in memory.
Nothing waits, no thread or process is started, and nobody is alerted. The jobs run in the test's
own thread, one after the other, so that what the test has patched is patched for them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED
from apscheduler.schedulers.base import BaseScheduler

from clockdyno.clock.declared import job_row
from clockdyno.clock.process import lifecycle
from clockdyno.clock.process.executor import RunExecutor
from clockdyno.clock.process.scheduler import ClockScheduler
from clockdyno.ledger import database
from clockdyno.ledger.claims import Ledger
from clockdyno.ledger.tables import runs
from clockdyno.telling.events import Event

# A process of its own would not know what the test has patched, nobody outside is to hear of a
# test, and one pool does for all.
NOT_HERE = ("timeout", "ping", "executor", "jobstore", "at_start")

__all__ = ["Attempt", "FakeTime", "Run", "clock"]


class Run(NamedTuple):
    """A scheduled time and what became of it: "succeeded", "failed", "missed (late)", ..."""

    job: str
    at: str
    state: str


class Attempt(NamedTuple):
    """A call of a job's function: when, and "succeeded" or its error: "ValueError: no prices"."""

    job: str
    at: str
    outcome: str


@contextmanager
def clock(
    sched: ClockScheduler, at: str | datetime, timezone: str | None = None
) -> Iterator["FakeTime"]:
    """Let a clock with the jobs of `sched` live in a time of its own, which begins `at`.

    `sched` itself is neither started nor changed. A time without an offset is a wall time in
    `timezone`, by default the zone of `sched`; so are those in `runs` and `attempts`. What is due
    at the very beginning is not run, as a job is owed only what comes after it is first seen.
    Raises ValueError for a time, and ZoneInfoNotFoundError for a zone, that is none.
    """
    fake = FakeTime(sched, at, ZoneInfo(timezone) if timezone else sched.timezone)
    try:
        yield fake
    finally:
        fake._engine.dispose()


class FakeTime:
    """The time of a clock under test, and what its jobs did in it."""

    def __init__(self, sched: ClockScheduler, at: str | datetime, zone: Any) -> None:
        begin = at if isinstance(at, datetime) else datetime.fromisoformat(at)
        self._sched, self._zone = sched, zone
        self._now = (begin if begin.tzinfo else begin.replace(tzinfo=zone)).astimezone(UTC)
        self._engine = database.connect("sqlite:///:memory:")
        database.set_up(self._engine)
        self.runs: list[Run] = []
        self.attempts: list[Attempt] = []
        self.alerts: list[str] = []
        self._clock = _Clock(self)

    @property
    def now(self) -> datetime:
        """The time that it is, in the zone of this clock."""
        return self._now.astimezone(self._zone)

    def advance(self, **duration: float) -> None:
        """Let real time pass, `minutes=2` for example, and run what falls due, the end included.

        Takes what timedelta takes. Raises ValueError for a time that is past.
        """
        end = self._after(**duration)
        self._clock.work()
        while (following := self._clock.following()) and following <= end:
            self._now = following
            self._clock.work()
        self._now = end
        self._read()

    def down(self, **duration: float) -> None:
        """Let time pass while no clock runs; then one starts, and catches up what it may."""
        end = self._after(**duration)
        self._clock.ledger.leave([])
        self._now = end
        self._clock = _Clock(self)
        self.advance()

    def _after(self, **duration: float) -> datetime:
        if (length := timedelta(**duration)) < timedelta(0):
            raise ValueError(f"{length} is past: time only goes on")
        return self._now + length

    def _read(self) -> None:
        rows = sa.select(runs).order_by(runs.c.scheduled_at, runs.c.job_id)
        with self._engine.connect() as db:
            self.runs[:] = [
                Run(row.job_id, self._wall(row.scheduled_at), _state(row))
                for row in db.execute(rows)
            ]

    def _wall(self, moment: datetime) -> str:
        """Return a wall time as it is written; with its zone in the hour that comes twice."""
        wall = moment.astimezone(self._zone).replace(microsecond=0)
        text = f"{wall:%Y-%m-%d %H:%M:%S}".removesuffix(":00")
        is_twice = wall.utcoffset() != wall.replace(fold=not wall.fold).utcoffset()
        return f"{text} {wall:%Z}" if is_twice else text


def _state(row: Any) -> str:
    is_told = row.state in ("missed", "skipped", "lost")
    return f"{row.state} ({row.reason})" if is_told else str(row.state)


class _Executor(RunExecutor):
    """Runs jobs at once, in the thread that asks; what waits, waits in the time of the test."""

    def __init__(self, fake: FakeTime) -> None:
        super().__init__(_Here())
        self._fake = fake

    def moment(self) -> float:
        return self._fake._now.timestamp()


class _Here:
    """A pool without threads."""

    def submit(self, function: Any, *args: Any) -> None:
        function(*args)


class _Ledger(Ledger):
    """A ledger that writes down the time of the test."""

    def __init__(self, fake: FakeTime) -> None:
        super().__init__(fake._engine)
        self._fake = fake

    def now(self) -> datetime:
        return self._fake._now


class _Told:
    """Keeps what somebody would have been told."""

    def __init__(self, texts: list[str]) -> None:
        self._texts = texts

    def tell(self, event: Event) -> None:
        self._texts.append(f"{event.job} {event.text}")

    def worked(self, job: str, scheduled_at: datetime, run: int) -> None:
        """Tell nobody that a job works again: it is no news within a test."""


class _Clock(ClockScheduler):
    """A clock with the jobs of another one, from its start on."""

    def __init__(self, fake: FakeTime) -> None:
        sched, self._fake = fake._sched, fake
        defaults = {f"job_defaults.{key}": value for key, value in sched._defaults_given.items()}
        settings = {"timezone": sched.timezone, **defaults}
        super().__init__(settings, prefix="", run_executor=_Executor(fake))
        self._is_owed = True
        self.made_by, self.paused, self.app = None, False, sched.app
        self.alerts = _Told(fake.alerts)  # type: ignore[assignment]
        self._take_over(sched)
        BaseScheduler.start(self, paused=True)
        self.ledger = _Ledger(fake)
        self.ledger.register(self.paused)
        lifecycle.go_on(self, {job.id: job_row.text_of(self, job) for job in self.get_jobs()})
        self.add_listener(self._note, EVENT_JOB_EXECUTED | EVENT_JOB_ERROR)

    def now(self) -> datetime:
        return self._fake._now

    def work(self) -> None:
        """Run what is due now."""
        store = self._lookup_jobstore("default")
        for job in store.get_due_jobs(self.now()):
            fires = job._get_run_times(self.now())
            self.executor.submit_job(job, fires)
            following = job.trigger.get_next_fire_time(fires[-1], self.now())
            if following:
                job._modify(next_run_time=following)
                store.update_job(job)
            else:
                store.remove_job(job.id)
        self.executor.flush()
        # Most often nothing is, and to ask takes as long as a run.
        for owed in self.ledger.owed() if self._is_owed else ():
            if job := self.find(owed.job_id):
                self.executor.resume(job, owed)

    def following(self) -> datetime | None:
        """Say when there is something to do, later than now."""
        now, wait = self.now(), self.executor.flush()
        with self._fake._engine.connect() as db:
            due = list(db.scalars(sa.select(runs.c.due_at).where(runs.c.due_at.is_not(None))))
        self._is_owed = bool(due)
        due += [job.next_run_time for job in self.get_jobs() if job.next_run_time]
        if wait is not None:
            due.append(now + timedelta(seconds=max(wait, 0.001)))
        return min((at.astimezone(UTC) for at in due if at > now), default=None)

    def _take_over(self, sched: ClockScheduler) -> None:
        for job in sched.get_jobs():
            given = {key: value for key, value in sched.given(job).items() if key not in NOT_HERE}
            call = (job.func, job.trigger, job.args, job.kwargs)
            self.add_job(*call, id=job.id, name=job.name, **given)
            self.given(self._jobs[job.id])["at_start"] = sched.is_at_start(job)
        self._listeners = list(sched._listeners)

    def _note(self, event: Any) -> None:
        outcome = (event.traceback or "succeeded").rpartition("\n")[2]
        at = self._fake._wall(self.now())
        self._fake.attempts.append(Attempt(event.job_id, at, outcome))
