"""The next runs of a project, told by its own clock or read from jobs.py."""

import json
import sys
from datetime import UTC, date, datetime

import pytest
from herokuclock.errors import HerokuclockError
from herokuclock.preview import ClockZone
from herokuclock.project import Project
from herokuclock.show.project_week import week_of
from herokuclock.show.upcoming import read_literally, upcoming

NOW = datetime(2026, 11, 23, 18, tzinfo=UTC)
JOBS = """\
from clockdyno import Clock

sched = Clock(timezone="Asia/Tokyo")


@sched.scheduled_job("cron", hour=17)
def report():
    pass


@sched.scheduled_job("interval", minutes=15)
def hello():
    pass


sched.add_job(mail, "cron", hour=HOUR)
sched.add_job(mad, "cron", hour=25)
sched.add_job(odd, "cron", hour=1, timezone="Mars/Base")
sched.add_job(worse, "interval", minutes="x")
"""
# Prints what the project's own clock would; its arguments go into a file.
CLOCK = """\
import json, sys
from pathlib import Path

here = Path(__file__).parents[1]
(here / "asked.json").write_text(json.dumps(sys.argv[1:]))
print("[noise] from jobs.py")
print((here / "told.json").read_text())
"""


def told(job, *fires, zone="Europe/Berlin", words="At times."):
    return {
        "job": job,
        "zone": zone,
        "words": words,
        "next": [{"at": fire, "utc": fire} for fire in fires],
        "remarks": [{"code": "late", "text": "It is late.", "fix": "hour=5"}],
    }


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    root = tmp_path / "myapp"
    root.mkdir()
    (root / "jobs.py").write_text(JOBS)
    return Project(root)


@pytest.fixture
def clock(project):
    """Give the project an environment and a clock that tells what it is given."""
    (project.root / ".venv" / "bin").mkdir(parents=True)
    (project.root / ".venv" / "bin" / "python").symlink_to(sys.executable)
    # The folder that the command runs in comes before what is installed.
    (project.root / "clockdyno").mkdir()
    (project.root / "clockdyno" / "__init__.py").touch()
    (project.root / "clockdyno" / "__main__.py").write_text(CLOCK)

    def tell(*jobs):
        (project.root / "told.json").write_text(json.dumps(jobs, indent=2))

    return tell


def asked(project):
    return json.loads((project.root / "asked.json").read_text())


def test_the_projects_own_clock_tells_the_soonest_first(project, clock):
    clock(
        told("never"),
        told("late", "2026-11-25T09:00:00+01:00"),
        told("soon", "2026-11-24T09:00:00+01:00"),
    )
    found = upcoming(project, NOW, 3)
    assert found.told_by_clock
    assert [job.job for job in found.jobs] == ["soon", "late", "never"]
    assert found.notes == []
    assert asked(project) == ["next", "--json", "-n", "3"]
    assert found.jobs[0].next[0].tzname() == "CET"
    assert found.lines()[:5] == [
        "soon",
        "  At times.",
        "    Tue 24 Nov 2026  09:00 CET        08:00 UTC",
        "  ! It is late.",
        "    hour=5",
    ]


def test_the_start_is_handed_on(project, clock):
    clock()
    assert upcoming(project, NOW, start=NOW).lines() == ["jobs.py has no job."]
    assert asked(project)[-2:] == ["--from", "2026-11-23T18:00:00+00:00"]


def test_of_a_file_without_a_scheduler_no_zone_is_missed(project):
    (project.root / "jobs.py").write_text("print(1)\n")
    assert upcoming(project, NOW).surprises == []


def test_a_zone_that_only_the_project_knows_keeps_its_offset(project, clock):
    clock(told("soon", "2026-11-24T09:00:00+05:00", zone="My zone"))
    (job,) = upcoming(project, NOW).jobs
    assert job.to_json()["next"][0]["utc"] == "2026-11-24T04:00:00+00:00"
    assert job.zone == "My zone"


def test_one_job_is_picked_by_its_name(project, clock):
    clock(told("soon"), told("late"))
    assert [job.job for job in upcoming(project, NOW, name="late").jobs] == ["late"]
    with pytest.raises(HerokuclockError, match="There is no job 'lat'") as caught:
        upcoming(project, NOW, name="lat")
    assert caught.value.hint == "Did you mean late?"
    with pytest.raises(HerokuclockError) as caught:
        upcoming(project, NOW, name="xyz")
    assert caught.value.hint == "Jobs: soon, late."


def test_without_an_environment_jobs_py_is_read_and_that_is_said(project):
    found = upcoming(project, NOW, 1)
    assert not found.told_by_clock
    assert found.to_json()["told_by"] == "jobs.py"
    assert "herokuclock run makes it" in found.notes[0]
    assert [job.job for job in found.jobs] == ["hello", "report", "mad", "mail", "odd", "worse"]
    assert found.jobs[1].next[0].isoformat() == "2026-11-24T17:00:00+09:00"


