"""Behind a transaction pooler, where each transaction may come to another session."""

import contextlib
from pathlib import Path

import pytest
from support.pooler import Pooler
from support.workers import WorkerSite

# However slow the machine is, none of these may be left out.
JOBS = """
for n in range(12):
    @sched.scheduled_job("interval", seconds=1, id=f"job{n}", max_instances=99, coalesce=False,
                         catch_up=3600)
    def job(scheduled_at):
        note(scheduled_at.isoformat())
"""


@pytest.mark.slow
def test_a_clock_and_two_workers_run_everything_behind_a_pooler(
    pooler: Pooler, tmp_path: Path
) -> None:
    with contextlib.closing(WorkerSite(tmp_path / "site", pooler.create())) as site:
        site.write(JOBS)
        processes = [site.start(), site.work(), site.work()]

        # A session knows a statement from its sixth use on: by then others have had it.
        site.until(lambda: site.rows("state = 'succeeded'")[60:])

        assert [site.stop(process) for process in processes] == [0, 0, 0]
        assert {row.state for row in site.rows()} <= {"succeeded", "requested"}
        assert "state=away" not in site.log()
