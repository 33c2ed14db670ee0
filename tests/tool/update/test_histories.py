"""Updates where git has forgotten how a project began, or names it otherwise."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from support.checkouts import git
from support.program import Run
from support.releases import NEXT, Releases, commit, contents, updated

MARK = "# mine\n"


def shallow(project: Path) -> Path:
    """Clone the last commit alone."""
    git(project, "clone", "-q", "--depth", "1", project.as_uri(), "clone")
    return project / "clone"


def squashed(project: Path) -> Path:
    """Make one commit of all, and clone that."""
    git(project, "checkout", "-q", "--orphan", "squashed")
    commit(project, "All of it")
    git(project, "clone", "-q", "--single-branch", project.as_uri(), "clone")
    return project / "clone"


@pytest.fixture
def edited(project: Path) -> Path:
    """Give a project whose app.py and pins somebody has edited."""
    for name in ("app.py", "requirements.txt"):
        file = project / name
        file.write_text(file.read_text() + MARK)
    commit(project)
    return project


@pytest.mark.parametrize("clone", [shallow, squashed])
def test_where_the_base_is_gone_the_new_text_is_laid_beside_the_owner_s(
    run: Run, releases: Releases, edited: Path, clone: Callable[[Path], Path]
) -> None:
    project = clone(edited)
    before = contents(project)
    releases.be("0.4.0", NEXT)

    said = updated(run, project, code=3)

    after = contents(project)
    assert "app.py is as it was, as what it was made as is in this repository no more" in said
    assert after["app.py"] == before["app.py"]
    assert b"It works well." in after["app.py.herokuclock-new"]
    assert b"clockdyno==0.4.0" in after["requirements.txt"]
    assert after["requirements.txt"].endswith(MARK.encode())
    assert b"one more job" in after["README.md"]  # Nobody had edited that.

    # From now on the base is in the record, whatever becomes of the history.
    for path in ("app.py.herokuclock-new", "requirements.txt.herokuclock-new"):
        (project / path).unlink()
    commit(project)
    releases.be("0.5.0", {**NEXT, "app.py": lambda text: text.replace("Flask app:", "app:")})
    updated(run, project)
    app = (project / "app.py").read_text()
    assert "Your app:" in app and app.endswith(MARK)


def test_a_repository_of_sha_256_is_merged_in_too(
    run: Run, releases: Releases, project: Path
) -> None:
    shutil.rmtree(project / ".git")
    git(project, "init", "-q", "--object-format=sha256")
    commit(project)
    app = project / "app.py"
    app.write_text(app.read_text() + MARK)
    commit(project)
    releases.be("0.4.0", NEXT)

    updated(run, project)

    assert "It works well." in app.read_text() and app.read_text().endswith(MARK)