def test_what_cannot_be_read_or_built_is_said(project):
    unread = {
        job.job: job.unread for job in read_literally(project, ClockZone("Asia/Tokyo"), NOW, 1)
    }
    assert unread["hello"] == []
    assert unread["mail"] == ["line 16: hour is not a literal"]
    assert unread["mad"][0].startswith("line 17: ")
    assert "25" in unread["mad"][0]
    assert "Mars/Base" in unread["odd"][0]
    assert unread["worse"][0].startswith("line 19: ")
    lines = upcoming(project, NOW, 1).lines()
    assert "  ? Not read: line 16: hour is not a literal." in lines


@pytest.mark.parametrize(
    ("clock_says", "reason"),
    [
        ("raise ImportError('No module named flask')", "ImportError: No module named flask"),
        ("print('nothing')", "it printed no JSON"),
        ("print('[1]')", "it printed no JSON"),
        ("print('[' * 3)", "it printed no JSON"),
        (
            "import sys; sys.exit('Error: two jobs have one id.\\nHint: do this.')",
            "two jobs have one id.",
        ),
    ],
)
def test_a_clock_that_cannot_tell_is_no_end(project, clock, clock_says, reason):
    (project.root / "clockdyno" / "__main__.py").write_text(clock_says)
    found = upcoming(project, NOW, 1)
    assert not found.told_by_clock
    assert found.notes[0].endswith(f"Its own Python could not tell: {reason}")
    assert len(found.jobs) == 6


def test_many_jobs_at_one_minute_are_remarked_on(project):
    lines = "".join(f'sched.add_job(f{n}, "cron", hour=9, second={n})\n' for n in range(5))
    (project.root / "jobs.py").write_text(f'sched = Clock(timezone="UTC")\n{lines}')
    found = upcoming(project, NOW, 2)
    (surprise,) = found.surprises
    assert surprise.text == "5 jobs start together at 09:00 UTC: f0, f1, f2, f3 and f4."
    assert f"! {surprise.text}" in found.lines()
    assert found.to_json()["remarks"][0]["code"] == "crowded"
    assert upcoming(project, NOW, 2, name="f0").surprises == []


def test_a_syntax_that_only_the_projects_python_knows_is_no_end(project, clock):
    clock(told("soon", "2026-11-24T09:00:00+01:00"))
    (project.root / ".herokuclock.toml").write_text('[answers]\ntimezone = "Europe/Berlin"\n')
    (project.root / "jobs.py").write_text("new syntax of a later day")
    assert [job.job for job in upcoming(project, NOW).jobs] == ["soon"]
    week, notes = week_of(project, date(2026, 11, 23))
    assert (week.zone, len(week.lanes), notes) == ("Europe/Berlin", 1, [])


def test_the_week_is_drawn_from_what_the_clock_tells(project, clock):
    clock(
        told("report", "2026-11-24T08:00:00+00:00", "2026-12-24T08:00:00+00:00"),
        told("hello", *["2026-11-23T00:00:00+09:00"] * 2100),
        told("dense", *["2026-11-23T00:00:00+09:00"] * 2100),
    )
    week, notes = week_of(project, date(2026, 11, 23))
    assert asked(project)[-2:] == ["--from", "2026-11-23T00:00:00+09:00"]
    lanes = {lane.job: lane.minutes for lane in week.lanes}
    assert lanes["report"] == [datetime(2026, 11, 24, 17)]
    # The clock did not get to the end of the week, jobs.py says it all.
    assert len(lanes["hello"]) == 7 * 96
    assert notes == ["dense runs too often to be drawn: At times."]


def test_the_week_is_drawn_from_jobs_py_where_there_is_no_environment(project):
    week, notes = week_of(project, date(2026, 11, 23))
    assert [lane.job for lane in week.lanes] == ["report", "hello"]
    assert "herokuclock run makes it" in notes[0]
    assert notes[1] == "mail is not in the picture: line 16: hour is not a literal."


def test_two_functions_of_one_name_are_two_jobs_that_the_clock_refuses(project):
    (project.root / "jobs.py").write_text(
        'sched = Clock(timezone="UTC")\n\n\n'
        '@sched.scheduled_job("cron", day_of_week="mon-fri", hour=17)\n'
        "def report():\n    pass\n\n\n"
        '@sched.scheduled_job("cron", day_of_week="sat", hour=13)\n'
        "def report():\n    pass\n"
    )
    first, second = read_literally(project, ClockZone("UTC"), NOW, 1)
    assert (first.job, first.words) == ("report", "At 17:00, Monday to Friday, UTC")
    assert (second.job, second.words) == ("report:10", "At 13:00, on Saturday, UTC")
    assert second.unread == [
        "line 10: the function on line 5 has this id too, and the clock refuses two jobs of one id"
    ]


def test_two_decorators_of_one_function_are_one_job(project):
    (project.root / "jobs.py").write_text(
        'sched = Clock(timezone="UTC")\n\n\n'
        '@sched.scheduled_job("cron", hour=17)\n'
        '@sched.scheduled_job("cron", hour=13)\n'
        "def report():\n    pass\n"
    )
    (only,) = read_literally(project, ClockZone("UTC"), NOW, 1)
    assert only.unread == [] and only.words == "At 17:00 every day; and at 13:00 every day, UTC"
