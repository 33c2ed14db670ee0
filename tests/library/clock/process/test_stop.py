"""SIGTERM: nothing hangs, nothing new is claimed, what is under way gets its time."""

import signal
import time
from datetime import datetime

import pytest
import sqlalchemy as sa
from clockdyno.ledger import tables
from support.postgres import Postgres
from support.site import GUARD, NOBODY_DIES, Site

LOAD = (
    NOBODY_DIES
    + """
from clockdyno.clock.process import lifecycle

def work(n):
    time.sleep(0.02)

for n in range(40):
    sched.add_job(work, "interval", seconds=1, args=[n], id=f"work{n}")

begin = lifecycle.end_in_time
def hear():
    note(os.environ.get("DYNO"), datetime.now().astimezone().isoformat())
    begin()
lifecycle.end_in_time = hear
"""
)


def stops(site: Site, batches: int) -> None:
    """Stop clocks under load, at odd moments, every other one with three SIGTERMs."""
    site.write(LOAD)
    for batch in range(batches):
        names = [f"clock.{batch}-{n}" for n in range(4)]
        clocks = {name: site.start(DYNO=name) for name in names}
        site.until(lambda names=names: up(site) >= set(names) and site.rows())
        for n, clock in enumerate(clocks.values()):
            time.sleep(0.13 * ((batch + n) % 4))  # another phase of the second each time
            clock.send_signal(signal.SIGTERM)
            for _ in range(2 * (n % 2)):
                clock.send_signal(signal.SIGTERM)
        assert [clock.wait(GUARD) for clock in clocks.values()] == [0] * 4
    assert "Traceback" not in site.log()
    with site.engine.connect() as db:
        columns = (tables.clocks.c.dyno, tables.runs.c.scheduled_at)
        same = tables.runs.c.clock_id == tables.clocks.c.clock_id
        claims = db.execute(sa.select(*columns).join_from(tables.runs, tables.clocks, same)).all()
    heard = dict(line.split() for line in site.effects())
    assert len(heard) == 4 * batches
    after = [c for c in claims if c.scheduled_at > datetime.fromisoformat(heard[c.dyno])]
    assert after == [] != claims
    assert {row.state for row in site.rows()} <= {"succeeded", "missed", "skipped"}


def up(site: Site) -> set[str]:
    with site.engine.connect() as db:
        return set(db.scalars(sa.select(tables.clocks.c.dyno)))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_hundred_stops_under_load(site: Site) -> None:
    stops(site, 13)  # 52 on each of the two databases


LONG = (
    NOBODY_DIES
    + """
from clockdyno.clock.process import lifecycle
stop = lifecycle.end_in_time
lifecycle.end_in_time = lambda: (stop(), open("heard", "w").close())

@sched.scheduled_job("interval", days=365, next_run_time=datetime.now())
def five():
    note("five begins")
    {short}
    open("over", "w").close()

@sched.scheduled_job("interval", days=365, next_run_time=datetime.now())
def sixty():
    note("sixty")
    time.sleep(1000)

@sched.scheduled_job("interval", days=365, next_run_time=datetime.now(), on_lost="rerun")
def rerun():
    note("rerun")
    time.sleep(1000 if os.environ.get("FIRST") else 0)
"""
)
# The time that runs have at a stop is over as soon as the short one is.
UNTIL_OVER = """
import threading
from clockdyno.clock.process import executor, lifecycle
executor.STOP_SECONDS, lifecycle.LAST_SECOND = 900, 140
threading._time = lambda: time.monotonic() + 1000 * os.path.exists("over")
"""


def long_jobs(site: Site, body: str) -> None:
    site.write(body)
    clock = site.start(FIRST="1")
    site.until(lambda: len(site.effects()) == 3)
    clock.send_signal(signal.SIGTERM)
    site.until((site.folder / "heard").exists)
    site.say("end")
    assert clock.wait(GUARD) == 0

    states = {row.job_id: (row.state, row.reason) for row in site.rows()}
    lost = ("lost", "stopped")
    assert states == {"five": ("succeeded", None), "sixty": lost, "rerun": lost}
    site.write(body.replace(", next_run_time=datetime.now()", ""))
    clock = site.start()
    site.until(lambda: site.effects().count("rerun") == 2)
    site.until(lambda: not site.rows("state = 'running'"))
    assert site.stop(clock) == 0
    assert site.effects().count("sixty") == 1
    (row,) = site.rows("job_id = 'rerun'")
    assert (row.state, row.attempt) == ("succeeded", 2)


def test_a_short_job_finishes_and_a_long_one_is_lost_and_rerun_only_if_it_says_so(
    site: Site,
) -> None:
    long_jobs(site, UNTIL_OVER + LONG.format(short='await_word("end")'))


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_same_with_the_times_of_a_dyno(site: Site) -> None:
    long_jobs(site, LONG.format(short="time.sleep(5)"))


def test_a_database_that_hangs_keeps_no_clock_from_ending_in_time(
    on_postgres: Site, postgres: Postgres
) -> None:
    site = on_postgres
    site.write("from clockdyno.clock.process import lifecycle\nlifecycle.LAST_SECOND = 4\n" + LOAD)
    clock = site.start()
    site.until(lambda: len(site.rows()) > 40)
    site.engine.dispose()
    postgres.send(signal.SIGSTOP)
    try:
        site.pass_time(1.5)  # for claims to hang in it
        assert site.stop(clock) == 0
    finally:
        postgres.send(signal.SIGCONT)
    assert "the next clock to look says what is lost" in site.log()
    assert "Traceback" not in site.log()
