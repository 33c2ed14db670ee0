"""Forms that people use, by plain APScheduler and by Clock: the same runs, or a refusal."""

import threading
import time
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import tzlocal
from apscheduler.events import EVENT_JOB_EXECUTED
from apscheduler.executors.asyncio import AsyncIOExecutor
from apscheduler.executors.debug import DebugExecutor
from apscheduler.executors.pool import ProcessPoolExecutor, ThreadPoolExecutor
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger
from clockdyno import Clock
from clockdyno.ledger.tables import runs

SECOND = timedelta(seconds=1)
DEFAULTS = {"coalesce": False, "misfire_grace_time": 600, "max_instances": 9}


def nothing(*_: object) -> None:
    """Be a job."""


def now() -> datetime:
    return datetime.now(UTC)


# A few lines of jobs.py each: `id` is that of its jobs, or how theirs begin, `fires` a trigger for
# two runs.
Form = Callable[[Any, str, dict[str, Any]], Any]


def plain(sched: Any, id: str, fires: dict[str, Any]) -> None:
    sched.add_job(nothing, id=id, **fires)


def paused_by_id(sched: Any, id: str, fires: dict[str, Any]) -> None:
    sched.add_job(nothing, id=id, **fires)
    sched.pause_job(id)


def paused_and_resumed(sched: Any, id: str, fires: dict[str, Any]) -> None:
    job = sched.add_job(nothing, id=id, **fires)
    job.pause()
    job.resume()


def each_city(sched: Any, id: str, fires: dict[str, Any]) -> None:
    for city in ("paris", "rome", "oslo"):
        sched.add_job(nothing, args=[city], id=f"{id} {city}", **fires)


def start_and_then(sched: Any, id: str, fires: dict[str, Any]) -> None:
    sched.add_job(nothing, OrTrigger([DateTrigger(), IntervalTrigger(hours=9999)]), id=id)


def modified_to_begin_now(sched: Any, id: str, fires: dict[str, Any]) -> None:
    sched.add_job(nothing, "interval", hours=9999, id=id).modify(next_run_time=now())


def rescheduled(sched: Any, id: str, fires: dict[str, Any]) -> None:
    sched.add_job(nothing, "interval", hours=9999, id=id)

    def change() -> None:
        sched.reschedule_job(id, trigger="date", run_date=fires["end_date"])

    sched.add_job(change, "date", run_date=fires["start_date"], id=f"{id} by this")


FORMS: dict[str, Form] = {
    "2 paused by the job": lambda s, id, f: s.add_job(nothing, id=id, **f).pause(),
    "2 paused by its id": paused_by_id,
    "2 paused and resumed": paused_and_resumed,
    "2 added as paused": lambda s, id, f: s.add_job(nothing, next_run_time=None, id=id, **f),
    "5 one job for each city": each_city,
    "6 counted from now": lambda s, id, f: plain(s, id, {**f, "start_date": now()}),
    "7 no trigger": lambda s, id, _: s.add_job(nothing, id=id),
    "7 a date without a date": lambda s, id, _: s.add_job(nothing, "date", id=id),
    "7 a date that is now": lambda s, id, _: s.add_job(nothing, "date", run_date=now(), id=id),
    "7 a date that is now, as text": lambda s, id, _: s.add_job(
        nothing, "date", run_date=now().isoformat(" ")[:19], id=id
    ),
    "7 DateTrigger()": lambda s, id, _: s.add_job(nothing, DateTrigger(), id=id),
    "7 start, then on schedule": start_and_then,
    "7 next_run_time": lambda s, id, _: s.add_job(
        nothing, "interval", hours=9999, next_run_time=now(), id=id
    ),
    "7 modified to begin now": modified_to_begin_now,
    "15 rescheduled by a job": rescheduled,
}
PREFIXED = {
    "apscheduler.executors.default": {"type": "threadpool", "max_workers": "5"},
    "apscheduler.timezone": "UTC",
}
BY_CLASS = {"class": "apscheduler.executors.pool:ThreadPoolExecutor", "max_workers": "5"}
SETTINGS: dict[str, Callable[[Any], Any]] = {
    "no settings": lambda kind: kind(timezone="UTC", job_defaults=DEFAULTS),
    "1 own default executor": lambda kind: kind(
        timezone="UTC", job_defaults=DEFAULTS, executors={"default": ThreadPoolExecutor(5)}
    ),
    "1 by prefix": lambda kind: kind(deepcopy(PREFIXED), job_defaults=DEFAULTS),
    "1 by class": lambda kind: kind(
        timezone="UTC", job_defaults=DEFAULTS, executors={"default": deepcopy(BY_CLASS)}
    ),
}
CASES = [*FORMS, *list(SETTINGS)[1:]]


