"""Schedules that are rows, on workers: what is due at one instant is enqueued many at a time."""

from datetime import UTC, datetime, timedelta

import pytest
from clockdyno import schedules
from clockdyno.ledger import reports
from support.workers import WorkerSite

WORK = """
@sched.task(catch_up=600)
def work(n, scheduled_at):
    note(n, scheduled_at.isoformat())
"""
MANY = 40


@pytest.mark.slow
def test_workers_do_the_runs_of_schedules_each_once_and_those_of_one_instant_together(
    workers: WorkerSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", workers.url)
    monkeypatch.setattr(reports, "_engines", {})
    workers.write(WORK)
    assert workers.command("setup").returncode == 0
    at = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=5)
    with reports.engine().begin() as db:
        for n in range(MANY):
            when, kwargs = f"{at:%Y-%m-%d %H:%M:%S}", {"n": n}
            schedules.put(f"k{n}", "work", when, kwargs=kwargs, connection=db)
    reports.engine().dispose()
    workers.start()
    workers.until(lambda: len(workers.rows("state = 'requested'")) == MANY)
    enqueued = {row.xmin for row in workers.query("SELECT xmin FROM clockdyno.procrastinate_jobs")}
    workers.work()

    workers.until(lambda: len(workers.rows("state = 'succeeded'")) == MANY)
    assert sorted(int(line.split()[0]) for line in workers.effects()) == [*range(MANY)]
    assert len(enqueued) < MANY / 2
