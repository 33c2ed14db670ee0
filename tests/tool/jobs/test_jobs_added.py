"""A job that is added to jobs.py: where it stands, what it says, and what refuses it."""

import ast
import subprocess

import pytest
from herokuclock.errors import HerokuclockError
from herokuclock.jobs import file as jobs_file
from hypothesis import given
from hypothesis import strategies as st
from support import forks
from support.files import TEMPLATE
from support.jobs_files import (
    CONFIG,
    EVERY_DAY,
    FEW,
    FILES,
    FORMATTED,
    LONG,
    RUFF,
    ruff,
    unformatted,
)


@pytest.mark.hypothesis
def test_any_description_ends_up_as_inert_text():
    texts = []
    describe(texts)

    assert unformatted(texts) == []


@given(doc=st.text(max_size=60))
def describe(texts, doc):
    added = jobs_file.add(FORMATTED["template"], "report", EVERY_DAY, doc=doc)
    before, after = ast.parse(FORMATTED["template"]), ast.parse(added)
    assert len(after.body) == len(before.body) + 1
    assert ast.dump(after.body[-2].body[1]) == ast.dump(ast.parse('log.info("report ran")').body[0])
    assert jobs_file.remove(added, "report") == FORMATTED["template"]
    texts.append(added)


def test_the_templates_own_job_is_what_add_writes():
    source = (TEMPLATE / "jobs.py").read_bytes().decode()
    without = jobs_file.remove(source, "hello")
    assert "hello" not in without
    doc = "Say hello; put your own work here."
    assert jobs_file.add(without, "hello", [FEW], doc=doc) == source
    assert len(source.splitlines()) < 40
    test = TEMPLATE / jobs_file.test_path("hello")
    assert test.read_text() == jobs_file.test_source("hello")


def test_the_block_stands_above_the_guard():
    added = jobs_file.add(FORMATTED["template"], "report", [*EVERY_DAY, LONG])
    assert added == FORMATTED["template"].replace(
        "if __name__",
        '''\
@sched.scheduled_job("cron", day_of_week="mon-fri", hour="17")
@sched.scheduled_job(
    "cron",
    day_of_week="sat-sun",
    hour="12-16",
    minute="0-59/15",
    timezone="America/New_York",
    start_date="2027-01-01 00:00:00",
    end_date="2027-12-31 00:00:00",
)
def report():
    """Say what this job does; it is shown beside its runs."""
    log.info("report ran")


if __name__''',
    )


@pytest.mark.parametrize(
    ("file", "start"),
    [
        ("one blank line above the guard", "if __name__"),
        ("no guard, no blank line", "sched.start()"),
        ("started by a function", "main()\n"),
        ("comments around", "# The clock dyno"),
        ("semicolons", "x = 1; sched.start()"),
    ],
)
def test_a_job_is_known_before_the_clock_starts(file, start):
    added = jobs_file.add(FILES[file], "report", EVERY_DAY)
    assert added.index("def report") < added.rindex(start)


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("template", 'log.info("report ran")'),
        ("started by a function", 'logger.info("report ran")'),
        ("nothing starts it here", 'logging.getLogger("jobs").info("report ran")'),
        ("one blank line above the guard", 'print("report ran")'),
    ],
)
def test_the_job_uses_only_names_that_the_file_has(file, line):
    added = jobs_file.add(FILES[file], "report", EVERY_DAY)
    assert line in added
    assert ruff(["check"], "--select", "F821", "-", text=added).returncode == 0


def test_the_scheduler_that_is_started_gets_the_job():
    source = "from clockdyno import Clock as C\n\nold: C = C()\nnew = C()\nnew.start()\n"
    assert "@new.scheduled_job" in jobs_file.add(source, "report", EVERY_DAY)
    imported = "from machinery import ticker\n\nticker.add_job(print, 'cron')\n"
    assert "@ticker.scheduled_job" in jobs_file.add(imported, "report", EVERY_DAY)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("x = 1\n", "no scheduler"),
        ("if __name__ == '__main__':\n    sched = Clock()\n    sched.start()\n", "no scheduler"),
        ("def main():\n    sched = Clock()\n    sched.start()\n", "no scheduler"),
        ("sched = Clock(); sched.start()\n", "makes and starts its scheduler on line 1"),
        ("sched = Clock(\n", "does not parse: line 1: '\\(' was never closed"),
        ("sched = Clock()\nreturn\n", "does not parse: line 2: 'return' outside function"),
        ("sched = Clock()\n\x00", "does not parse"),
        ("sched = Clock('\ud800')\n", "does not parse"),
        ("sched = Clock()\nx = " + "-" * 100_000 + "1", "nested too deeply"),
        ("sched = Clock()\nx = " + "1+" * 100_000 + "1", "nested too deeply"),
        ("sched = Clock()\nx = " + "(" * 1_000, "does not parse"),
        ("sched = Clock()\n" + "#" * 1_000_000, "too large"),
    ],
)
def test_a_file_that_cannot_take_a_job_is_refused_with_a_hint(source, message):
    with pytest.raises(HerokuclockError, match=message) as caught:
        jobs_file.add(source, "report", EVERY_DAY)
    assert caught.value.hint
    assert len(caught.value.message) < 120
    with pytest.raises(HerokuclockError):
        jobs_file.set_timezone(source, "UTC")


@pytest.mark.parametrize(
    "name",
    [
        "hello",
        "log",
        "sched",
        "Clock",
        "logging",
        "Hello",
        "taken",
        "deep",
        "used",
        "other-id",
        "id",
    ],
)
def test_a_name_that_the_file_has_already_is_refused(name):
    source = FORMATTED["template"].replace(
        "\n\n\nif",
        """


@sched.scheduled_job("cron", hour=1, id="taken")
def other():
    global deep
    deep = used()


if""",
    )
    with pytest.raises(HerokuclockError) as caught:
        jobs_file.add(source, name, EVERY_DAY)
    assert caught.value.hint


def test_a_description_that_does_not_fit_is_refused():
    with pytest.raises(HerokuclockError, match="longer than"):
        jobs_file.add(FORMATTED["template"], "report", EVERY_DAY, doc="x" * 100)
    longest = jobs_file.add(FORMATTED["template"], "r" * 50, [LONG], doc="x" * 86)
    assert ruff(["check"], "-", text=longest).returncode == 0


@pytest.mark.parametrize("logs", [True, False])
def test_the_test_of_a_job_passes_and_is_clean(tmp_path, logs):
    source = "import logging\n\n" if logs else ""
    source += "from apscheduler.schedulers.blocking import BlockingScheduler\n\n"
    source += "sched = BlockingScheduler()\n"
    (tmp_path / "tests").mkdir()
    for name in ("report", "r" * 50):
        source = jobs_file.add(source, name, EVERY_DAY)
        test = jobs_file.test_source(name, prints=not logs)
        (tmp_path / jobs_file.test_path(name)).write_text(test)
    (tmp_path / "jobs.py").write_text(source)
    (tmp_path / "pyproject.toml").write_text(CONFIG.read_text())
    tested = forks.run(["-m", "pytest"], cwd=tmp_path)
    assert tested.returncode == 0, tested.stdout
    for checked in (["check"], ["format", "--check"]):
        done = subprocess.run([RUFF, *checked], cwd=tmp_path, capture_output=True, check=False)
        assert done.returncode == 0, done.stdout.decode()
