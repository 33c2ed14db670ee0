"""`check` of the repository: what is not committed, not on main, or not on Heroku."""

import shutil
import subprocess
from pathlib import Path

import pytest
from loopback.owner import commit
from support.findings import facts, found_in
from support.heroku_project import write


def test_the_top_of_a_repository_is_what_heroku_builds(project: Path) -> None:
    shutil.rmtree(project / ".git")
    subprocess.run(["git", "init", "-qb", "main"], cwd=project.parent, check=True)
    commit(project)

    found = found_in(project)

    assert facts(found) == [("git", "error")]
    assert "the folder tick/ of a repository" in found[0].problem


def test_an_environment_that_is_not_ignored_is_told_before_it_is_committed(project: Path) -> None:
    write(project, {".venv/pyvenv.cfg": "", ".gitignore": ""})

    assert facts(found_in(project)) == [
        ("committed-venv", "warning"),
        ("git-uncommitted", "warning"),
    ]


def test_what_is_not_committed_is_found(project: Path) -> None:
    write(project, {"new.txt": ""})

    assert facts(found_in(project)) == [("git-uncommitted", "warning")]


@pytest.mark.parametrize(
    ("switched", "told"),
    [(["-c", "HEADLINE"], "The branch is HEADLINE,"), (["--detach"], "The branch is none,")],
)
def test_another_branch_is_found(project: Path, switched: list[str], told: str) -> None:
    subprocess.run(["git", "switch", "-q", *switched], check=True)

    (found,) = found_in(project)

    assert (found.check, found.severity) == ("git-branch", "warning")
    assert found.problem.startswith(told)


def test_a_folder_without_a_repository_or_a_commit_is_found(project: Path) -> None:
    shutil.rmtree(project / ".git")
    assert facts(found_in(project)) == [("git", "error")]

    subprocess.run(["git", "init", "-qb", "main"], check=True)
    assert facts(found_in(project)) == [("git", "error")]


def test_commits_that_heroku_does_not_have_are_found(project: Path) -> None:
    subprocess.run(["git", "update-ref", "refs/remotes/heroku/main", "HEAD"], check=True)
    assert found_in(project) == []
    commit(project)

    assert facts(found_in(project)) == [("git-unpushed", "warning")]
