"""Clocks and workers that are killed, stopped and frozen at random, and their database, too."""

import pytest
from support.chaos_scenario import Scenario
from support.postgres import Postgres
from support.workers import WorkerSite


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_chaos_leaves_no_time_without_its_row_and_begins_none_twice(
    workers: WorkerSite, postgres: Postgres
) -> None:
    scenario = Scenario(workers, postgres, clocks=2, workers=3, schedules=50, quick=True)
    found = scenario.run(kills=20)

    assert (found.absent, found.double, found.wrong) == (0, 0, [])
    assert found.ran
