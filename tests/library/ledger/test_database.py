"""A database that is away, slow, locked, full or read-only: late, perhaps, but never lost."""

import socket
import sqlite3
import subprocess
from datetime import UTC, datetime, timedelta

import psutil
import pytest
import sqlalchemy as sa
from clockdyno.clock.process import heartbeat
from clockdyno.ledger import claims, database
from support import forks
from support.postgres import Postgres
from support.site import GUARD, Site, Webhook

TICK = """
@sched.scheduled_job("interval", seconds=1)
def tick(scheduled_at):
    note("tick", scheduled_at.isoformat())

@sched.scheduled_job("interval", seconds=2, catch_up=60)
def two(scheduled_at):
    note("two", scheduled_at.isoformat())
"""


def complete(site: Site) -> None:
    """Assert that each time that was due has its row, and each run its one effect."""
    for job, seconds in (("tick", 1), ("two", 2)):
        rows = site.rows(f"job_id = '{job}'")
        times = [row.scheduled_at for row in rows]
        assert times == [times[0] + timedelta(seconds=seconds * n) for n in range(len(times))]
        ran = [f"{job} {r.scheduled_at.isoformat()}" for r in rows if r.state == "succeeded"]
        assert sorted(ran) == sorted(effect for effect in site.effects() if job in effect)
        assert not [row for row in rows if row.state in ("running", "lost")]


def test_a_server_that_is_down_at_start_and_crashes_later_is_waited_for(
    on_postgres: Site, postgres: Postgres
) -> None:
    site = on_postgres
    site.write(TICK)
    postgres.kill()
    try:
        clock = site.start()
        site.until(lambda: "at=database state=away" in site.log())
    finally:
        postgres.start()
    site.until(lambda: len(site.effects()) > 2)
    postgres.kill()
    try:
        site.until(lambda: site.log().count("state=away") == 2)
        site.pass_time(1.5)  # a real outage: a fire or two must fall into it
    finally:
        postgres.start()
    number = len(site.effects())
    site.until(lambda: len(site.effects()) > number + 2)
    assert clock.poll() is None
    assert site.stop(clock) == 0
    assert site.log().count("at=database state=back") == 2
    complete(site)


def test_an_end_whose_answer_got_lost_is_written_once_and_believed(site: Site) -> None:
    database.set_up(site.engine)
    clock = claims.Ledger(site.engine)
    clock.register(paused=False)
    start = datetime(2027, 1, 4, tzinfo=UTC)
    clock.arrive({"job": "trigger"}, start)
    claim = clock.claim("job", start, 1)
    first, later = datetime.now(UTC), datetime.now(UTC) + timedelta(seconds=1)

    assert clock.finish(claim, state="failed", error="why", finished_at=first)
    assert clock.finish(claim, state="failed", error="why", finished_at=first)
    assert not clock.finish(claim, state="succeeded", error=None, finished_at=later)
    assert [row.error for row in site.rows()] == ["why"]


def test_what_the_database_says_is_told_by_whomever_it_is_passed_on() -> None:
    driver = OSError("server closed the connection unexpectedly\n\tThis probably means ...")
    wrapped, silent = RuntimeError("\n    Database error.\n"), sa.exc.OperationalError
    wrapped.__cause__ = driver

    assert heartbeat.reason(wrapped) == heartbeat.reason(driver) == str(driver).splitlines()[0]
    assert "(builtins.OSError) server closed" in heartbeat.reason(silent(None, None, driver))
    assert heartbeat.reason(TimeoutError()) == "TimeoutError"


def test_sigterm_while_the_database_is_away_ends_the_clock_well(
    on_postgres: Site, postgres: Postgres
) -> None:
    site = on_postgres
    site.write(TICK)
    postgres.kill()
    try:
        clock = site.start()
        site.until(lambda: "at=database state=away" in site.log())
        assert site.stop(clock) == 0
    finally:
        postgres.start()


