"""What one job may do to the others: hang, die. And what a timeout ends."""

import json
import os
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from clockdyno.clock.process import places
from support.site import GUARD, Site

# A command line that nobody else on this machine has.
NAP = f"sleep 1000.{os.getpid()}"
TIMEOUTS = f"""
import signal, subprocess

NAP = {NAP.split()}

def at_once(**limit):
    return sched.scheduled_job("interval", days=365, next_run_time=datetime.now(), **limit)

@at_once(timeout=1)
def sleeps():
    note("sleeps")
    time.sleep(1000)

@at_once(timeout=1)
def spins():
    note("spins")
    while True:
        pass

@at_once(timeout=1)
def ignores():
    note("ignores")
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    subprocess.Popen(NAP)
    time.sleep(1000)

@at_once(timeout=60)
def exits():
    note("exits")
    os._exit(3)

@at_once(timeout=60)
def swells():
    note("swells")
    raise MemoryError

@at_once(timeout=60)
def fails():
    note("fails")
    raise ValueError("a reason")

@at_once(timeout=60)
def works():
    note("works")
    print("works printed")
"""


def test_a_timeout_ends_whatever_the_job_does_and_the_clock_goes_on(site: Site) -> None:
    site.write(TIMEOUTS)
    clock = site.start()
    rows = site.until(lambda: len(r := done(site)) == 7 and r)
    assert site.stop(clock) == 0

    found = {row.job_id: (row.state, row.reason) for row in rows}
    assert found == {
        **dict.fromkeys(("sleeps", "spins", "ignores"), ("failed", "timeout")),
        "exits": ("failed", "died"),
        **dict.fromkeys(("swells", "fails"), ("failed", "error")),
        "works": ("succeeded", None),
    }
    errors = {row.job_id: row.error for row in rows}
    assert "(3)" in errors["exits"] and errors["fails"].endswith("ValueError: a reason")
    assert 'raise ValueError("a reason")' in errors["fails"]
    assert "works printed" in site.log()
    site.until(lambda: not running(NAP))


def done(site: Site) -> list[sa.Row[tuple[object, ...]]]:
    return [row for row in site.rows() if row.finished_at]


def running(command: str) -> bool:
    import psutil

    return any(
        command == " ".join(p.info["cmdline"] or ()) for p in psutil.process_iter(["cmdline"])
    )


def test_ten_hung_jobs_do_not_delay_an_eleventh(on_sqlite: Site) -> None:
    site = on_sqlite
    site.write(
        """
def hangs(n):
    time.sleep(1000)

for n in range(10):
    sched.add_job(hangs, "interval", seconds=1, args=[n], id=f"hangs{n}")

@sched.scheduled_job("interval", seconds=1)
def eleventh():
    pass
"""
    )
    site.start()
    site.until(lambda: len(site.rows("state = 'running'")) >= 10)
    site.until(lambda: len(site.rows("job_id = 'eleventh' AND state = 'succeeded'")) > 3)
    assert len(site.rows("state = 'running' AND job_id <> 'eleventh'")) == 10


def test_children_do_not_outlive_a_clock_that_is_killed(site: Site) -> None:
    site.write(TIMEOUTS.replace("timeout=1", "timeout=999"))
    clock = site.start()
    site.until(lambda: running(NAP))
    clock.kill()
    clock.wait()
    site.until(lambda: not running(NAP))


@pytest.mark.slow
def test_a_job_with_a_timeout_gets_its_time_when_the_whole_dyno_is_told_to_stop(
    site: Site,
) -> None:
    import signal

    site.write(
        """
@sched.scheduled_job("interval", days=365, next_run_time=datetime.now(), timeout=20)
def work():
    note("begins")
    time.sleep(1.5)
    note("ends")
"""
    )
    clock = site.start()
    site.until(site.effects)
    for child in __import__("psutil").Process(clock.pid).children(recursive=True):
        child.terminate()
    os.kill(clock.pid, signal.SIGTERM)
    assert clock.wait(GUARD) == 0
    assert site.effects() == ["begins", "ends"]
    assert [row.state for row in site.rows()] == ["succeeded"]


def test_that_all_places_for_children_are_taken_is_told_once_while_it_lasts(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO", "clockdyno")
    rooms = places.Places(2)
    assert rooms.take() and rooms.take()
    assert not caplog.messages

    for _ in range(3):
        assert not rooms.take()
        rooms.give_back()
        assert rooms.take()
    assert len(caplog.messages) == 1 and caplog.messages[0].startswith("at=full children=2")

    rooms.give_back()
    rooms.give_back()
    assert rooms.take() and rooms.take() and not rooms.take()
    assert len(caplog.messages) == 2


def test_a_job_that_waits_for_a_childs_place_is_reported_and_not_skipped(on_sqlite: Site) -> None:
    site = on_sqlite
    site.write("""
def hangs():
    note("hangs")
    while not os.path.exists("enough"):
        time.sleep(0.05)

for n in range(4):
    sched.add_job(hangs, "interval", id=f"hangs{n}", hours=5, next_run_time=datetime.now(),
                  timeout=300)

@sched.scheduled_job("interval", seconds=1, timeout=300, catch_up=300)
def waits():
    if os.path.exists("enough"):
        note("waits")
""")
    site.start()
    site.until(lambda: site.effects().count("hangs") == 4)
    site.until(lambda: "at=full children=4" in site.log())
    full = datetime.now(UTC)
    site.pass_time(2)
    (site.folder / "enough").touch()
    site.until(lambda: "waits" in site.effects())

    waited = [row for row in site.rows("job_id = 'waits'") if row.scheduled_at > full]
    assert (waited[0].state, waited[0].reason) == ("missed", "coalesced")


def test_a_clock_that_another_clock_has_started_takes_its_children_from_its_own_folder(
    site: Site,
) -> None:
    """What the other one told its children of, too, is in the environment."""
    site.write(
        """
@sched.scheduled_job("interval", days=365, next_run_time=datetime.now(), timeout=20)
def work():
    note("here")
"""
    )
    other = site.folder.parent / "other"
    other.mkdir()
    site.start(CLOCK_PRELOAD=json.dumps([{"dir": str(other)}, []]))

    site.until(lambda: [row.state for row in site.rows()] == ["succeeded"])

    assert site.effects() == ["here"]
    assert list(other.iterdir()) == []
