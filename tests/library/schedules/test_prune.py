"""What is left of schedules goes in time."""

from datetime import timedelta

from clockdyno import schedules
from support.run_time import RunTime, run_time

__all__ = ["run_time"]


def test_what_is_over_or_deleted_is_pruned_and_what_goes_on_keeps_its_last_run(
    run_time: RunTime,
) -> None:
    clock = run_time.start()
    for key, when in (("over", "on 5 January 2026 at 12:01"), ("gone", "hourly"), ("on", "hourly")):
        schedules.put(key, "work", when, kwargs={"who": key})
    run_time.wait(3600)
    schedules.delete("gone")
    schedules.pause("on")
    run_time.now += timedelta(days=60)

    clock.ledger.prune(run_time.now - timedelta(days=30))
    clock.ledger.prune(run_time.now - timedelta(days=30))

    assert [one.key for one in schedules.list()] == ["on"]
    assert [row.job_id.partition("~")[0] for row in run_time.rows()] == ["on"]