def test_a_locked_file_delays_and_loses_nothing(on_sqlite: Site) -> None:
    site = on_sqlite
    site.write(TICK)
    clock = site.start()
    site.until(lambda: len(site.effects()) > 1)
    other = sqlite3.connect(str(site.engine.url.database), isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    site.pass_time(1.5)
    other.execute("ROLLBACK")
    other.close()
    number = len(site.effects())
    site.until(lambda: len(site.effects()) > number + 2)
    assert site.stop(clock) == 0
    complete(site)


@pytest.mark.slow
def test_a_full_disk_delays_and_loses_nothing(on_sqlite: Site) -> None:
    site = on_sqlite
    # The clock may not make its database any larger, until told otherwise.
    limit = """
from clockdyno.ledger import claims, tables
import sqlalchemy as sa

@sa.event.listens_for(sa.Engine, "begin")
def narrow(connection):
    most = 1 if os.path.exists("full") else 1000000
    connection.exec_driver_sql(f"PRAGMA clockdyno.max_page_count={most}")
"""
    site.write(limit + TICK.replace("note(", "time.sleep(0); note("))
    clock = site.start()
    site.until(lambda: len(site.effects()) > 1)
    # Fill the free room of the last page, so that the next rows need another one.
    (site.folder / "full").touch()
    site.execute("CREATE TABLE clockdyno.fill (a)")
    site.execute("INSERT INTO clockdyno.fill VALUES (zeroblob(9000))")
    site.until(lambda: "full" in site.log() and "state=away" in site.log())
    (site.folder / "full").unlink()
    number = len(site.effects())
    site.until(lambda: len(site.effects()) > number + 2)
    assert site.stop(clock) == 0
    complete(site)


@pytest.mark.slow
def test_a_read_only_database_delays_and_loses_nothing(on_postgres: Site) -> None:
    site = on_postgres
    site.write(TICK)
    clock = site.start()
    site.until(lambda: len(site.effects()) > 1)
    name = site.engine.url.database
    site.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    kick(site)
    site.until(lambda: "state=away" in site.log())
    site.pass_time(1.5)  # fires must fall into it
    site.engine.dispose()
    with site.engine.execution_options(postgresql_readonly=False).connect() as db:
        db.execute(sa.text("SET default_transaction_read_only = off"))
        db.commit()
        db.execute(sa.text(f"ALTER DATABASE {name} SET default_transaction_read_only = off"))
        db.commit()
    kick(site)
    number = len(site.effects())
    site.until(lambda: len(site.effects()) > number + 2)
    assert site.stop(clock) == 0
    complete(site)


def kick(site: Site) -> None:
    """End all sessions of the database but our own, so that new settings hold."""
    query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    with site.engine.connect() as db:
        db.execute(sa.text(query + " AND datname = current_database()")).all()


def test_the_clock_uses_at_most_two_connections(on_postgres: Site) -> None:
    site = on_postgres
    site.write("""
for n in range(60):
    sched.add_job(time.sleep, "interval", [0.1], id=f"job{n}", seconds=1)
""")
    clock = site.start()
    site.until(lambda: len(site.rows()) > 100)
    most = max(len(psutil.Process(clock.pid).net_connections("unix")) for _ in range(50))
    own = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    with site.engine.connect() as db:
        assert db.scalar(sa.text(own + " AND pid <> pg_backend_pid()")) <= 2
    assert most <= 3
    assert site.stop(clock) == 0


def test_an_alert_that_hangs_delays_nothing(on_sqlite: Site) -> None:
    site = on_sqlite
    site.write("""
from clockdyno.telling import web
web.SECONDS = 1000

@sched.scheduled_job("interval", seconds=1)
def fails():
    raise ValueError("for a reason")
""")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        clock = site.start(ALERT_WEBHOOK_URL=url)
        site.until(lambda: len(site.rows("state = 'failed'")) > 1)
        assert site.stop(clock) == 0
    assert "at=alert" not in site.log()  # The first one still hung.
    assert {row.state for row in site.rows()} == {"failed"}


def test_an_alert_that_cannot_be_sent_does_not_print_its_address(on_sqlite: Site) -> None:
    site = on_sqlite
    site.write("""
@sched.scheduled_job("interval", days=365, next_run_time=datetime.now())
def fails():
    raise ValueError("for a reason")
""")
    clock = site.start(ALERT_WEBHOOK_URL="hooks.example/services/SECRET")
    site.until(lambda: "at=alert" in site.log())
    assert site.stop(clock) == 0
    assert "state=failed error=ValueError" in site.log() and "SECRET" not in site.log()


def test_a_failure_is_told_with_its_reason(on_sqlite: Site, webhook: Webhook) -> None:
    site = on_sqlite
    site.write("""
@sched.scheduled_job("interval", days=365, next_run_time=datetime.now())
def fails():
    raise ValueError("for a reason")
""")
    clock = site.start(ALERT_WEBHOOK_URL=webhook.url)
    site.until(lambda: webhook.posts)
    assert site.stop(clock) == 0
    (post,) = webhook.posts
    assert "fails failed: ValueError: for a reason" in post


def test_a_dyno_without_a_database_is_warned_once_and_still_runs(on_sqlite: Site) -> None:
    site = on_sqlite
    site.write(TICK)
    env = {k: v for k, v in site.env(DYNO="clock.1").items() if k != "DATABASE_URL"}
    # The default file lies beside jobs.py; the clock folder is a link here, so copy it.
    process = forks.Fork(["jobs.py"], cwd=site.folder, env=env, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "state=succeeded" in line:
            break
    process.terminate()
    with process.stdout:
        lines += process.stdout.readlines()
    assert process.wait(GUARD) == 0
    assert sum("no shared database" in line for line in lines) == 1
    assert (site.folder / "clock.sqlite3").exists()
    assert all("dyno=clock.1" in line for line in lines if line.startswith("at="))
