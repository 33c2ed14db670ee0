"""A worker, `python -m clockdyno worker`: takes runs from the queue and does them."""

import asyncio
import contextlib
import logging
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Any

import sqlalchemy as sa
from apscheduler.job import Job
from apscheduler.schedulers.base import BaseScheduler
from procrastinate import App, RetryStrategy
from procrastinate.exceptions import ProcrastinateException

from clockdyno import logs, procfile
from clockdyno.clock.declared.tasks import Call
from clockdyno.clock.inspection import loading
from clockdyno.clock.process import heartbeat, lifecycle
from clockdyno.clock.process.executor import STOP_SECONDS
from clockdyno.clock.process.places import Places
from clockdyno.clock.run import child, runner
from clockdyno.clock.run.signals import STOPS, ignore_alarms, pass_on, take
from clockdyno.clock.run.surroundings import keep
from clockdyno.ledger import database
from clockdyno.ledger.settling import Claim
from clockdyno.workers import executor, queue_tables
from clockdyno.workers import queue as broker
from clockdyno.workers.records import Records

CONCURRENCY = int(os.environ.get("WORKER_CONCURRENCY") or 8)
QUEUES = os.environ.get("WORKER_QUEUES", "").replace(",", " ").split()  # none: those of all jobs
POLL, SWEEP, HEARTBEAT, SILENT = 0.5, 30, 10, 30  # seconds
PAUSE, LONGEST = 0.5, 10  # seconds before a new start: twice as long after each that failed
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


class NotHere(Exception):
    """A run that cannot begin here, now: it is offered again, to whoever is there."""


class Heart(heartbeat.Heartbeat):
    """Beats for a worker; what else a heartbeat does is the clock's business."""

    def once(self) -> None:
        """Beat, every ten seconds; say what works again, and look after the runs that go on."""
        if self._beat(time.monotonic()):
            self._note_told()
        self._clock.alerts.settle(self._clock.ledger)
        lifecycle.look_after_runs(self._clock)


