"""The life of the clock process: it enters itself and its jobs in the ledger, and signs off."""

import atexit
import os
import re
import signal
import sys
import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NoReturn

import sqlalchemy as sa
from apscheduler.job import Job
from apscheduler.schedulers import SchedulerNotRunningError
from apscheduler.triggers.base import BaseTrigger

from clockdyno import host, logs
from clockdyno.clock.declared import first_run, job_row, tasks
from clockdyno.clock.run import calling, runner, signals, surroundings
from clockdyno.ledger import database, tables
from clockdyno.ledger.claims import Ledger
from clockdyno.schedule import description
from clockdyno.telling import pings

DATE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
MOVED = (
    "its dates are others than at the last start: if nobody changed them, it counts anew from each "
    "start, and may never fire"
)
LAST_SECOND = int(host.stop_seconds()) - 2  # after the first signal
NOT_WRITTEN = "could not sign off in time; the next clock to look says what is lost"
SILENT = "had been silent for too long"
NOT_DONE = "what the program does at its end takes too long; no run is lost by that"
_entering, _signed_off = threading.Lock(), threading.Event()


def open(clock: Any) -> None:
    """Enter the ledger, however long the database takes; each job goes on where it was."""
    if not host.has_shared_database():
        logs.event("warning", msg=host.NOT_SHARED, mend=host.add_database())
    clock.ledger = Ledger(database.connect(), lambda: clock.stopping)
    pause = 0.5
    while not clock.stopping:
        try:
            return _join(clock)
        except Exception as error:
            if not clock.heartbeat.trouble(error):
                raise SystemExit(1) from None
            clock.sleep(pause)
            pause = min(pause * 2, 10)


def close(clock: Any) -> None:
    """Let what is under way end, sign off, and say what is left unfinished."""
    try:
        clock.shutdown()
    except SchedulerNotRunningError:
        clock.executor.drain()  # A job has called it, and has its own end still before it.
    clock.agenda.close()
    give_up()
    clock.heartbeat.close()
    sign_off(clock)
    _begin_anew()
    _signed_off.set()


def sign_off(clock: Any) -> None:
    """Leave the ledger, and say what is left unfinished, as far as that is known."""
    number: int | str = "unknown"
    try:
        lost = clock.ledger.leave(clock.rerun()) if clock.ledger.clock_id else []
        number = len(lost)
        look_after_runs(clock)
        runner.report_lost(clock, lost)
    except Exception as error:
        clock.heartbeat.trouble(error)
    _settle(clock)
    pings.close(clock.alerts, clock.pings)
    logs.event("stop", lost=number)


def _settle(clock: Any) -> None:
    """Note what works and what does not, for the next process, if the database lets us."""
    try:
        clock.alerts.settle(clock.ledger)
    except Exception as error:
        clock.heartbeat.trouble(error)


def give_up() -> None:
    """End the runs whose time is over, as far as that can be done."""
    calling.stop()
    if "clockdyno.clock.run.child" in sys.modules:
        sys.modules["clockdyno.clock.run.child"].end_all()


def look_after_runs(clock: Any) -> None:
    """End what somebody wants to end, tell what takes too long, write what runs have said."""
    end_by_hand(clock)
    clock.expectations.look(clock)
    clock.outputs.flush(clock.ledger.writer)


def end_by_hand(clock: Any) -> None:
    """End the runs that somebody wants to end: what is awaited, or has a process of its own."""
    ways: list[Any] = [calling]
    ways += filter(None, [sys.modules.get("clockdyno.clock.run.child")])
    under_way = [run for way in ways for run in way.under_way()]
    for attempt in clock.ledger.to_stop(under_way) if under_way else ():
        for way in ways:
            way.end(attempt)


def _begin_anew() -> None:
    """Let a clock that is started later in this process call its jobs as this one did."""
    calling.begin_anew()
    if "clockdyno.clock.run.child" in sys.modules:
        sys.modules["clockdyno.clock.run.child"].begin_anew()


def end_in_time() -> None:
    """Let this process end before Heroku kills it, be it that the database does not answer."""
    if hasattr(signal, "SIGALRM"):
        signals.take(signal.SIGALRM, _end)
        signal.alarm(LAST_SECOND)