class Run:
    """A scheduler in a thread, and which fires of which job it has run."""

    def __init__(self, sched: Any, forms: dict[str, Form], fires: dict[str, Any]) -> None:
        self.sched, self._over = sched, threading.Event()
        self.heard = list[tuple[str, datetime]]()
        sched.add_listener(
            lambda event: self.heard.append((event.job_id, event.scheduled_run_time)),
            EVENT_JOB_EXECUTED,
        )
        for id, write in forms.items():
            write(sched, id, fires)
        sched.add_job(self._over.set, "date", run_date=fires["end_date"] + SECOND, id="last")
        self._thread = threading.Thread(target=sched.start, daemon=True)
        self._thread.start()

    def wait(self) -> None:
        """Wait until the clock has its ledger."""
        while not self.sched.heartbeat.is_alive():
            assert self._thread.is_alive()
            time.sleep(0.01)

    def ended(self, least: int = 0) -> list[tuple[str, datetime]]:
        """Wait for the last fire, and for so many runs; return what was run."""
        assert self._over.wait(60)
        end = time.monotonic() + 60
        while len(self.heard) < least and time.monotonic() < end:
            time.sleep(0.01)
        # APScheduler's own loop does not bear to be shut down in the midst of its work.
        with self.sched._jobstores_lock:
            self.sched.shutdown(wait=False)
        self._thread.join(60)
        return sorted(self.heard)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Run every form by both, side by side, for the same few seconds."""
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        _, pairs = _in_time(lambda at: _start(tmp_path_factory.mktemp("ledgers"), at, patch))
    for name, (apscheduler, clock) in pairs.items():
        theirs = apscheduler.ended()
        found[name] = (theirs, clock.ended(len(theirs)), _rows(clock))
    return found


def _in_time(start: Callable[[datetime], Any]) -> tuple[datetime, Any]:
    """Start what is to be up before its first fire; return that time, and what is up."""
    for seconds in (2, 10, 60):
        begin = datetime.now(UTC).replace(microsecond=0) + seconds * SECOND
        found = start(begin)
        if datetime.now(UTC) < begin:
            return begin, found
    raise AssertionError("this machine takes more than a minute to start some clocks")


def _twice(begin: datetime) -> dict[str, Any]:
    """Return a trigger for two runs."""
    return {"trigger": "interval", "seconds": 1, "start_date": begin, "end_date": begin + SECOND}


def _start(folder: Path, begin: datetime, patch: pytest.MonkeyPatch) -> dict[str, Any]:
    fires = _twice(begin)
    found = {}
    for number, (name, settings) in enumerate(SETTINGS.items()):
        forms = FORMS if name == "no settings" else {name: plain}
        patch.setenv("DATABASE_URL", f"sqlite:///{folder / str(number)}.sqlite3")
        clock = Run(settings(Clock), forms, fires)
        clock.wait()
        found[name] = (Run(settings(BlockingScheduler), forms, fires), clock)
    return found


def _rows(clock: Run) -> list[tuple[str, datetime]]:
    engine = clock.sched.ledger.engine
    with engine.connect() as db:
        rows = db.execute(runs.select().where(runs.c.state == "succeeded")).all()
    engine.dispose()
    return sorted((row.job_id, row.scheduled_at) for row in rows)


@pytest.mark.parametrize("form", CASES)
def test_it_runs_as_in_plain_apscheduler_and_each_run_has_a_row(
    seen: dict[str, Any], form: str
) -> None:
    theirs, ours, rows = (
        [(id, at) for id, at in heard if id.startswith(form)]
        for heard in seen.get(form, seen["no settings"])
    )

    assert rows == ours
    if form.startswith("6"):  # Each counts from a now of its own, so one may fit in once more.
        theirs, ours = theirs[:1], ours[:1]
    if form.startswith(("6", "7")):
        theirs, ours = [id for id, _ in theirs], [id for id, _ in ours]
    assert ours == theirs
    assert bool(ours) == (
        form not in ("2 paused by the job", "2 paused by its id", "2 added as paused")
    )


def test_a_pool_of_its_own_keeps_two_clocks_from_running_a_time_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(begin: datetime) -> list[Run]:
        url = f"sqlite:///{tmp_path / str(begin.timestamp())}"
        monkeypatch.setenv("DATABASE_URL", url)
        settings = SETTINGS["1 own default executor"]
        two = [Run(settings(Clock), {"work": plain}, _twice(begin)) for _ in range(2)]
        for clock in two:
            clock.wait()
        return two

    begin, two = _in_time(start)
    while sum(len(clock.heard) for clock in two) < 3:  # The two fires, and the last one.
        time.sleep(0.01)
    for clock in two:
        clock._over.set()
    heard = [each for clock in two for each in clock.ended() if each[0] == "work"]
    for clock in two:
        clock.sched.ledger.engine.dispose()

    assert sorted(heard) == [("work", begin), ("work", begin + SECOND)]


@pytest.mark.parametrize(
    "executor",
    [
        ProcessPoolExecutor,
        AsyncIOExecutor,
        DebugExecutor,
        lambda: {"type": "processpool", "max_workers": "5"},
        lambda: {"class": "apscheduler.executors.pool:ProcessPoolExecutor"},
    ],
)
def test_an_executor_whose_runs_would_not_be_in_the_ledger_is_refused(executor: Any) -> None:
    for alias in ("default", "mine"):
        ways = [
            lambda a=alias: Clock(executors={a: executor()}),
            lambda a=alias: Clock({f"apscheduler.executors.{a}": executor()}),
            lambda a=alias: Clock().configure(executors={a: executor()}),
        ]
        if not isinstance(executor(), dict):
            ways.append(lambda a=alias: Clock().add_executor(executor(), a))
        for way in ways:
            with pytest.raises(ValueError, match="would not be in the ledger. Write ThreadPool"):
                way()
    with pytest.raises(ValueError, match="says timeout="):
        Clock().add_executor("processpool", "mine")


def test_a_job_store_is_refused_as_the_ledger_does_what_it_is_for() -> None:
    url = "sqlite://"
    ways = [
        lambda: Clock(jobstores={"default": SQLAlchemyJobStore(url=url)}),
        lambda: Clock({"apscheduler.jobstores.mongo": {"type": "mongodb"}}),
        lambda: Clock().add_jobstore("sqlalchemy", url=url),
        lambda: Clock().add_jobstore(SQLAlchemyJobStore(url=url), "other"),
    ]
    for way in ways:
        with pytest.raises(ValueError, match="the ledger already does what a job store is for"):
            way()
    Clock().add_jobstore("memory", "other")


@pytest.mark.parametrize("zone", ["Asia/Taipei", "America/New_York", None])
def test_a_clock_without_a_zone_follows_the_machine_as_blocking_scheduler_does(
    zone: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", zone) if zone else monkeypatch.delenv("TZ")
    tzlocal.reload_localzone()
    at = datetime(2027, 1, 4, tzinfo=UTC)
    found = []
    for kind in (BlockingScheduler, Clock):
        job = kind().add_job(nothing, "cron", hour=8)
        found.append(job.trigger.get_next_fire_time(None, at))
    monkeypatch.undo()
    tzlocal.reload_localzone()

    assert found[0] == found[1]
