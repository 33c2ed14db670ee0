"""`python -m clockdyno`: next, check, run, pause, resume, history, setup."""

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import Mock

import pytest
from clockdyno import __main__ as program
from clockdyno.commands import upkeep
from support.checks import check
from support.postgres import Postgres
from support.site import GUARD, Site

TICK = """
@sched.scheduled_job("interval", seconds=1)
def tick(scheduled_at):
    note("tick", scheduled_at.isoformat())
"""
DAILY = """
@sched.scheduled_job("cron", hour=4, timezone="America/New_York")
def report():
    note("report")
    if "LONG" in os.environ:
        await_word("end")
"""


def test_next_shows_each_job_in_words_and_times(site: Site) -> None:
    site.write(DAILY)

    (shown,) = json.loads(site.command("next", "--json", "-n", "2").stdout)
    assert (shown["job"], shown["zone"], len(shown["next"])) == ("report", "America/New_York", 2)
    assert "04:00" in shown["words"] and "T04:00:00" in shown["next"][0]["at"]
    assert shown["next"][0]["utc"].endswith("+00:00")
    assert site.command("next").stdout.splitlines()[0].endswith("  At 04:00 every day")
    assert site.command("next", "report").stdout.startswith("report\n  At 04:00 every day")
    (later,) = json.loads(site.command("next", "--json", "-n", "1", "--from", "2027-03-08").stdout)
    assert later["next"][0]["at"] == "2027-03-08T04:00:00-05:00"
    for mistake in (["nobody"], ["--from", "2027-13-01"], ["-n", "0"]):
        assert site.command("next", *mistake).returncode == 2


IN_CHILD = """
class FakeApp:
    def app_context(self): return open(os.devnull)
sched.add_job(print, 'interval', hours=1, timeout=3)
"""
REFUSED = [
    ("sched = Clock(timezone='Mars/Olympus')", "Mars/Olympus"),
    ("sched.add_job(print, 'cron', hour=25)", "hour: 25"),
    ("sched.add_job('nowhere:nothing', 'interval', hours=1)", "nowhere"),
    ("sched.add_job(print, 'interval', hours=1, on_lost='x')", "on_lost"),
    ("sched.add_job(print, 'interval', hours=1, id='x' * 6000)", "6000 characters"),
    ("for f in (note, print): sched.add_job(f, 'interval', hours=1, id='a')", "id"),
    ("def report(*words): pass\nsched.add_job(report, 'interval', hours=1)", "report"),
    ("def steps(): yield\nsched.add_job(steps, 'interval', hours=1)", "for _ in steps(): pass"),
    ("sched.start()", "__main__"),
    ("other = Clock()", "2 clocks"),
    ("sched = Clock(timezone='UTC', app='app')", 'app="app:create_app"'),
    ("sched = Clock(timezone='UTC', app='nowhere:app')", "No module named 'nowhere'"),
    (f"sched = Clock(timezone='UTC', app=lambda: FakeApp())\n{IN_CHILD}", "no name to be found"),
]
SEVERAL = """
sched.add_job(print, 'cron', day=30, month=2, id='february')
sched.add_job(print, 'date', run_date='2020-01-01 00:00:00', id='past')
sched.add_job(lambda: 1, 'interval', hours=1, timeout=3, id='nameless')
"""


def test_check_finds_mistakes_and_exits_2(tmp_path: Path) -> None:
    *found, several = check(tmp_path, *(f"{DAILY}\n{body}" for body, _ in REFUSED), SEVERAL)

    for (body, complaint), (code, errors, _) in zip(REFUSED, found, strict=True):
        assert code == 2 and len(errors) == 1 and complaint in errors[0], (body, errors)
    words = ["february never fires", "nameless has a timeout", "importable"]
    assert several.code == 2 and len(several.errors) == 2
    assert [word for word in words if word not in " ".join(several.errors)] == []


def test_a_schedule_that_is_over_is_a_note_and_one_that_could_never_fire_a_mistake(
    tmp_path: Path,
) -> None:
    ended = ("'cron', hour=9, end_date='2020-06-01'", "'date', run_date='2020-01-01'")
    over = "\n".join(f"sched.add_job(print, {when}, id='job{n}')" for n, when in enumerate(ended))
    never = "sched.add_job(print, 'cron', month=2, day=30, end_date='2020-06-01', id='never')"

    had, has_not = check(tmp_path, f"{DAILY}\n{over}", f"{DAILY}\n{never}")

    assert (had.code, had.errors) == (0, [])
    assert [note.split(":")[0] for note in had.notes][:2] == ["job0 is over", "job1 is over"]
    assert has_not.code == 2 and "never never fires" in has_not.errors[0]


def test_check_accepts_good_jobs_and_names_those_that_are_gone(site: Site) -> None:
    site.write(DAILY)
    clock = site.start()
    site.until(lambda: "at=start" in site.log())
    site.stop(clock)
    site.write(DAILY.replace("report", "renamed"))
    done = site.command("check", "--json")

    assert done.returncode == 0
    assert any("report is not in jobs.py" in note for note in json.loads(done.stdout)["notes"])


