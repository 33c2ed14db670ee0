"""What APScheduler's documentation says of a scheduler holds for Clock."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from apscheduler.events import (
    EVENT_JOB_ERROR,
    EVENT_JOB_EXECUTED,
    EVENT_JOB_MAX_INSTANCES,
    EVENT_JOB_MISSED,
    EVENT_SCHEDULER_STARTED,
)
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import ConflictingIdError, JobLookupError
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.triggers.calendarinterval import CalendarIntervalTrigger
from apscheduler.triggers.combining import AndTrigger, OrTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger
from clockdyno import Clock
from clockdyno.clock.process.executor import RunExecutor
from clockdyno.ledger.claims import Ledger
from clockdyno.schedule.triggers import GridInterval, WallCron
from sqlalchemy.exc import OperationalError
from support.site import GUARD


class Running:
    """A clock in a thread of this process, and what its jobs noted."""

    def __init__(self, sched: Clock) -> None:
        self.sched, self.notes = sched, list[Any]()
        self.thread = threading.Thread(target=sched.start)

    def until(self, condition: Any, timeout: float = GUARD) -> None:
        end = time.monotonic() + timeout
        while not condition() and time.monotonic() < end:
            time.sleep(0.01)
        assert condition(), self.notes


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'l.sqlite3'}")
    running = Running(Clock(timezone="UTC"))
    yield running
    if running.sched.running:
        running.sched.shutdown()
    if running.thread.ident:
        running.thread.join(20)
        running.sched.ledger.engine.dispose()
    assert not running.thread.is_alive()


def tick(notes: list[str], word: str = "tick") -> str:
    notes.append(word)
    return word


def fail() -> None:
    raise ValueError("as it should")


def test_decorators_and_add_job_in_all_forms() -> None:
    sched = Clock(timezone="Europe/Berlin")

    @sched.scheduled_job("interval", seconds=3)
    def plain() -> None: ...

    @sched.scheduled_job(CronTrigger(hour=3, timezone="UTC"), id="mine", name="A name")
    def named() -> None: ...

    sched.add_job(print, "cron", ["word"], {"end": ""}, "positional", "Name", 30, True, 2, hour=1)
    sched.add_job("os:getcwd", "date", run_date="2030-01-05 09:00:00")
    sched.add_job(print, trigger=IntervalTrigger(hours=2), id="every")
    both = AndTrigger([IntervalTrigger(hours=2), CronTrigger(day_of_week="sat,sun")])
    sched.add_job(print, OrTrigger([CronTrigger(hour=2), both]), id="or")
    sched.add_job(print, CalendarIntervalTrigger(months=1, hour=6), id="calendar")
    sched.add_job(print, "calendarinterval", weeks=2, id="by_name")

    jobs = {job.id: job for job in sched.get_jobs()}
    assert list(jobs) == "plain mine positional getcwd every or calendar by_name".split()
    positional = jobs["positional"]
    assert (positional.args, positional.kwargs, positional.name) == (("word",), {"end": ""}, "Name")
    assert (positional.misfire_grace_time, positional.coalesce) == (30, True)
    assert positional.max_instances == 2 and str(positional.trigger.timezone) == "Europe/Berlin"
    assert isinstance(jobs["plain"].trigger, GridInterval)
    assert isinstance(jobs["mine"].trigger, WallCron) and jobs["mine"].name == "A name"
    assert isinstance(jobs["or"].trigger.triggers[0], WallCron)
    assert isinstance(jobs["getcwd"].trigger, DateTrigger)


def test_one_function_with_other_arguments_is_another_job() -> None:
    sched = Clock()
    first = sched.add_job(tick, "interval", [[], "a"], hours=1)
    second = sched.add_job(tick, "interval", [[], "b"], hours=1)

    assert (first.id, second.id) == ("tick-a-ded0aa", "tick-b-48a965")


def test_ids_conflict_and_replace_as_documented() -> None:
    sched = Clock()
    sched.add_job(print, "interval", hours=1, id="a")
    with pytest.raises(ConflictingIdError):
        sched.add_job(print, "interval", hours=2, id="a")
    sched.add_job(print, "interval", hours=2, id="a", replace_existing=True)

    assert [str(job.trigger) for job in sched.get_jobs()] == ["interval[2:00:00]"]
    sched.remove_job("a")
    with pytest.raises(JobLookupError):
        sched.remove_job("a")


@pytest.mark.parametrize("id", ["x" * 201, "a\0b", "a\udc80b"])
def test_an_id_that_no_ledger_keeps_is_refused(id: str) -> None:
    sched = Clock(timezone="UTC")

    with pytest.raises(ValueError, match="^id: "):
        sched.add_job(fail, "interval", hours=1, id=id)

    assert sched.add_job(fail, "interval", hours=1, id="x" * 200).id == "x" * 200
    assert sched.add_job(fail, "interval", hours=1, id="").id == "fail"


def test_configuration_in_all_three_forms() -> None:
    stores = {"other": MemoryJobStore()}
    defaults = {"coalesce": False, "max_instances": 3}
    direct = Clock(
        jobstores=stores, executors={"pool": ThreadPoolExecutor(3)}, job_defaults=defaults
    )
    prefixed = Clock({"apscheduler.job_defaults.max_instances": "4", "apscheduler.timezone": "UTC"})
    later = Clock()
    later.configure(timezone="Asia/Tokyo")

    assert direct._job_defaults["max_instances"] == 3
    assert prefixed._job_defaults["max_instances"] == 4
    assert str(later.timezone) == "Asia/Tokyo"


def test_a_job_without_a_trigger_runs_at_once_and_listeners_hear_of_everything(
    clock: Running,
) -> None:
    heard: list[Any] = []
    mask = EVENT_JOB_EXECUTED | EVENT_JOB_ERROR | EVENT_SCHEDULER_STARTED
    clock.sched.add_listener(heard.append, mask)
    clock.sched.add_job(tick, args=[clock.notes])
    clock.sched.add_job(fail)
    clock.thread.start()
    clock.until(lambda: len(heard) == 3)

    started = heard.pop(0)
    executed, error = sorted(heard, key=lambda event: event.job_id != "tick")
    assert started.code == EVENT_SCHEDULER_STARTED
    assert (executed.job_id, executed.retval, executed.exception) == ("tick", "tick", None)
    assert error.job_id == "fail" and isinstance(error.exception, ValueError)
    assert "as it should" in error.traceback and error.scheduled_run_time is not None


def test_pausing_resuming_rescheduling_and_removing_in_the_process(clock: Running) -> None:
    sched, notes = clock.sched, clock.notes
    clock.thread.start()
    clock.until(lambda: sched.running)
    job = sched.add_job(tick, "interval", [notes], seconds=1)
    clock.until(lambda: notes)
    job.pause()
    assert job.next_run_time is None
    number = len(notes)
    job.resume()
    clock.until(lambda: len(notes) > number)
    job.reschedule("interval", hours=1)
    assert job.next_run_time > datetime.now(UTC) and isinstance(job.trigger, GridInterval)
    job.modify(name="Another", max_instances=2)
    assert sched.get_job("tick").name == "Another"
    sched.pause()
    sched.add_job(tick, args=[notes, "paused"], id="later")
    sched.resume()
    clock.until(lambda: "paused" in notes)
    job.remove()
    assert sched.get_job("tick") is None


def test_too_many_instances_and_missed_fires_are_events(clock: Running) -> None:
    heard = list[int]()
    clock.sched.add_listener(lambda e: heard.append(e.code), EVENT_JOB_MAX_INSTANCES)
    clock.sched.add_listener(lambda e: heard.append(e.code), EVENT_JOB_MISSED)
    clock.sched.add_job(time.sleep, "interval", [2.5], seconds=1)
    past = datetime.now(UTC) - timedelta(seconds=60)
    clock.sched.add_job(fail, "interval", days=365, next_run_time=past, misfire_grace_time=10)
    clock.thread.start()
    clock.until(lambda: set(heard) == {EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED})


def test_without_coalescing_each_fire_inside_the_grace_runs(clock: Running) -> None:
    seen = list[datetime]()

    def each(scheduled_at: datetime) -> None:
        seen.append(scheduled_at)

    past = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=4)
    options: dict[str, Any] = {"coalesce": False, "catch_up": 60, "next_run_time": past}
    # Where a machine is busy a run may still go on when the next is due, which would be skipped.
    clock.sched.add_job(each, "interval", seconds=1, max_instances=100, **options)
    clock.thread.start()
    due = [past + timedelta(seconds=n) for n in range(6)]
    clock.until(lambda: set(due) <= set(seen))

    assert sorted(seen)[:6] == due


def test_jitter_is_the_same_on_every_clock_and_stays_out_of_the_key(clock: Running) -> None:
    seen = list[tuple[float, datetime]]()

    def late(scheduled_at: datetime) -> None:
        seen.append((time.time(), scheduled_at))

    job = clock.sched.add_job(late, "interval", seconds=1, jitter=0.8)
    twin = Clock(timezone="UTC").add_job(late, "interval", seconds=1, jitter=0.8)
    clock.thread.start()
    clock.until(lambda: len(seen) >= 3)

    for _, fire in seen:
        delay = clock.sched.jitter(job, fire)
        assert delay == twin._scheduler.jitter(twin, fire) and delay.total_seconds() < 0.8
        assert fire.microsecond == 0
    # What comes due while the one before it still waits is taken up with that.
    at, first = seen[0]
    assert at >= first.timestamp() + clock.sched.jitter(job, first).total_seconds() - 0.01


def test_jitter_is_no_delay_that_counts_against_the_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    sched, fire = Clock(timezone="UTC"), datetime(2027, 1, 4, tzinfo=UTC)
    job = sched.add_job(print, "interval", days=1, jitter=3600, catch_up=60)
    delay = sched.jitter(job, fire)
    late = []
    for seconds in (59, 61):
        monkeypatch.setattr(sched, "now", lambda s=seconds: fire + delay + timedelta(seconds=s))
        late.append(sched.is_late(job, fire))

    assert delay > timedelta(seconds=60)
    assert late == [False, True]


def test_a_claim_whose_answer_is_late_never_begins_the_run_after_it_twice(
    clock: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim, seen, slow = Ledger.claim, list[datetime](), list[datetime]()
    submit, due, over = RunExecutor.submit_job, list[Any](), list[bool]()

    def heard(executor: RunExecutor, job: Any, times: list[datetime]) -> None:
        submit(executor, job, times)
        due.extend(times)

    def until_the_next_fire() -> None:
        number = len(due)
        clock.until(lambda: len(due) > number or over)

    def fail_late(ledger: Ledger, job: str, fire: datetime, *rest: Any) -> Any:
        if not slow:
            slow.append(fire)
            until_the_next_fire()
            raise OperationalError("", {}, Exception("the connection is gone"))
        return claim(ledger, job, fire, *rest)

    def long(scheduled_at: datetime) -> None:
        seen.append(scheduled_at)
        until_the_next_fire()

    monkeypatch.setattr(RunExecutor, "submit_job", heard)
    monkeypatch.setattr(Ledger, "claim", fail_late)
    clock.sched.add_job(long, "interval", seconds=1, coalesce=False, catch_up=30)
    clock.thread.start()
    clock.until(lambda: len(seen) >= 2)
    over.append(True)

    assert len(seen) == len(set(seen))


def test_a_job_is_tried_again_as_often_as_it_says(
    clock: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    from clockdyno.clock.process import heartbeat
    from clockdyno.clock.run import runner
    from clockdyno.ledger.orders import history

    monkeypatch.setattr(runner, "RETRY_SECONDS", 0.1)
    monkeypatch.setattr(heartbeat, "POLL", 0.1)
    times = set[datetime]()

    def flaky(scheduled_at: datetime) -> None:
        times.add(scheduled_at)
        clock.notes.append("tried")
        if len(clock.notes) < 3:
            fail()

    clock.sched.add_job(flaky, retries=2)
    clock.thread.start()
    clock.until(lambda: len(clock.notes) == 3)
    clock.until(lambda: history(clock.sched.ledger.engine)[0].state == "succeeded")

    (row,) = history(clock.sched.ledger.engine)
    assert (row.attempt, row.due_at, row.error, len(times)) == (3, None, None, 1)


def test_start_is_refused_where_it_would_be_a_second_clock(tmp_path: Path) -> None:
    code = compile("sched.start()", "jobs.py", "exec")

    with pytest.raises(RuntimeError, match="__main__"):
        exec(code, {"__name__": "jobs", "sched": Clock()})
