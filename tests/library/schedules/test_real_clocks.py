"""Schedules on real clocks, which start, stop, are killed, and lose their database."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from clockdyno import schedules
from clockdyno.ledger import reports
from support.run_time import TASK
from support.site import Site
from support.workers import WorkerSite


@pytest.fixture
def clock(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Give a project one of whose clocks has entered its task."""
    monkeypatch.setenv("DATABASE_URL", site.url)
    monkeypatch.setattr(reports, "_engines", {})
    site.write(TASK)
    site.start()
    site.until(lambda: site.query("SELECT name FROM clockdyno.tasks"))
    yield site
    for engine in reports._engines.values():
        engine.dispose()


def put(*tasks: str, seconds: int) -> datetime:
    """Put a schedule for each of some tasks, due once, so soon; return that time."""
    schedules.list()  # The first look loads all that a put needs, and is not counted.
    while True:
        at = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=seconds)
        try:
            for task in tasks:
                when = f"{at:%Y-%m-%d %H:%M:%S}"
                schedules.put(task, task, when, timezone="UTC", kwargs={"key": "k"})
        except schedules.Refused:  # The time has come meanwhile.
            seconds *= 2
        else:
            return at


def test_a_time_that_is_a_second_after_its_put_is_met(clock: Site) -> None:
    at = put("work", seconds=2)

    clock.until(lambda: f"work k {at.isoformat()}" in clock.effects())

    (row,) = clock.until(lambda: clock.rows("job_id LIKE 'work~%' AND state = 'succeeded'"))
    assert (row.scheduled_at, row.attempt) == (at, 1)


JOBS_OF_WORKERS = """
@sched.task(queue="slow", timeout=60)
def work(key, scheduled_at):
    note("work", key, scheduled_at.isoformat(), os.getppid())

@sched.task(executor="clock")
def here(key, scheduled_at):
    note("here", key, scheduled_at.isoformat(), os.getpid())
"""


def test_workers_run_what_schedules_call_and_the_clock_what_is_its_own(
    workers: WorkerSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", workers.url)
    monkeypatch.setattr(reports, "_engines", {})
    workers.write(JOBS_OF_WORKERS)
    clock = workers.start()
    workers.until(lambda: workers.query("SELECT name FROM clockdyno.tasks"))
    at = put("work", "here", seconds=2)
    workers.work()

    workers.until(lambda: len(workers.rows("state = 'succeeded'")) == 2)

    told = {line.split()[0]: line.split()[1:] for line in workers.effects()}
    assert told["here"] == ["k", at.isoformat(), str(clock.pid)]
    assert told["work"][:2] == ["k", at.isoformat()]
    ran = workers.query("SELECT role FROM clockdyno.runs JOIN clockdyno.clocks USING (clock_id)")
    assert sorted(row.role for row in ran) == ["clock", "worker"]
    for engine in reports._engines.values():
        engine.dispose()


def test_to_put_a_schedule_loads_no_scheduler(clock: Site) -> None:
    code = (
        "import sys; from clockdyno import schedules;"
        "schedules.put('k', 'work', 'weekdays at 9', kwargs={'key': 'k'});"
        "sys.exit(any(name.startswith('apscheduler.sched') for name in sys.modules))"
    )

    assert subprocess.run([sys.executable, "-c", code], env=clock.env()).returncode == 0
