"""A job that holds the interpreter's lock: its process lives, and is not taken for dead."""

import contextlib
import os
import signal
import subprocess
from pathlib import Path

import psutil
import pytest
from support.site import Site
from support.workers import WorkerSite

# What a long loop in C code does: no other thread runs meanwhile.
HOLDS = """
import ctypes

@sched.scheduled_job("interval", days=365, next_run_time=datetime.now(), on_lost="rerun")
def holds(scheduled_at):
    note("begins", scheduled_at.isoformat())
    ctypes.PyDLL(None).sleep({seconds})
    note("ends", scheduled_at.isoformat())
"""
ALSO = """
@sched.scheduled_job("interval", seconds=1)
def tick():
    pass

@sched.scheduled_job("interval", days=1, on_lost="rerun", executor="{executor}")
def holds(scheduled_at):
    note("begins again", scheduled_at.isoformat())
"""


def stand_in(process: subprocess.Popen[bytes]) -> psutil.Process | None:
    """Return the stand-in of a clock, if it is there."""
    for other in psutil.process_iter(["cmdline"]):
        line = other.info["cmdline"] or []
        if str(process.pid) in line and any("stand_in_program" in word for word in line):
            return other
    return None


def gone(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    return True


def held(site: Site, seconds: int) -> None:
    """Let one process be held while another lives, and see that nothing runs twice."""
    quick = seconds < 30
    begin = site.work if isinstance(site, WorkerSite) else site.start
    site.write(HOLDS.format(seconds=seconds), quick)
    clocks = [site.start()] if isinstance(site, WorkerSite) else []
    first = begin()
    site.until(site.effects)
    site.write(ALSO.format(executor="default"), quick)
    second = begin()
    site.until(lambda: len(site.effects()) > 1)
    site.until(lambda: site.rows("job_id = 'holds' AND state <> 'running'"))

    assert [line.split()[0] for line in site.effects()] == ["begins", "ends"]
    (row,) = site.rows("job_id = 'holds'")
    assert (row.state, row.attempt) == ("succeeded", 1)
    assert {site.stop(process) for process in (*clocks, first, second)} == {0}
    assert "again=" not in site.log()


def test_a_clock_whose_interpreter_is_held_is_not_taken_for_dead(site: Site) -> None:
    held(site, 7)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_same_with_the_times_of_a_dyno(site: Site) -> None:
    held(site, 45)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("seconds", [7, 45])
def test_a_worker_whose_interpreter_is_held_is_not_taken_for_dead(
    workers: WorkerSite, seconds: int
) -> None:
    held(workers, seconds)


def test_the_stand_in_is_small_keeps_nothing_of_its_clock_and_never_outlives_it(site: Site) -> None:
    site.write("@sched.scheduled_job('interval', seconds=1)\ndef tick():\n    note('tick')\n")
    clock = site.start()
    site.until(site.effects)
    found = stand_in(clock)
    assert found
    found.send_signal(signal.SIGTERM)
    found.send_signal(signal.SIGINT)
    files = [str(fd.readlink()) for fd in Path(f"/proc/{found.pid}/fd").iterdir()]

    assert [name for name in files if not name.startswith("pipe:")] == ["/dev/null"] * 2
    assert psutil.Process(clock.pid).children() == []
    assert found.memory_full_info().uss < 8 * 1024**2
    found.kill()
    another = site.until(lambda: stand_in(clock))
    clock.kill()
    clock.wait()
    site.until(lambda: gone(another))


FORKS = """
@sched.scheduled_job("interval", days=365, next_run_time=datetime.now())
def forks():
    if os.fork() == 0:
        note(os.getpid())
        time.sleep(300)
"""


def test_a_stand_in_ends_although_a_child_of_its_dead_clock_keeps_its_pipe(on_sqlite: Site) -> None:
    site = on_sqlite
    site.write(FORKS)
    clock = site.start()
    child = int(site.until(site.effects)[0])
    found = site.until(lambda: stand_in(clock))
    os.kill(clock.pid, signal.SIGKILL)
    clock.wait()
    site.until(lambda: gone(found))
    alive = psutil.pid_exists(child)
    os.kill(child, signal.SIGKILL)

    assert alive
