"""The project that we stand in: found from any folder in it."""

import sys
from pathlib import Path

import pytest
from herokuclock import project
from herokuclock.errors import HerokuclockError

JOBS = 'from clockdyno import Clock\n\nsched = Clock(timezone="Asia/Tokyo")\n'


@pytest.fixture
def root(tmp_path, monkeypatch):
    root = tmp_path / "myapp"
    (root / "tests").mkdir(parents=True)
    (root / "jobs.py").write_text(JOBS)
    (root / ".herokuclock.toml").write_text('[answers]\ntimezone = "Europe/Berlin"\n')
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    monkeypatch.chdir(root)
    return root


def python_in(folder):
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").symlink_to(sys.executable)
    return folder / "bin" / "python"


def test_it_is_found_from_a_folder_below(root, monkeypatch):
    assert project.find().root == root
    monkeypatch.chdir(root / "tests")
    assert project.find().root == root
    assert project.find(root / "tests").root == root


def test_one_that_was_not_made_by_us_is_known_by_its_procfile(root):
    (root / ".herokuclock.toml").rename(root / "Procfile")
    assert project.find().root == root


def test_without_a_mark_there_is_none(root):
    (root / ".herokuclock.toml").unlink()
    with pytest.raises(HerokuclockError, match="There is no project here") as caught:
        project.find()
    assert "herokuclock new" in caught.value.hint and "herokuclock init" in caught.value.hint


def test_an_app_without_a_clock_is_told_of_init(root):
    (root / "jobs.py").unlink()
    with pytest.raises(HerokuclockError, match="no clock yet: there is no jobs.py") as caught:
        project.find()
    assert "herokuclock init" in caught.value.hint
    assert project.find(jobs=False).root == root


def test_a_clock_line_whose_file_is_gone_is_told_how_to_get_it_back(root):
    (root / "Procfile").write_text("clock: python -u ticker.py\n")
    with pytest.raises(
        HerokuclockError, match="line starts ticker.py, which is not there"
    ) as caught:
        project.find()
    assert "git restore ticker.py" in caught.value.hint


def test_the_clock_is_the_file_of_its_line(root):
    (root / "app").mkdir()
    (root / "jobs.py").rename(root / "app" / "jobs.py")
    (root / "Procfile").write_text("clock: python -m app.jobs\n")
    assert project.find(root / "app").source() == JOBS
    assert project.find().jobs_name == "app/jobs.py"


def test_its_own_environment_comes_before_the_active_one(root, monkeypatch, tmp_path):
    assert project.find().python() is None
    active = python_in(tmp_path / "active")
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "active"))
    assert project.find().python() == active
    assert project.find().python() == active
    own = python_in(root / ".venv")
    assert project.find().python() == own


def test_a_broken_environment_is_none(root):
    (root / ".venv" / "bin").mkdir(parents=True)
    (root / ".venv" / "bin" / "python").symlink_to("/nowhere/python")
    assert project.find().python() is None


def test_jobs_py_is_read_as_python_reads_it(root):
    (root / "jobs.py").write_bytes(b"\xef\xbb\xbfx = '\xc3\xa9'\r\n")
    assert project.find().source() == "\ufeffx = 'é'\r\n"
    (root / "jobs.py").write_bytes(b"# coding: latin-1\nx = '\xe9'\n")
    assert project.find().source() == "# coding: latin-1\nx = 'é'\n"


@pytest.mark.parametrize("content", [b"x = '\xe9'\n", b"# coding: nonsense\n"])
def test_what_cannot_be_decoded_is_refused(root, content):
    (root / "jobs.py").write_bytes(content)
    with pytest.raises(HerokuclockError, match="jobs.py cannot be decoded"):
        project.find().source()


def test_what_cannot_be_read_is_refused(root):
    (root / "jobs.py").unlink()
    with pytest.raises(HerokuclockError, match="jobs.py cannot be read: No such file"):
        project.Project(Path(root)).source()
