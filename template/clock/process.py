"""The life of the clock process: it enters itself and its jobs in the ledger, and signs off."""

import atexit
import os
import re
import signal
import sys
import threading
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

from apscheduler.job import Job
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers import SchedulerNotRunningError
from apscheduler.triggers.base import BaseTrigger

from clock import calling, logs, options, runner, signals, surroundings, tables, texts, where, words
from clock.ledger import Ledger
from clock.remarks import remarks

LAST_SECOND = 28  # after the first signal; Heroku kills at 30
NOT_WRITTEN = "not all could be written in time; another clock finds what is lost"
NOT_DONE = "what the program does at its end takes too long; no run is lost by that"
_entering, _signed_off = threading.Lock(), threading.Event()


def open(clock: Any) -> None:
    """Enter the ledger, however long the database takes; each job goes on where it was."""
    if not tables.is_shared():
        logs.event("warning", msg=tables.NOT_SHARED, mend=tables.MEND)
    clock.ledger = Ledger(tables.connect(), lambda: clock.stopping)
    pause = 0.5
    while not clock.stopping:
        try:
            return _join(clock)
        except Exception as error:
            if not clock.pulse.trouble(error):
                raise SystemExit(1) from None
            clock.sleep(pause)
            pause = min(pause * 2, 15)


def close(clock: Any) -> None:
    """Let what is under way end, sign off, and say what is left unfinished."""
    try:
        clock.shutdown()
    except SchedulerNotRunningError:
        clock.executor.drain()  # A job has called it, and has its own end still before it.
    give_up()
    clock.pulse.close()
    lost: list[Any] = []
    try:
        lost = clock.ledger.leave(clock.rerun()) if clock.ledger.clock_id else []
    except Exception as error:
        clock.pulse.trouble(error)
    runner.report_lost(clock, lost)
    clock.alerts.close()
    logs.event("stop", lost=len(lost))
    _signed_off.set()


def give_up() -> None:
    """End the runs whose time is over, as far as that can be done."""
    calling.stop()
    if "clock.child" in sys.modules:
        sys.modules["clock.child"].end_all()


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
            logs.event("start", again="had been silent for too long")
    if job:
        clock.ledger.arrive({job.id: text_of(job.trigger)}, clock.now())
        clock.pulse.again(job)


def text_of(trigger: BaseTrigger) -> str:
    """Return what tells an edited trigger from the one before: no address in memory."""
    return texts.fit(re.sub(r" at 0x[0-9a-f]+", "", repr(trigger)))


def first_after(trigger: BaseTrigger, moment: datetime) -> datetime | None:
    """Return the first fire that is later than a moment."""
    fire = trigger.get_next_fire_time(None, moment)
    return trigger.get_next_fire_time(moment, moment) if fire and fire <= moment else fire


def describe(clock: Any, job: Job) -> dict[str, Any]:
    """Say for people what a job is and when it fires: the columns of its row."""
    now = clock.now()
    fires = _soon(job.trigger, now)
    grace = clock.grace(job, fires[0]) if fires else None
    notes = remarks(job.trigger, now, clock.ledger.usual(job.id), clock.timezone)
    doc = getattr(job.func, "__doc__", None)
    return {
        "id": job.id,
        "text": text_of(job.trigger),
        "doc": texts.fit(doc.strip().partition("\n")[0]) if isinstance(doc, str) else "",
        "words": texts.fit(words.describe(job.trigger)),
        "zone": texts.fit(str(getattr(job.trigger, "timezone", clock.timezone))),
        "grace": grace and grace.total_seconds() + options.most_jitter(job),
        "remarks": [{k: texts.fit(text) for k, text in r._asdict().items()} for r in notes],
        "fires": [fire.astimezone(UTC).isoformat() for fire in fires],
        "described_at": now,
    }


def _soon(trigger: BaseTrigger, now: datetime) -> list[datetime]:
    """Return the fires of a day, at least five and at most two hundred."""
    fires = words.fires(trigger, now, 5)
    while fires and len(fires) < tables.MOST_TOLD:
        fire = trigger.get_next_fire_time(fires[-1], fires[-1])
        if not fire or fire >= now + timedelta(days=1):
            break
        fires.append(fire)
    return fires


def longest_grace(clock: Any) -> timedelta:
    """Return the longest time that any job may be late."""
    given = [job.misfire_grace_time or 0 for job in clock.get_jobs()]
    return timedelta(seconds=max([6 * 3600, *given]))


def _join(clock: Any) -> None:
    tables.set_up(clock.ledger.engine)
    where.set_up(clock.ledger.engine)
    clock.ledger.register(clock.paused)
    jobs, now = clock.get_jobs(), clock.now()
    since = clock.ledger.arrive({job.id: text_of(job.trigger) for job in jobs}, now)
    for job in jobs:
        _go_on(clock, job, since[job.id])
    gone = clock.ledger.part_with([job.id for job in jobs], now)
    logs.event("start", jobs=len(jobs), gone=",".join(gone) or None, paused=clock.paused or None)
    for job in jobs:
        logs.event("job", job=job.id, next=job.next_run_time, when=words.describe(job.trigger))
    if any(clock.options_of(job).timeout and where.runs_here(job) for job in jobs):
        from clock import child

        child.warm_up()
    clock.pulse.start()


def _go_on(clock: Any, job: Job, since: datetime) -> None:
    """Let the job's next fire be the first one that has no row yet."""
    store = clock._lookup_jobstore(job._jobstore_alias)
    if isinstance(store, MemoryJobStore) and not clock.begins_itself(job):
        job._modify(next_run_time=first_after(job.trigger, since))
        store.update_job(job)
