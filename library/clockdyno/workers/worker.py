"""A worker, `python -m clockdyno worker`: takes runs from the queue and does them."""

import contextlib
import logging
import os
import queue
import signal
import threading
import time
from collections.abc import Sequence
from typing import Any

from apscheduler.schedulers.base import BaseScheduler

from clockdyno import logs, procfile
from clockdyno.clock.inspection import loading
from clockdyno.clock.process import heartbeat, lifecycle
from clockdyno.clock.process.executor import STOP_SECONDS
from clockdyno.clock.run import child, runner
from clockdyno.clock.run.signals import STOPS, ignore_alarms, pass_on, take
from clockdyno.clock.run.surroundings import keep
from clockdyno.ledger import database
from clockdyno.workers import queue_tables
from clockdyno.workers.offers import Offers, Work
from clockdyno.workers.queue import queue_name
from clockdyno.workers.records import Records

CONCURRENCY = int(os.environ.get("WORKER_CONCURRENCY") or 8)
QUEUES = os.environ.get("WORKER_QUEUES", "").replace(",", " ").split()  # none: those of all jobs
PAUSE, LONGEST = 0.5, 10  # seconds before a new try: twice as long after each that failed
# Not for long: a signal that comes just before a wait does not end it, nor one to another thread.
NAP = 1
NO_QUEUE = "no PostgreSQL, so no queue: the clock runs the jobs itself"


def main() -> int:
    """Work until SIGTERM or Ctrl-C; a second one changes nothing."""
    logs.set_up()
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    if database.connect().dialect.name != "postgresql":
        logs.event("warning", msg=NO_QUEUE)
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
        signal.sigwait(STOPS)
        return 0
    Worker(loading.load()).run()
    # Python would wait for threads whose job goes on; Heroku kills at 30 s what is still there.
    lifecycle.quit()


class Heart(heartbeat.Heartbeat):
    """Beats for a worker; what else a heartbeat does is the clock's business."""

    def once(self) -> None:
        """Beat, every ten seconds; say what works again, and look after the runs that go on."""
        if self._beat(time.monotonic()):
            self._note_told()
        self._clock.alerts.settle(self._clock.ledger)
        lifecycle.look_after_runs(self._clock)


class Worker:
    """One process: threads that take runs from the queue and do them, and the ledger."""

    def __init__(self, clock: Any) -> None:
        self._clock, self._offers = clock, Offers(clock)
        self._signal: int | None = None
        self._told: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._stopped, self._hurry = threading.Event(), threading.Event()

    def run(self) -> None:
        """Work, however often the database goes away, until told to stop."""
        clock = self._clock
        keep()
        # So that each job has all its options; nothing fires here.
        BaseScheduler.start(clock, paused=True)
        known = [*map(clock.options_of, clock.get_jobs())]
        known += [task.options for task in clock.tasks.values()]
        names = QUEUES or {"default", *(options.queue for options in known)}
        queues = [queue_name(name) for name in names]
        clock.ledger = Records(database.connect(), self._is_stopping, self._offers, queues)
        clock.heartbeat = Heart(clock)
        self._listen()
        self._open(any(options.timeout for options in known))
        threads = [] if clock.paused else [self._begin(n) for n in range(CONCURRENCY)]
        while not self._is_stopping():
            self._rest(NAP)
        self._leave(threads)

    def _is_stopping(self) -> bool:
        return self._signal is not None

    def _rest(self, seconds: float) -> None:
        """Wait until told to stop, or for so long."""
        with contextlib.suppress(queue.Empty):
            self._told.get(timeout=seconds)

    def _listen(self) -> None:
        def tell(number: int, frame: Any) -> None:
            # Nothing here may take a lock that the interrupted code could hold.
            if self._signal is None:
                self._signal = number
                lifecycle.end_in_time()
            self._told.put(None)

        ignore_alarms()
        for number in STOPS:
            take(number, tell)

    def _open(self, has_children: bool) -> None:
        """Enter the ledger, with its tables in place, however long the database takes."""
        pause = PAUSE
        while not self._is_stopping():
            try:
                return self._enter(has_children)
            except Exception as error:
                self._clock.heartbeat.trouble(error)
            self._rest(pause)
            pause = min(pause * 2, LONGEST)

    def _enter(self, has_children: bool) -> None:
        clock = self._clock
        database.set_up(clock.ledger.engine)
        queue_tables.set_up(clock.ledger.engine)
        clock.ledger.register(clock.paused)
        if has_children:
            child.warm_up(procfile.clock().module, *clock.app.modules)
        logs.event(
            "start",
            role="worker",
            concurrency=CONCURRENCY,
            queues=" ".join(QUEUES) or None,
            paused=clock.paused or None,
        )
        clock.heartbeat.start()

    def _begin(self, number: int) -> threading.Thread:
        thread = threading.Thread(target=self._work, name=f"run_{number}", daemon=True)
        thread.start()
        return thread

    def _work(self) -> None:
        """Do one run after the other, in a thread."""
        pause = PAUSE
        while not self._is_stopping():
            try:
                work = self._clock.ledger.take()
                pause = PAUSE
            except Exception as error:
                self._clock.heartbeat.trouble(error)
                self._stopped.wait(pause)
                pause = min(pause * 2, LONGEST)
                continue
            if work:
                self._do(work)
            else:
                self._stopped.wait(self._offers.pause)

    def _do(self, work: Work) -> None:
        try:
            runner.run(self._clock, *work, self._hurry)
        except BaseException as error:  # The next run is none the worse.
            logs.failure(error, job=work.job.id)
        finally:
            self._offers.let_go([work])

    def _leave(self, threads: Sequence[threading.Thread]) -> None:
        """Let what is under way end, and sign off; what goes on is lost, or done again."""
        assert self._signal
        self._stopped.set()
        pass_on(self._signal)
        end = time.monotonic() + STOP_SECONDS
        for thread in threads:
            thread.join(max(0.0, end - time.monotonic()))
        self._hurry.set()
        self._clock.heartbeat.close()
        lifecycle.give_up()
        lifecycle.sign_off(self._clock)
