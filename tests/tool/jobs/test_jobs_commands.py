"""`explain`, `add`, `remove` and `next` as a person types them, in a project of their own."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support import forks
from support.files import tree
from support.own_python import give_python
from support.program import Run

ARTICLE = "('cron', day_of_week='sat-sun', hour = '12–16', minute = '0–59/15')"


@pytest.fixture
def project(run: Run, lonely: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    done = run("new", "myapp", "--yes", "--timezone", "America/New_York")
    assert done.returncode == 0, done.stderr
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    monkeypatch.chdir("myapp")
    return lonely / "myapp"


@pytest.fixture
def with_python(project: Path, forked_python: None) -> Path:
    give_python(project)
    return project


def test_explain_needs_no_project_and_says_words_dates_rate_and_surprises(run: Run) -> None:
    shown = run("explain", ARTICLE, "--timezone", "America/New_York", "-n", "2")

    assert shown.returncode == 0, shown.stderr
    lines = shown.stdout.splitlines()
    assert " ".join(lines[:2]) == (
        "At :00, :15, :30 and :45 past every hour from 12:00 to 16:59, on Saturday and"
        " Sunday, New York time."
    )
    assert lines[2] == "20 runs a day on 2 days a week, 40 a week."
    assert len([line for line in lines if line.endswith(" UTC")]) == 2
    assert "! The hours 12-16 run on until 16:45. Until 16:00 it is two schedules." in lines


def test_words_need_no_quotes_on_the_command_line(run: Run) -> None:
    one = run("explain", "first", "monday", "of", "the", "month", "at", "9", "--json")
    other = run("explain", "first monday of the month at 9", "--json")

    assert json.loads(one.stdout)["words"] == json.loads(other.stdout)["words"]


@pytest.mark.parametrize(
    ("when", "reason", "hint"),
    [
        ("cron hour=25", "hour: 25 is not between 0 and 23", "cron hour=23"),
        ("0 9 * * 8", "day_of_week: 8 is not between 0 and 7", "0 9 * * 7"),
        ("every 15 mins past noon", 'character 15: "past" is not understood', "every 15 minutes"),
    ],
)
def test_a_schedule_that_is_not_understood_changes_nothing(
    run: Run, project: Path, when: str, reason: str, hint: str
) -> None:
    before = tree(project)
    for command in (("explain", when), ("add", "report", when)):
        done = run(*command)
        assert done.returncode == 2
        assert reason in done.stderr and hint in done.stderr
    assert tree(project) == before


def test_add_shows_the_preview_and_writes_the_job_and_a_test_that_passes(
    run: Run, with_python: Path
) -> None:
    done = run("add", "cleanup", "every day at 2:30am", "--doc", "Throw old rows away.")

    assert done.returncode == 0, done.stderr
    assert "At 02:30 every day, New York time." in done.stdout
    assert "there is no 02:30: it runs at 03:00." in done.stdout
    assert "Added cleanup: jobs.py and tests/test_job_cleanup.py." in done.stdout
    assert '"""Throw old rows away."""' in (with_python / "jobs.py").read_text()
    for command in (["-m", "pytest", "tests/test_job_cleanup.py"], ["-m", "clockdyno", "next"]):
        done = forks.run(command)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("words", [["bill: 0 9 1 * *"], ["bill:", "0 9 1 * *"]])
def test_add_takes_name_and_schedule_in_one_word_as_new_does(
    run: Run, project: Path, words: list[str]
) -> None:
    told = run("add", *words, "--dry-run")

    assert (told.returncode, told.stderr) == (0, "")
    assert "on day 1 of the month" in told.stdout


def test_add_without_a_schedule_says_how_one_is_typed(run: Run, project: Path) -> None:
    refused = run("add", "bill")

    assert refused.returncode == 2
    (line,) = re.findall("Hint: herokuclock (.*)", refused.stderr)
    assert run(*line.split(), "--dry-run").returncode == 0


def test_several_schedules_are_one_job(run: Run, with_python: Path) -> None:
    assert run("add", "bill", "0 9 1 * 5").returncode == 0

    shown = json.loads(run("next", "bill", "--json").stdout)
    assert shown["told_by"] == "clock"
    (job,) = shown["jobs"]
    assert "; and " in job["words"]


def test_remove_takes_out_what_add_wrote_to_the_byte(run: Run, project: Path) -> None:
    (project / "jobs.py").write_bytes((project / "jobs.py").read_bytes() + b"\n\n# my own end\n")
    before = tree(project)
    assert run("add", "report", "weekdays at 17:00").returncode == 0
    assert tree(project) != before
    assert run("remove", "report").returncode == 0
    assert tree(project) == before


def test_remove_keeps_a_job_with_work_in_it_unless_told(run: Run, project: Path) -> None:
    run("add", "report", "weekdays at 17:00")
    text = (project / "jobs.py").read_text()
    (project / "jobs.py").write_text(text.replace('log.info("report ran")', "send()"))

    refused = run("remove", "report")
    assert refused.returncode == 1
    assert "--force" in refused.stderr
    assert "send()" in (project / "jobs.py").read_text()
    assert run("remove", "report", "--force").returncode == 0
    assert "send()" not in (project / "jobs.py").read_text()


def test_a_jobs_file_that_does_not_parse_is_refused_and_left_alone(run: Run, project: Path) -> None:
    (project / "jobs.py").write_text("sched = (\n")
    for command in (("add", "report", "hourly"), ("remove", "hello"), ("next",)):
        done = run(*command)
        assert done.returncode != 0
        assert "jobs.py" in done.stderr and "Traceback" not in done.stderr
    assert (project / "jobs.py").read_text() == "sched = (\n"


@pytest.mark.parametrize("options", [(), ("-n", "3"), ("--from", "2027-03-13"), ("hello",)])
def test_next_is_the_table_of_the_project_with_and_without_its_environment(
    run: Run, with_python: Path, options: tuple[str, ...]
) -> None:
    # None of them may come due between one table and another.
    month = (datetime.now(UTC).month + 5) % 12 + 1
    run("remove", "hello")
    run("add", "hello", f"0 3 1 {month} *")
    run("add", "report", f"0 17 2 {month} *")
    told = run("next", *options)
    own = forks.run(["-m", "clockdyno", "next", *options])
    Path(".venv").rename("elsewhere")
    read = run("next", *options)

    assert told.returncode == own.returncode == read.returncode == 0, told.stderr + own.stderr
    # Each names itself in the line that says how to see more, and time goes on between them.
    shown, own_table, was_read = (
        re.sub(r" in \d+ \w+ ", " in ... ", text.replace("python -m clockdyno", "herokuclock"))
        for text in (told.stdout, own.stdout, read.stdout)
    )
    assert shown == own_table
    assert was_read.startswith(own_table)
    assert "Read from jobs.py without running it." in read.stdout


def test_next_shows_jobs_however_they_were_written(run: Run, with_python: Path) -> None:
    (with_python / "jobs.py").write_text(
        "from apscheduler.triggers.combining import OrTrigger\n"
        "from apscheduler.triggers.cron import CronTrigger\n"
        "from clockdyno import Clock\n\n"
        "sched = Clock(timezone='Europe/Berlin')\n"
        "hours = [6, 18]\n\n"
        "def mail(): pass\n\n"
        "sched.add_job(mail, OrTrigger([CronTrigger(hour=h) for h in hours]), id='mail')\n"
        "sched.add_job(mail, 'interval', hours=4, id='often')\n"
        "@sched.scheduled_job(CronTrigger.from_crontab('0 5 * * 0'))\n"
        "def weekly(): pass\n"
        "if __name__ == '__main__':\n    sched.start()\n"
    )
    shown = json.loads(run("next", "--json").stdout)

    assert {job["job"] for job in shown["jobs"]} == {"mail", "often", "weekly"}
    mail = next(job for job in shown["jobs"] if job["job"] == "mail")
    assert {fire["at"][11:16] for fire in mail["next"]} == {"06:00", "18:00"}


def test_the_calendar_is_drawn_in_the_terminal_and_as_an_svg(run: Run, project: Path) -> None:
    shown = run("next", "--calendar", "--from", "2027-03-10")
    assert "Sunday 14 March: 02:00 to 03:00 is skipped." in shown.stdout
    assert run("next", "--calendar", "--svg", "week.svg").returncode == 0
    assert Path("week.svg").read_text().startswith("<svg")


@pytest.mark.parametrize("command", [("add", "x", "hourly"), ("remove", "x"), ("next",)])
def test_outside_a_project_it_says_so(run: Run, lonely: Path, command: tuple[str, ...]) -> None:
    done = run(*command)
    assert done.returncode != 0
    assert "herokuclock new" in done.stderr
    assert tree(lonely) == {}


def test_add_leaves_a_scheduler_that_is_no_clock_to_init(
    run: Run, lonely: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (lonely / "Procfile").write_text("clock: python clock.py\n")
    source = "from apscheduler.schedulers.blocking import BlockingScheduler as Blocking\n"
    (lonely / "clock.py").write_text(f"{source}sched = Blocking()\nsched.start()\n")

    refused = run("add", "report", "weekdays", "at", "17:00")

    assert refused.returncode == 1
    assert "clock.py has a Blocking, which keeps no record" in refused.stderr
    assert "herokuclock init" in refused.stderr
    assert "def report" not in (lonely / "clock.py").read_text()
