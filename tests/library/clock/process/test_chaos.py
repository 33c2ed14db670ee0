"""Clocks at which somebody does something unkind once a second: nothing is lost or doubled."""

import contextlib
import random
from collections import Counter
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from support.chaos_scenario import Scenario
from support.rows import rows
from support.site import Site


def unkind(site: Site, request: pytest.FixtureRequest, twist: str = "") -> Scenario:
    """Give some clocks that are about to be killed, and schedules that change meanwhile."""
    postgres: Any = None
    if site.url.startswith("postgres"):
        postgres = request.getfixturevalue("postgres")
    few = {"clocks": 3, "schedules": 50}
    return Scenario(site, postgres, **few, pause=0.02, quick=True, twist=twist)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("kills", rows((4, 40), (4,)))
def test_chaos_leaves_no_time_without_its_row_and_begins_none_twice(
    site: Site, request: pytest.FixtureRequest, kills: int
) -> None:
    scenario = unkind(site, request)
    before, every = len(site.effects()), {"put", "toggle", "delete"}
    found = scenario.run(
        kills,
        lambda: len(site.effects()) >= before + kills and scenario.changes.done.keys() == every,
    )

    assert (found.absent, found.double, found.wrong) == (0, 0, [])
    assert found.ran


LONG = """
@sched.scheduled_job("interval", seconds=2)
def long(scheduled_at):
    note("long", scheduled_at.isoformat(), datetime.now().isoformat())
    time.sleep(1.5)
"""


def registered(site: Site) -> int:
    return len(site.query("SELECT clock_id FROM clockdyno.clocks"))


def complete(site: Site, every: timedelta) -> None:
    """See that no time of the job is absent, and that none ran twice."""
    times = [row.scheduled_at for row in site.rows()]
    assert {later - at for at, later in pairwise(times)} == {every}
    assert set(Counter(line.split()[1] for line in site.effects()).values()) == {1}


@pytest.mark.slow
def test_clocks_that_die_as_soon_as_they_are_up_let_a_job_go_on_all_the_same(site: Site) -> None:
    site.write(LONG)
    first = site.start()
    (running,) = site.until(lambda: site.rows("state = 'running'"))
    first.kill()
    first.wait()

    def another_one_dies() -> list[Any]:
        known, clock = registered(site), site.start()
        site.until(lambda: registered(site) > known)
        clock.kill()
        clock.wait()
        return site.rows("state = 'lost'")

    lost = site.until(another_one_dies)
    assert lost[0].id == running.id
    last = site.start()
    site.until(lambda: site.rows("state = 'succeeded'"))
    assert site.stop(last) == 0
    complete(site, timedelta(seconds=2))


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_in_a_crash_loop_with_the_times_of_a_dyno_a_job_goes_on(on_postgres: Site) -> None:
    site = on_postgres
    site.write(LONG, quick=False)
    whim, clocks = random.Random(3), [site.start() for _ in range(3)]
    site.until(lambda: registered(site) == 3)
    while not goes_on(site):
        site.pass_time(1)
        victim = whim.choice(clocks)
        victim.kill()
        victim.wait()
        clocks[clocks.index(victim)] = site.start()
    site.until(lambda: not site.rows("state = 'running'"))
    site.until(lambda: site.rows("state = 'succeeded'")[-1].id == site.rows()[-1].id)
    assert [site.stop(clock) for clock in clocks] == [0] * 3
    complete(site, timedelta(seconds=2))


def goes_on(site: Site) -> bool:
    """Say whether a run was told to be lost, and one after it has succeeded."""
    lost, well = (site.rows(f"state = '{state}'") for state in ("lost", "succeeded"))
    return bool(lost and well) and well[-1].scheduled_at > lost[0].scheduled_at


NOT_ONCE = """
from clockdyno.ledger import tables
tables.runs.constraints -= {c for c in tables.runs.constraints if c.name == "runs_once"}
"""


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_without_the_unique_constraint_chaos_doubles_runs(
    site: Site, request: pytest.FixtureRequest
) -> None:
    scenario = unkind(site, request, NOT_ONCE)

    def have_met() -> bool:
        with contextlib.suppress(OperationalError):  # The database may be away.
            rows = site.rows("kind = 'scheduled'")
            new = [row for row in rows if row.scheduled_at > scenario.chaos.began]
            return len({(row.job_id, row.scheduled_at) for row in new}) < len(new)
        return False

    found = scenario.run(kills=1, watch=have_met)

    assert found.double and found.wrong
