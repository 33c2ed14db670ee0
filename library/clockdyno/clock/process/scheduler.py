"""An APScheduler scheduler that fires alike in every process and stops cleanly."""

import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from apscheduler.job import Job
from apscheduler.schedulers import SchedulerNotRunningError
from apscheduler.schedulers.base import STATE_STOPPED
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.util import ref_to_obj

from clockdyno import host, logs
from clockdyno.clock.declared import first_run, options, ownership
from clockdyno.clock.declared.changes import Changes
from clockdyno.clock.declared.tasks import Call
from clockdyno.clock.declared.twins import Twins
from clockdyno.clock.process import lifecycle
from clockdyno.clock.process.agenda import Agenda
from clockdyno.clock.process.executor import RunExecutor
from clockdyno.clock.process.heartbeat import Heartbeat
from clockdyno.clock.run import calling, signals, surroundings
from clockdyno.clock.run.app import App
from clockdyno.clock.run.expectations import Expectations
from clockdyno.clock.run.outputs import Outputs
from clockdyno.telling.alerts import Alerts
from clockdyno.telling.pings import Pings

MAX_GRACE = timedelta(hours=6)
FASTEST = 10  # seconds: no schedule that is put at run time may be faster
NAP = 10  # seconds that the scheduler sleeps at most