class Worker:
    """One process: Procrastinate's worker, threads that do the runs, and the ledger."""

    def __init__(self, clock: Any) -> None:
        self._clock = clock
        self._threads = ThreadPoolExecutor(CONCURRENCY, thread_name_prefix="run")
        self._children = Places()
        self._stopping, self._hurry = False, threading.Event()
        self._under_way: set[tuple[int, int]] = set()

    def run(self) -> None:
        """Work, however often the database goes away, until told to stop."""
        clock = self._clock
        keep()
        # So that each job has all its options; nothing fires here.
        BaseScheduler.start(clock, paused=True)
        engine = database.connect(pool_size=1)
        clock.ledger, clock.heartbeat = Records(engine), Heart(clock)
        asyncio.run(self._live(engine))
        self._leave()

    def _listen(self, loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
        # The loop's own handlers end with it: a later SIGTERM would kill us in mid-farewell.
        def tell(number: int, frame: Any) -> None:
            with contextlib.suppress(RuntimeError):  # The loop is closed.
                if not self._stopping:
                    lifecycle.end_in_time()
                    loop.call_soon_threadsafe(pass_on, number)
                self._stopping = True
                loop.call_soon_threadsafe(stop.set)

        ignore_alarms()
        for number in STOPS:
            take(number, tell)

    async def _live(self, engine: sa.Engine) -> None:
        stop, pause = asyncio.Event(), PAUSE
        self._listen(asyncio.get_running_loop(), stop)
        stopped = asyncio.create_task(stop.wait())
        for step in (self._enter, self._serve):
            while not stop.is_set():
                began, work = time.monotonic(), asyncio.create_task(step(engine))
                await asyncio.wait({work, stopped}, return_when=asyncio.FIRST_COMPLETED)
                if stop.is_set():
                    work.cancel()
                    await asyncio.wait({work})
                elif error := work.exception():
                    if broker.is_struck_off(error):
                        logs.event("start", role="worker", again=lifecycle.SILENT)
                    else:
                        self._clock.heartbeat.trouble(error)
                elif step == self._enter:
                    break
                if time.monotonic() - began > LONGEST:
                    pause = PAUSE  # It went well in between.
                if await _either(stopped, pause):
                    break
                pause = min(pause * 2, LONGEST)

    async def _enter(self, engine: sa.Engine) -> None:
        """Enter the ledger, with its tables in place."""
        clock = self._clock
        await asyncio.to_thread(database.set_up, engine)
        await asyncio.to_thread(queue_tables.set_up, engine)
        await asyncio.to_thread(clock.ledger.register, clock.paused)
        tasks = clock.tasks.values()
        known = [*map(clock.options_of, clock.get_jobs()), *(task.options for task in tasks)]
        if any(options.timeout for options in known):
            modules = [procfile.clock().module, *clock.app.modules]
            await asyncio.to_thread(child.warm_up, *modules)
        logs.event(
            "start",
            role="worker",
            concurrency=CONCURRENCY,
            queues=" ".join(QUEUES) or None,
            paused=clock.paused or None,
        )
        clock.heartbeat.start()

    async def _serve(self, engine: sa.Engine) -> None:
        """Let Procrastinate's worker fetch; cancelled, it lets what is under way end."""
        if self._clock.paused:
            await asyncio.Event().wait()
        app = broker.app(engine)
        app.task(name=broker.TASK, retry=RetryStrategy(wait=1))(self._do)
        jobs = self._clock.get_jobs()
        options = [*map(self._clock.options_of, jobs)]
        options += [task.options for task in self._clock.tasks.values()]
        names = QUEUES or {"default", *(each.queue for each in options)}
        async with app.open_async():
            sweeper = asyncio.create_task(self._sweep(app))
            try:
                await app.run_worker_async(
                    queues=[broker.queue_name(name) for name in names],
                    concurrency=CONCURRENCY,
                    install_signal_handlers=False,
                    shutdown_graceful_timeout=STOP_SECONDS,
                    delete_jobs="always",
                    # Asked twice a second: its listener does not come back after a database
                    # that was away, gets nothing through a pooler, and costs a connection.
                    listen_notify=False,
                    fetch_job_polling_interval=POLL,
                    update_heartbeat_interval=HEARTBEAT,
                    stalled_worker_timeout=SILENT,
                )
            finally:
                sweeper.cancel()

    async def _sweep(self, app: App) -> None:
        """Offer again what a worker that died had taken; begun runs do not begin twice."""
        while True:
            await asyncio.sleep(SWEEP)
            try:
                stalled = await app.job_manager.get_stalled_jobs(
                    task_name=broker.TASK, seconds_since_heartbeat=SILENT
                )
                for job in stalled:
                    await app.job_manager.retry_job(job)
            except ProcrastinateException as error:
                logs.event("sweep", state="failed", error=heartbeat.reason(error))

    async def _do(self, run: int, attempt: int, job: str, fire: str) -> None:
        if (run, attempt) in self._under_way:
            return  # Offered again, as this worker had been silent.
        self._under_way.add((run, attempt))
        work = partial(self._run, run, attempt, job, datetime.fromisoformat(fire))
        done = self._threads.submit(work)
        done.add_done_callback(lambda _: self._under_way.discard((run, attempt)))
        await asyncio.wrap_future(done)

    def _run(self, run: int, attempt: int, name: str, fire: datetime) -> None:
        clock, job = self._clock, self._clock.find(name)
        if job is None:
            raise NotHere(name)  # Of a newer deploy; or of none any more, which the clock settles.
        if attempt == 1 and executor.is_late(clock, job, fire):
            with clock.ledger.engine.begin() as db:
                missed = executor.give_up(db, [run], executor.FIRST)
            executor.report_late(clock, missed)
            if missed:
                return
        options = clock.options_of(job)
        child = bool(options.timeout) and self._children.take(wait=True)
        try:
            if self._stopping:
                raise NotHere(name)  # It has waited for a child's place.
            if claim := self._begin(job, fire, run, attempt):
                runner.run(clock, job, options, claim, fire, self._hurry)
        finally:
            if child:
                self._children.give_back()

    def _begin(self, job: Job | Call, fire: datetime, run: int, attempt: int) -> Claim | None:
        ledger, pause = self._clock.ledger, 0.25
        while True:
            try:
                claim: Claim | None = ledger.begin(run, attempt)
                if claim or ledger.beat():
                    return claim
                lifecycle.enter(self._clock)
            except Exception as error:
                if not self._clock.heartbeat.trouble(error):
                    runner.report_unclaimed(self._clock, job, fire, error, run)
                    return None
                if self._hurry.wait(pause):
                    return None
                pause = min(pause * 2, 10)

    def _leave(self) -> None:
        """Sign off; what goes on is lost, and done again if it says so."""
        self._hurry.set()
        self._clock.heartbeat.close()
        lifecycle.give_up()
        lifecycle.sign_off(self._clock)


async def _either(stopped: asyncio.Task[Any], pause: float) -> bool:
    done, _ = await asyncio.wait({stopped}, timeout=pause)
    return bool(done)
