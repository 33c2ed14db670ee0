"""The zone of the preview is the zone of the clock: read, else asked, else said to be unknown."""

import json
from pathlib import Path

import pytest
from herokuclock.jobs.zone import zone_of
from herokuclock.project import Project
from support.own_python import give_python
from support.program import Run

START = '\n\nif __name__ == "__main__":\n    sched.start()\n'


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project that `new` was told New York for, without an environment of its own."""
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    monkeypatch.delenv("TZ", raising=False)
    monkeypatch.delenv("CLOCK_TZ", raising=False)
    (tmp_path / ".herokuclock.toml").write_text('[answers]\ntimezone = "America/New_York"\n')
    (tmp_path / "Procfile").write_text("clock: python jobs.py\n")
    return Project(tmp_path)


@pytest.fixture
def with_python(project: Project, forked_python: None) -> Project:
    give_python(project.root)
    return project


def write(project: Project, lines: str) -> None:
    source = f"import os\n\nfrom clockdyno import Clock\n\n{lines}{START}"
    (project.root / "jobs.py").write_text(source)


@pytest.mark.parametrize(
    "line",
    [
        'sched = Clock(timezone="Asia/Kolkata")',
        'sched = Clock({"apscheduler.timezone": "Asia/Kolkata"})',
        'sched = Clock(gconfig={"apscheduler.timezone": "Asia/Kolkata"})',
        'sched = Clock(**{"timezone": "Asia/Kolkata"})',
        'CONFIG = {"apscheduler.timezone": "Asia/Kolkata"}\nsched = Clock(CONFIG)',
    ],
)
def test_a_zone_that_stands_there_is_read(project: Project, line: str) -> None:
    write(project, line)
    assert zone_of(project) == ("Asia/Kolkata", ())


@pytest.mark.parametrize("line", ["sched = Clock()", "sched = Clock(timezone=None)"])
def test_a_clock_without_a_zone_counts_as_on_a_dyno_and_that_is_said(
    project: Project, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    write(project, line)
    zone, (surprise,) = zone_of(project)
    assert zone == "UTC"
    assert "names no time zone" in surprise.text
    assert surprise.fix == 'sched = Clock(timezone="America/New_York")'
    monkeypatch.setenv("TZ", "Asia/Taipei")
    assert zone_of(project).name == "Asia/Taipei"


COMPUTED = [
    'sched = Clock(timezone=os.environ.get("CLOCK_TZ", "Asia/Kolkata"))',
    'def make():\n    return Clock(timezone="Asia/Kolkata")\n\n\nsched = make()',
    'sched = Clock(timezone="UTC")\nsched.configure(timezone="Asia/Kolkata")',
    'if os.sep == "/":\n    sched = Clock(timezone="Asia/Kolkata")\n'
    'else:\n    sched = Clock(timezone="UTC")',
]


@pytest.mark.parametrize("line", COMPUTED)
def test_what_only_running_it_tells_is_asked_of_the_projects_python(
    with_python: Project, line: str
) -> None:
    write(with_python, line)
    assert zone_of(with_python) == ("Asia/Kolkata", ())


@pytest.mark.parametrize("line", COMPUTED)
def test_without_a_python_to_ask_the_zone_is_unknown(project: Project, line: str) -> None:
    write(project, line)
    zone, (surprise,) = zone_of(project)
    assert zone is None
    assert "herokuclock run makes it" in surprise.text


def test_a_python_that_cannot_tell_gives_its_reason(with_python: Project) -> None:
    write(with_python, 'sched = Clock(timezone=os.environ["NO_SUCH_VARIABLE"])')
    zone, (surprise,) = zone_of(with_python)
    assert zone is None
    assert "NO_SUCH_VARIABLE" in surprise.text and "Hint" not in surprise.text


def test_a_preview_without_a_zone_shows_times_on_the_wall_and_names_no_zone(
    project: Project, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(project, COMPUTED[0])
    monkeypatch.chdir(project.root)
    shown = run("add", "cleanup", "every day at 3", "--dry-run")
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.splitlines()[0] == "At 03:00 every day."
    assert "New York" not in shown.stdout and "UTC" not in shown.stdout.split("!")[0]
    told = json.loads(run("explain", "every day at 3", "--json").stdout)
    assert told["zone"] is None
    assert {fire["utc"] for fire in told["next"]} == {None}
    own = json.loads(run("explain", "every day at 3 in Tokyo", "--json").stdout)
    assert own["zone"] == "Asia/Tokyo" and own["remarks"] == []


def test_add_and_next_show_the_clocks_zone_and_not_that_of_new(
    with_python: Project, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(with_python, "sched = Clock()")
    monkeypatch.chdir(with_python.root)
    added = run("add", "cleanup", "every day at 3")
    assert "At 03:00 every day, UTC." in added.stdout
    assert "! The clock names no time zone" in added.stdout
    told = json.loads(run("next", "--json").stdout)
    assert [job["zone"] for job in told["jobs"]] == ["UTC"]
    assert [remark["code"] for remark in told["remarks"]] == ["no-zone"]