class ClockScheduler(Changes):
    """A scheduler that works as APScheduler's documentation says, and keeps its word."""

    _refuse = staticmethod(calling.refuse)

    def __init__(
        self,
        gconfig: dict[str, Any] | None = None,
        *,
        app: Any = None,
        run_executor: RunExecutor | None = None,
        fastest: float = FASTEST,
        **settings: Any,
    ) -> None:
        self._given: dict[str, dict[str, Any]] = {}
        self._jobs: dict[str, Job] = {}
        self._twins = Twins(self)
        self.made_by, self.lives_in = ownership.maker(), None
        self._wake: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._told_to_stop = False
        self._signal: int | None = None
        self._is_to_end = False
        self.paused = os.environ.get("CLOCK_PAUSED", "0") not in ("", "0")
        self.app = App(app)
        self.executor = run_executor or RunExecutor()
        self.alerts, self.pings = Alerts(), Pings()
        self.outputs, self.expectations = Outputs(), Expectations()
        self.heartbeat = Heartbeat(self)
        self.tasks = {}
        self.fastest, self.agenda = fastest, Agenda(self)
        super().__init__(gconfig or {}, **settings)
        # In a child jobs.py is the main program by another name.
        program: Any = sys.modules.get("__mp_main__", sys.modules["__main__"])
        file = Path(getattr(program, "__file__", None) or "")
        # `from jobs import sched` elsewhere must find this very clock, not load jobs.py again.
        if file.suffix == ".py":
            sys.modules.setdefault(getattr(program.__spec__, "name", file.stem), program)

    def now(self) -> datetime:
        """Say what time it is; the tests put their own time here."""
        return datetime.now(UTC)

    def scheduled_job(self, trigger: Any, *args: Any, **keywords: Any) -> Callable[..., Any]:
        """Schedule the function below; several of these on one function make one job."""

        def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
            self.add_job(function, trigger, *args, **keywords)
            return function

        return decorate

    def add_job(
        self,
        func: Any,
        trigger: Any = None,
        args: Any = None,
        kwargs: Any = None,
        id: str | None = None,
        name: str | None = None,
        *rest: Any,
        **keywords: Any,
    ) -> Job:
        """Add a job as APScheduler does; its id is made of its call unless you give one."""
        ownership.check(self, "add_job")
        keywords.update(zip(options.APSCHEDULER, rest, strict=False))
        given = options.take(keywords)
        call = options.call_of(ref_to_obj(func) if isinstance(func, str) else func, args, kwargs)
        calling.refuse(call["func"])
        trigger = self._create_trigger(trigger, keywords)
        options.own(given)
        with self._jobstores_lock:
            first_run.note(given, trigger, self)
            id, trigger, given = self._twins.settle(id, call, trigger, given)
            self._given[id] = given
            plain = {key: given[key] for key in options.APSCHEDULER if key in given}
            self._jobs[id] = super().add_job(**call, trigger=trigger, id=id, name=name, **plain)
            return self._jobs[id]

    def grace(self, job: Job | Call, fire: datetime) -> timedelta | None:
        """Say how late a fire may still run: until the job's next one, and at most six hours."""
        if job.misfire_grace_time is not None:
            return timedelta(seconds=job.misfire_grace_time)
        if "misfire_grace_time" in {**self._defaults_given, **self.given(job)}:
            return None
        following = job.trigger.get_next_fire_time(fire, fire)
        return min(following - fire, MAX_GRACE) if following else MAX_GRACE

    def is_late(self, job: Job | Call, fire: datetime) -> bool:
        """Say whether it is too late to start a fire; its own jitter does not count."""
        limit = self.grace(job, fire)
        return limit is not None and self.now() - fire > limit + self.jitter(job, fire)

    def jitter(self, job: Job | Call, fire: datetime) -> timedelta:
        """Say how much later than its time a fire starts; the same on every clock."""
        most = options.most_jitter(job)
        if not most:
            return timedelta(0)
        following = job.trigger.get_next_fire_time(fire, fire)
        if following:
            most = min(most, (following - fire).total_seconds())
        return timedelta(seconds=Random(f"{job.id} {fire.timestamp()}").uniform(0, most))

    def find(self, id: str) -> Job | Call | None:
        """Return a job, also one whose only fire is over, or what a schedule calls."""
        return self.get_job(id) or self._jobs.get(id) or self.agenda.find([id]).get(id)

    def find_all(self, ids: Collection[str]) -> dict[str, Job | Call | None]:
        """Return those of the jobs, and of what schedules call, that are known here."""
        return {id: self.get_job(id) or self._jobs.get(id) for id in ids} | self.agenda.find(ids)

    def options_of(self, job: Job | Call) -> options.Options:
        """Return what the job says beyond APScheduler's own keywords."""
        return options.own(self.given(job))

    def rerun(self) -> list[str]:
        """Return the ids of the jobs that run again when they were lost."""
        return [i for i, given in self._given.items() if options.own(given).on_lost == "rerun"]

    @property
    def stopping(self) -> bool:
        """Say whether the clock has been told to stop."""
        return self._told_to_stop or self.state == STATE_STOPPED

    def start(self, *args: Any, **keywords: Any) -> None:
        """Run the jobs until SIGTERM or Ctrl-C, which end the process here; this is the clock.

        A handler of your own that was set before is called first, what `atexit` knows at the end;
        no line after this one is reached, unless a job calls shutdown().
        """
        if not ownership.may_start(sys._getframe(1)):
            return
        logs.set_up()
        is_program = threading.current_thread() is threading.main_thread()
        # A job, or the heartbeat, that computes must not hold the next claim up.
        sys.setswitchinterval(0.001)
        if is_program:
            surroundings.keep()
            signals.ignore_alarms()
            for number in signals.STOPS:
                signals.take(number, self._on_signal)
        super().start(*args, **keywords)
        if self.executor.busy:
            # Python would wait for their threads, and Heroku kills what is still there at 30 s.
            lifecycle.quit()
        if is_program and self._is_to_end:
            sys.exit(0)
        if is_program:
            signals.give_back()

    def wakeup(self) -> None:
        """Look for due jobs now."""
        self._wake.put(None)

    def shutdown(self, wait: bool = True) -> None:
        """Stop: nothing new is started, what is under way has up to 24 seconds."""
        if not self.running:
            if self._is_to_end:
                return  # Some programs say so again where start() ends.
            raise SchedulerNotRunningError
        self._told_to_stop = True
        # Before APScheduler takes its locks: the heart must go on beating meanwhile.
        self.executor.drain(wait)
        with self._jobstores_lock:
            if self.running:
                super(BlockingScheduler, self).shutdown(wait)
        self.wakeup()

    def _on_signal(self, number: int, frame: Any) -> None:
        # Nothing here may take a lock that the interrupted code could hold: a SimpleQueue's put
        # is reentrant, an Event's set is not.
        if self._signal is None:
            self._signal = number
            lifecycle.end_in_time()
        self._told_to_stop = True
        self._wake.put(None)

    def _main_loop(self) -> None:
        # `heroku local` ends the shell that it started us with, and leaves us running.
        parent = host.foreman()
        self.lives_in = os.getpid()
        lifecycle.open(self)
        while not self.stopping and parent in (None, os.getppid()):
            wait = self._process_jobs()
            self.sleep(wait if parent is None else min(wait or 2, 2))
        self._is_to_end = self._signal is not None or not self.stopping
        if self._signal:
            signals.pass_on(self._signal)
        if threading.current_thread() is threading.main_thread():
            # Python would give a later signal its deadly default back while it shuts down.
            for number in signals.STOPS:
                signal.signal(number, signal.SIG_IGN)
        lifecycle.close(self)

    def _process_jobs(self) -> float | None:
        waits = [super()._process_jobs(), self.executor.flush()]
        return min((wait for wait in waits if wait is not None), default=None)

    def sleep(self, seconds: float | None) -> None:
        """Wait until woken up, or for so long; not for long, as the time may be set meanwhile."""
        try:
            self._wake.get(timeout=NAP if seconds is None else min(seconds, NAP))
            while True:
                self._wake.get_nowait()
        except queue.Empty:
            pass