def _end(*_: object) -> None:
    text = NOT_DONE if _signed_off.is_set() else NOT_WRITTEN
    os.write(1, (logs.line(at="stop", msg=text) + "\n").encode())
    os._exit(0)


def quit() -> NoReturn:
    """End this process as Python does, but wait for no thread whose job goes on."""
    _signed_off.set()
    atexit._run_exitfuncs()
    surroundings.flush()
    os._exit(0)


def enter(clock: Any, job: Job | None = None) -> None:
    """Enter a clock that had been taken for dead anew, and a job that was added on the way."""
    with _entering:
        if not clock.ledger.beat():
            clock.ledger.register(clock.paused)
            logs.event("start", again=SILENT)
    if job:
        clock.ledger.arrive({job.id: job_row.text_of(clock, job)}, clock.now())
        clock.heartbeat.again(job)


def bury(clock: Any) -> None:
    """Mark what dead clocks left unfinished lost, and tell of it."""
    runner.report_lost(clock, clock.ledger.bury(clock.rerun(), clock.executor.under_way))


def first_after(trigger: BaseTrigger, moment: datetime) -> datetime | None:
    """Return the first fire that is later than a moment."""
    fire = trigger.get_next_fire_time(None, moment)
    return trigger.get_next_fire_time(moment, moment) if fire and fire <= moment else fire


def _join(clock: Any) -> None:
    database.set_up(clock.ledger.engine)
    clock.executor.set_up(clock.ledger.engine)
    clock.ledger.has_workers = clock.executor.has_workers
    clock.ledger.register(clock.paused)
    bury(clock)
    jobs, now = clock.get_jobs(), clock.now()
    last = _last_texts(clock)
    for job in jobs:
        job_row.recall(clock, job, last.get(job.id))
    texts = {job.id: job_row.text_of(clock, job) for job in jobs}
    moved = _moved(texts, last)
    go_on(clock, texts)
    clock.agenda.enter()
    gone = clock.ledger.part_with([job.id for job in jobs], now)
    facts = {"gone": ",".join(gone) or None, "paused": clock.paused or None, "zone": clock.timezone}
    logs.event("start", jobs=len(jobs), **facts)
    if not clock.names_its_zone:
        logs.event("warning", msg=first_run.NO_ZONE.format(zone=clock.timezone))
    for job in jobs:
        notes = " ".join(surprise.text for surprise in first_run.surprises(clock, job))
        when = description.describe(job.trigger)
        logs.event("job", job=job.id, next=job.next_run_time, when=when, note=notes or None)
    for job_id in moved:
        logs.event("warning", job=job_id, msg=MOVED)
    calls = [*jobs, *(tasks.Call(task, name, {}, None) for name, task in clock.tasks.items())]
    if any(clock.options_of(call).timeout and clock.executor.runs_here(call) for call in calls):
        from clockdyno.clock.run import child

        child.warm_up(*clock.app.modules)
    clock.heartbeat.start()
    if clock.tasks:
        clock.agenda.start()


def go_on(clock: Any, texts: Mapping[str, str]) -> None:
    """Enter the jobs (id: trigger), and let each go on with its first fire that has no row yet."""
    since = clock.ledger.arrive(texts, clock.now())
    for job in clock.get_jobs():
        if job.id in since:
            _begin_at(clock, job, since[job.id])


def _begin_at(clock: Any, job: Job, since: datetime) -> None:
    if clock.is_at_start(job):
        first = clock.now()
    elif clock.begins_itself(job):
        return
    else:
        first = first_after(job.trigger, since)
    job._modify(next_run_time=first)
    clock._lookup_jobstore(job._jobstore_alias).update_job(job)


def _last_texts(clock: Any) -> dict[str, str]:
    with clock.ledger.engine.connect() as db:
        return dict(db.execute(sa.select(tables.jobs.c.job_id, tables.jobs.c.trigger)).all())


def _moved(texts: Mapping[str, str], last: Mapping[str, str]) -> list[str]:
    """Return the jobs whose dates, and nothing else, are others than at the last start."""
    found = []
    for job_id, text in texts.items():
        old = last.get(job_id, text)
        if old != text and DATE.sub("", old) == DATE.sub("", text):
            found.append(job_id)
    return found
