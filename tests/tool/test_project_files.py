"""Whatever writes into a project writes nowhere else, through whichever link."""

import os
import shutil
from pathlib import Path

import pytest
from herokuclock import project_files
from herokuclock.errors import HerokuclockError
from loopback.owner import commit
from support import forks
from support.files import tree
from support.heroku_project import write
from support.program import Run


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make one project with two things that `check --fix` mends, for all tests here to copy."""
    folder = tmp_path_factory.mktemp("new") / "tick"
    command = ["-m", "herokuclock", "new", "tick", "--yes", "--workers", "--packages", "pip"]
    assert forks.run(command, cwd=folder.parent).returncode == 0
    write(folder, {"venv/pyvenv.cfg": "", "Procfile": "web: gunicorn app:app\n"})
    return folder


@pytest.mark.parametrize(
    ("link", "command", "is_there"),
    [
        ("Procfile", "check --fix", True),
        ("Procfile", "check --fix", False),
        (".gitignore", "check --fix", True),
        (".gitignore", "check --fix", False),
        ("jobs.py", "add report every hour", True),
        ("jobs.py", "remove hello", True),
        ("tests", "add report every hour", True),
        ("tests", "remove hello --force", True),
        ("requirements.txt", "workers off", True),
        (".herokuclock.toml", "workers off", True),
    ],
)
def test_no_command_follows_a_link_out_of_the_project(
    run: Run, new: Path, lonely: Path, link: str, command: str, is_there: bool
) -> None:
    made, victim = lonely / "tick", lonely / "victim"
    shutil.copytree(new, made)
    victim.mkdir()
    (made / link).rename(victim / link)
    (made / link).symlink_to(victim / link)
    if not is_there:
        (victim / link).rename(victim / "elsewhere")
    commit(made)
    before = tree(victim)

    done = run(*command.split(), cwd=made)

    assert "Traceback" not in done.stderr
    mended = [line for line in done.stdout.splitlines() if line.startswith("Mended")]
    assert not [line for line in mended if link in line]
    assert done.returncode == 1 or not is_there
    assert not is_there or "leads out of the project" in done.stderr
    assert tree(victim) == before


def test_a_link_within_the_project_stays_one(lonely: Path) -> None:
    write(lonely, {"real/Procfile": "old"})
    (lonely / "Procfile").symlink_to("real/Procfile")
    (lonely / "real/Procfile").chmod(0o640)

    project_files.write(lonely, "Procfile", b"new")

    assert (lonely / "Procfile").readlink() == Path("real/Procfile")
    assert (lonely / "real/Procfile").read_text() == "new"
    assert (lonely / "real/Procfile").stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in lonely.iterdir()) == ["Procfile", "real"]


def test_a_link_is_deleted_alone(lonely: Path) -> None:
    write(lonely, {"project/jobs.py": "", "victim": "mine"})
    (lonely / "project/runtime.txt").symlink_to("../victim")

    project_files.delete(lonely / "project", "runtime.txt")

    assert not os.path.lexists(lonely / "project/runtime.txt")
    assert (lonely / "victim").read_text() == "mine"


@pytest.mark.parametrize("target", ["..", "../..", ".git/config", "/etc/x", "../project-2/x"])
def test_neither_git_nor_what_lies_around_is_in_the_project(lonely: Path, target: str) -> None:
    root = lonely / "project"
    root.mkdir()
    (root / "Procfile").symlink_to(target)

    with pytest.raises(HerokuclockError, match="Procfile is a link that leads out of the project"):
        project_files.write(root, "Procfile", b"new")


def test_what_cannot_be_written_is_said_and_leaves_nothing(lonely: Path) -> None:
    (lonely / "Procfile").mkdir()

    with pytest.raises(HerokuclockError, match="Procfile could not be written: Is a directory"):
        project_files.write(lonely, "Procfile", b"new")
    assert [path.name for path in lonely.iterdir()] == ["Procfile"]