def test_run_now_is_one_run_of_its_own_kind_however_often_it_is_asked_for(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.write(DAILY)
    assert site.command("run-now", "report").returncode == 2
    clock = site.start()
    site.until(lambda: "at=start" in site.log())
    from clockdyno.ledger import orders

    one_second = Mock(now=Mock(return_value=datetime.now(UTC)))
    monkeypatch.setattr(orders, "datetime", one_second)
    for _ in range(3):
        assert orders.run_now(site.engine, "report")
    site.until(lambda: "report" in site.effects())
    site.until(lambda: not site.rows("state = 'running'"))
    site.stop(clock)

    rows = site.rows()
    assert {(row.kind, row.state, row.attempt) for row in rows} == {("manual", "succeeded", 1)}
    assert len(rows) == len(site.effects()) == 1
    (shown, *_) = json.loads(site.command("history", "--json").stdout)
    assert (shown["job_id"], shown["state"]) == ("report", "succeeded")


def test_a_clock_that_was_killed_is_not_said_to_run_anything(site: Site) -> None:
    site.write(DAILY)
    clock = site.start()
    site.until(lambda: "at=start" in site.log())
    assert site.command("run-now", "report").stdout == "report will run within seconds.\n"
    clock.kill()
    clock.wait()
    long_ago = "'2026-01-01 00:00:00.000000'"
    site.execute(f"UPDATE clockdyno.clocks SET heartbeat_at = {long_ago}")
    asked = site.command("run-now", "report")

    assert asked.returncode == 0
    assert asked.stdout.startswith("report is asked for.\nNo clock is up: start one")


def test_run_now_obeys_max_instances(site: Site) -> None:
    from clockdyno.ledger import orders

    site.write(DAILY)
    clock = site.start(LONG="1")
    site.until(lambda: "at=start" in site.log())
    assert site.command("run-now", "report").returncode == 0
    (first,) = site.until(lambda: site.rows("state = 'running'"))
    site.until(lambda: datetime.now(UTC) > first.scheduled_at + timedelta(seconds=1))
    assert orders.run_now(site.engine, "report")
    site.until(lambda: site.rows("state = 'skipped'"))
    site.say("end")
    site.stop(clock)
    assert site.effects() == ["report"]


@pytest.mark.slow
def test_a_paused_job_leaves_no_rows_and_is_not_caught_up(site: Site) -> None:
    site.write(TICK)
    clock = site.start()
    site.until(lambda: len(site.effects()) >= 2)
    assert site.command("pause", "tick").returncode == 0
    assert site.command("run-now", "tick").returncode == 0
    site.until(lambda: site.rows("kind = 'manual' AND state = 'succeeded'"))
    paused = datetime.now(UTC)  # The clock has looked at what was asked of it.
    site.pass_time(1.5)
    site.stop(clock)
    clock = site.start()
    site.until(lambda: site.log().count("at=start") == 2)
    resumed = datetime.now(UTC)
    assert site.command("resume", "tick").returncode == 0
    site.until(lambda: site.rows("kind = 'scheduled'")[-1].scheduled_at > resumed)
    site.stop(clock)
    rows = site.rows("kind = 'scheduled'")
    assert not [row for row in rows if paused < row.scheduled_at < resumed]


def test_clock_paused_stops_all_fires_and_owes_nothing_afterwards(site: Site) -> None:
    site.write(TICK + DAILY)
    clock = site.start(CLOCK_PAUSED="1")
    site.until(lambda: "at=start" in site.log())
    asked = site.command("run-now", "report")
    assert (asked.returncode, "CLOCK_PAUSED is set" in asked.stdout) == (0, True)
    site.pass_time(1.1)
    paused = datetime.now(UTC)
    site.pass_time(1.5)  # for the last fire before to be let pass
    assert [row.state for row in site.rows()] == ["requested"]
    site.stop(clock)
    clock = site.start()
    site.until(lambda: len(site.effects()) >= 2 and "report" in site.effects())
    site.stop(clock)
    assert not [row for row in site.rows("kind = 'scheduled'") if row.scheduled_at < paused]


def test_setup_on_a_dyno_without_a_database_says_so_and_lets_the_release_go_on(
    on_sqlite: Site,
) -> None:
    done = on_sqlite.command("setup", DYNO="release.1", DATABASE_URL="")

    assert done.returncode == 0
    assert "no shared database" in done.stdout and "heroku addons:create" in done.stdout
    assert not (on_sqlite.folder / "clock.sqlite3").exists()


def test_setup_waits_for_a_database_that_has_just_been_made(
    on_postgres: Site, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses = list[float]()

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            postgres.start()

    monkeypatch.setenv("DATABASE_URL", on_postgres.url)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(upkeep, "time", Mock(sleep=sleep))
    postgres.kill()
    try:
        assert program.main(["setup"]) == 0
    finally:
        postgres.start()

    assert pauses == [1, 2]
    assert on_postgres.rows() == []


def test_setup_refuses_a_database_that_it_does_not_know(on_sqlite: Site) -> None:
    done = on_sqlite.command("setup", DATABASE_URL="mysql://somebody:secret@host/name")

    assert done.returncode == 1
    assert done.stderr.startswith("Error: DATABASE_URL is neither")
    assert "secret" not in done.stderr


def test_setup_by_several_processes_at_once_makes_the_tables_once(site: Site) -> None:
    site.write(DAILY)
    several = [site.begin("-m", "clockdyno", "setup") for _ in range(4)]

    assert [process.wait(GUARD) for process in several] == [0] * 4
    assert site.rows() == []


def test_tables_of_an_earlier_version_are_brought_up_to_date_and_keep_their_rows(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    from clockdyno.ledger import database

    database.set_up(site.engine)
    site.execute(
        "INSERT INTO clockdyno.runs (job_id, scheduled_at, kind, state, attempt, count)"
        " VALUES ('a', '2027-01-04 00:00:00.000000', 'scheduled', 'succeeded', 1, 1)"
    )
    colour = "ALTER TABLE clockdyno.runs ADD COLUMN colour TEXT"
    monkeypatch.setattr(database, "STEPS", (*database.STEPS, colour))
    for _ in range(2):
        database.set_up(site.engine)

    site.execute("UPDATE clockdyno.runs SET colour = 'red'")
    assert len(site.rows("colour = 'red'")) == 1
