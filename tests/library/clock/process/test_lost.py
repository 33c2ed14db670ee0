"""A clock that dies or falls silent in mid-job: somebody notices, and the schedule goes on."""

import contextlib
import os
import signal
import sqlite3
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from support.site import GUARD, Site, Webhook

HANGS_ONCE = """
@sched.scheduled_job("interval", seconds={seconds}, catch_up={catch_up})
def report(scheduled_at):
    note("report", scheduled_at.isoformat())
    if os.environ.get("HANG"):
        time.sleep(300)
"""


def killed_in_mid_job(site: Site, webhook: Webhook, seconds: int) -> None:
    """Kill a clock two seconds before its job's next fire, and start another one."""
    first = site.start(HANG="1")
    (running,) = site.until(lambda: site.rows("state = 'running'"))
    due = running.scheduled_at + timedelta(seconds=seconds)
    site.pass_time((due - datetime.now(UTC)).total_seconds() - 2)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    second = site.start(ALERT_WEBHOOK_URL=webhook.url)
    site.until(lambda: site.rows("state = 'lost'"))
    site.until(lambda: webhook.posts)
    assert "report was lost" in webhook.posts[0]
    site.until(lambda: [r for r in site.rows("state = 'succeeded'") if r.scheduled_at >= due])
    assert site.stop(second) == 0
    rows = site.rows()
    assert [row.state for row in rows if row.scheduled_at < due] == ["lost"]
    assert not [row for row in rows if row.state == "running"]
    ran = {row.scheduled_at for row in rows if row.state == "succeeded"}
    if seconds >= 10:
        assert due in ran


def test_a_run_whose_clock_was_killed_is_lost_and_told_and_the_next_fire_still_runs(
    site: Site, webhook: Webhook
) -> None:
    site.write(HANGS_ONCE.format(seconds=3, catch_up=20))
    killed_in_mid_job(site, webhook, 3)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_same_with_the_times_of_a_dyno(on_postgres: Site, webhook: Webhook) -> None:
    site = on_postgres
    site.write(HANGS_ONCE.format(seconds=60, catch_up=None), quick=False)
    killed_in_mid_job(site, webhook, 60)


BUSY = """
SELECT FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
"""


def freeze(site: Site, clock: subprocess.Popen[bytes]) -> bool:
    """Freeze a clock, but not within a transaction: another one would wait for its locks."""
    clock.send_signal(signal.SIGSTOP)
    if is_locked(site):
        clock.send_signal(signal.SIGCONT)
        return False
    return True


def is_locked(site: Site) -> bool:
    """Say whether somebody is in the middle of a transaction."""
    if site.engine.dialect.name == "postgresql":
        return bool(site.query(BUSY))
    with contextlib.closing(sqlite3.connect(str(site.engine.url.database), timeout=0)) as db:
        try:
            db.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
    return False


def test_a_frozen_clock_that_wakes_up_changes_nothing_and_registers_anew(site: Site) -> None:
    site.write(
        """
@sched.scheduled_job("interval", days=365, next_run_time=datetime.now())
def sleeper():
    note("begins")
    while not os.path.exists("thawed"):
        time.sleep(0.05)
    note("ends")

@sched.scheduled_job("interval", seconds=1)
def tick():
    pass
"""
    )
    frozen = site.start()
    site.until(lambda: "begins" in site.effects())
    site.until(lambda: freeze(site, frozen))
    try:
        site.write("")
        other = site.start()
        site.until(lambda: site.rows("job_id = 'sleeper' AND state = 'lost'"))
    finally:
        (site.folder / "thawed").touch()
        frozen.send_signal(signal.SIGCONT)
    site.until(lambda: "ignored=" in site.log())
    site.until(lambda: "again=" in site.log())
    site.until(lambda: site.rows("job_id = 'tick' AND state = 'succeeded' AND clock_id > 2"))
    with contextlib.suppress(ProcessLookupError):
        assert (site.stop(frozen), site.stop(other)) == (0, 0)
    assert [row.state for row in site.rows("job_id = 'sleeper'")] == ["lost"]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_run_that_keeps_killing_its_clock_is_not_started_for_ever(site: Site) -> None:
    site.write(
        """
@sched.scheduled_job("interval", days=365, next_run_time=datetime.now(), on_lost="rerun")
def deadly():
    note("deadly")
    os.kill(os.getpid(), 9)
"""
    )
    site.start().wait(GUARD)
    site.write(
        """
@sched.scheduled_job("interval", days=1, on_lost="rerun")
def deadly():
    note("deadly")
    os.kill(os.getpid(), 9)
"""
    )
    for _ in range(3):
        site.start().wait(GUARD)
    last = site.start()
    site.until(lambda: site.rows("state = 'lost' AND attempt = 4"))
    assert site.stop(last) == 0
    (row,) = site.rows()
    assert (row.attempt, row.due_at, len(site.effects())) == (4, None, 4)
