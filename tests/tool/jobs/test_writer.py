"""Jobs into and out of a project's folder: jobs.py and the job's test, both or none."""

import os
from pathlib import Path

import pytest
from clockdyno.schedule.typed import Schedule, parse
from herokuclock.errors import HerokuclockError
from herokuclock.jobs import file as jobs_file
from herokuclock.jobs.writer import UNFINISHED, add_to_project, remove_from_project
from support.files import TEMPLATE, tree

JOBS = TEMPLATE / "jobs.py"
WEEKDAYS = parse("weekdays at 17:00")


def is_whole(root, before):
    """Say whether the project is as before, or has the job and its test."""
    now = tree(root)
    if "tests/test_job_report.py" not in now:
        return now == before
    return now == {
        **before,
        "jobs.py": jobs_file.add(before["jobs.py"].decode(), "report", WEEKDAYS).encode(),
        "tests/test_job_report.py": jobs_file.test_source("report").encode(),
    }


def test_a_job_and_its_test_are_written_and_taken_out_again(root):
    before = tree(root)
    written = add_to_project(root, "report", WEEKDAYS)
    assert written == [root / "jobs.py", root / "tests" / "test_job_report.py"]
    assert is_whole(root, before)
    assert tree(root) != before
    assert remove_from_project(root, "report") == written
    assert tree(root) == before


def test_a_job_that_prints_gets_a_test_that_reads_what_it_prints(root):
    (root / "jobs.py").write_text("from clockdyno import Clock\n\nsched = Clock()\n")
    add_to_project(root, "report", WEEKDAYS)
    assert "capsys" in (root / "tests" / "test_job_report.py").read_text()
    remove_from_project(root, "report")
    assert "test_job_report.py" not in os.listdir(root / "tests")


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf", b"# coding: latin-1\nx = '\xe9'\n"])
def test_the_bytes_of_jobs_py_stay(root, newline, start):
    content = (start + JOBS.read_bytes()).replace(b"\n", newline)
    (root / "jobs.py").write_bytes(content)
    add_to_project(root, "report", WEEKDAYS)
    assert (root / "jobs.py").read_bytes().startswith(content[:300])
    assert b"def report" in (root / "jobs.py").read_bytes()
    remove_from_project(root, "report")
    assert (root / "jobs.py").read_bytes() == content


def test_what_the_files_encoding_cannot_hold_is_refused(root):
    (root / "jobs.py").write_bytes(b"# coding: latin-1\n" + JOBS.read_bytes())
    before = tree(root)
    with pytest.raises(HerokuclockError, match="is iso-8859-1, which cannot hold this job"):
        add_to_project(root, "report", WEEKDAYS, doc="Send the \N{ROCKET}")
    assert tree(root) == before


def test_the_mode_of_jobs_py_stays(root):
    (root / "jobs.py").chmod(0o750)
    add_to_project(root, "report", WEEKDAYS)
    assert (root / "jobs.py").stat().st_mode & 0o7777 == 0o750


def test_a_link_stays_a_link(root):
    (root / "src").mkdir()
    (root / "jobs.py").rename(root / "src" / "real.py")
    (root / "jobs.py").symlink_to("src/real.py")
    add_to_project(root, "report", WEEKDAYS)
    assert (root / "jobs.py").readlink() == Path("src/real.py")
    assert "def report" in (root / "src" / "real.py").read_text()
    assert [path.name for path in root.rglob("*") if path.name.startswith(".jobs")] == []


def test_a_planted_link_in_place_of_the_unfinished_file_is_not_followed(root, tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (root / f".jobs.py{UNFINISHED}").symlink_to(victim)
    add_to_project(root, "report", WEEKDAYS)
    assert victim.read_text() == "mine"


def test_a_file_that_does_not_parse_is_left_alone(root):
    (root / "jobs.py").write_text("def (")
    before = tree(root)
    for act in (
        lambda: add_to_project(root, "report", WEEKDAYS),
        lambda: remove_from_project(root, "hello"),
    ):
        with pytest.raises(HerokuclockError, match="jobs.py does not parse"):
            act()
    assert tree(root) == before


def test_a_test_that_is_there_already_is_not_overwritten(root):
    (root / "tests" / "test_job_report.py").write_text("mine")
    before = tree(root)
    with pytest.raises(HerokuclockError, match="tests/test_job_report.py exists already"):
        add_to_project(root, "report", WEEKDAYS)
    assert tree(root) == before


def test_an_edited_test_is_only_removed_with_force(root):
    add_to_project(root, "report", WEEKDAYS)
    (root / "tests" / "test_job_report.py").write_text("mine")
    before = tree(root)
    with pytest.raises(HerokuclockError, match="tests/test_job_report.py has been edited"):
        remove_from_project(root, "report")
    assert tree(root) == before
    remove_from_project(root, "report", force=True)
    assert "tests/test_job_report.py" not in tree(root)


def test_a_job_without_a_test_is_removed_all_the_same(root):
    (root / "tests" / "test_job_hello.py").unlink()
    assert remove_from_project(root, "hello") == [root / "jobs.py"]


def test_a_job_of_a_project_without_tests_gets_none(root):
    (root / "tests" / "test_job_hello.py").unlink()
    (root / "tests").rmdir()
    assert add_to_project(root, "report", WEEKDAYS) == [root / "jobs.py"]
    assert not (root / "tests").exists()
    assert remove_from_project(root, "report") == [root / "jobs.py"]


def test_the_clocks_file_is_the_one_of_its_line(root):
    (root / "site_").mkdir()
    (root / "jobs.py").rename(root / "site_" / "clock.py")
    (root / "Procfile").write_text("clock: python -m site_.clock\n")
    before = tree(root)
    written = add_to_project(root, "report", WEEKDAYS)
    assert written == [root / "site_" / "clock.py", root / "tests" / "test_job_report.py"]
    assert "from site_.clock import report" in written[1].read_text()
    remove_from_project(root, "report")
    assert tree(root) == before


def test_a_script_in_a_folder_gets_no_test_that_could_not_import_it(root):
    (root / "src").mkdir()
    (root / "jobs.py").rename(root / "src" / "clock.py")
    (root / "Procfile").write_text("clock: python src/clock.py\n")
    assert add_to_project(root, "report", WEEKDAYS) == [root / "src" / "clock.py"]


def test_a_job_by_its_id_takes_the_test_of_its_function_along(root):
    text = (root / "jobs.py").read_text().replace("minutes=15", 'minutes=15, id="greeting"')
    (root / "jobs.py").write_text(text)
    remove_from_project(root, "greeting")
    assert not (root / "tests" / "test_job_hello.py").exists()


def test_a_folder_that_may_not_be_written_is_refused_with_words(root):
    add_to_project(root, "report", [Schedule("interval", {"minutes": 5})])
    (root / "tests").rename(root / "other")
    (root / "tests").write_text("a file")
    with pytest.raises(HerokuclockError, match="jobs.py could not be changed") as caught:
        add_to_project(root, "mail", WEEKDAYS)
    assert "nothing is left half done" in caught.value.hint
    assert "def mail" not in (root / "jobs.py").read_text()
