"""What one job may do to the others: overlap, hang, die. And what a timeout ends."""

import json
import os
import threading
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from clockdyno.clock.process import places
from clockdyno.ledger import claims, database, settling
from support.postgres import Postgres
from support.site import GUARD, Site

OVERLAP = """
@sched.scheduled_job("interval", seconds=1, max_instances={most})
def long():
    note("+")
    await_word("end")
    note("-")
"""


@pytest.mark.parametrize("most", [1, 2])
def test_two_clocks_together_keep_to_max_instances(site: Site, most: int) -> None:
    site.write(OVERLAP.format(most=most))
    clocks = [site.start(), site.start()]
    site.until(lambda: site.effects().count("+") == most)
    site.until(lambda: site.rows("reason IN ('overlap', 'coalesced')"))
    site.say("end")
    site.until(lambda: site.effects().count("-") > most)
    assert [site.stop(clock) for clock in clocks] == [0, 0]

    at_once = highest = 0
    for effect in site.effects():
        at_once += 1 if effect == "+" else -1
        highest = max(highest, at_once)
    assert highest == most
    # Missed, where it took the clocks until the next fire to be sure that the other one lives.
    left_out = {(row.state, row.reason) for row in site.rows() if row.state != "succeeded"}
    assert left_out and left_out <= {("skipped", "overlap"), ("missed", "coalesced")}


def race(url: str, rounds: int) -> int:
    """Let eight clocks claim eight fires of one job at once; return how often two won."""
    start = datetime(2027, 1, 4, tzinfo=UTC)
    clocks = [claims.Ledger(database.connect(url)) for _ in range(8)]
    database.set_up(clocks[0].engine)
    for clock in clocks:
        clock.register(paused=False)
    clocks[0].arrive({"job": "trigger"}, start)
    both = 0
    for number in range(rounds):
        gate, won = threading.Barrier(8), list[settling.Claim]()

        def claim(clock: claims.Ledger, fire: datetime, gate=gate, won=won) -> None:  # type: ignore[no-untyped-def]
            gate.wait()
            found = clock.claim("job", fire, 1)
            if found.outcome == "won":
                won.append(found)

        fires = [start + timedelta(minutes=8 * number + n) for n in range(8)]
        threads = [
            threading.Thread(target=claim, args=pair) for pair in zip(clocks, fires, strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert won
        both += len(won) > 1
        for found in won:
            clocks[0].finish(found, state="succeeded")
    for clock in clocks:
        clock.engine.dispose()
    return both


def test_claims_at_the_same_moment_never_overlap(site: Site) -> None:
    assert race(site.url, 30) == 0


def test_without_the_row_lock_they_would(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        settling, "LOCK", settling.LOCK.with_only_columns(*settling.LOCK.selected_columns)
    )
    monkeypatch.setattr(settling.LOCK, "_for_update_arg", None)

    assert race(postgres.create(), 30) > 0


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
