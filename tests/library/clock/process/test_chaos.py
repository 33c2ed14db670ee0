"""Clocks at which somebody does something unkind once a second: nothing is lost or doubled."""

import contextlib
import os
import random
from collections import Counter
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from support.chaos import JOBS, Chaos, verdict
from support.site import Site


def unkind(
    site: Site, request: pytest.FixtureRequest, seconds: float, clocks: int, twist: str = ""
) -> list[str]:
    """Be unkind to some clocks for a while, and return what is wrong afterwards."""
    postgres: Any = None
    if site.url.startswith("postgres"):
        postgres = request.getfixturevalue("postgres")
    site.write(twist + JOBS)
    chaos = Chaos(site, postgres, clocks)
    try:
        site.until(site.rows)
        chaos.run(seconds)
        chaos.calm()
    finally:
        with contextlib.suppress(Exception):
            chaos.restore(everything=True)
    return verdict(chaos)


def test_a_few_seconds_of_chaos_lose_and_double_nothing(
    site: Site, request: pytest.FixtureRequest
) -> None:
    assert unkind(site, request, 6, clocks=3) == []


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("clocks", [2, 4])
def test_minutes_of_chaos_lose_and_double_nothing(
    site: Site, request: pytest.FixtureRequest, clocks: int
) -> None:
    seconds = float(os.environ.get("CHAOS_SECONDS", "60"))
    assert unkind(site, request, seconds, clocks) == []


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
def test_without_the_unique_constraint_chaos_doubles_runs(
    site: Site, request: pytest.FixtureRequest
) -> None:
    wrong = unkind(site, request, 6, clocks=3, twist=NOT_ONCE)

    assert any("rows" in text for text in wrong) and any("effects" in text for text in wrong)
