"""Which Python runs a project, and who makes its environment."""

from pathlib import Path

import pytest
from herokuclock.errors import HerokuclockError
from herokuclock.project import Project
from herokuclock.run import environment


@pytest.mark.usefixtures("uv")
def test_the_environment_of_a_uv_project_is_made_by_uv_from_its_lock(
    lonely: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    (lonely / "pyproject.toml").write_text(
        '[project]\nname = "tick"\nversion = "0"\nrequires-python = ">=3.11"\n'
    )
    (lonely / "uv.lock").write_text(
        'version = 1\nrevision = 3\nrequires-python = ">=3.11"\n\n'
        '[[package]]\nname = "tick"\nversion = "0"\nsource = { virtual = "." }\n'
    )

    python = environment.python_of(Project(lonely))

    assert python == lonely / ".venv/bin/python"


@pytest.mark.parametrize(
    ("lock", "says"), [("poetry.lock", "poetry"), ("Pipfile.lock", "pipenv"), ("uv.lock", "uv")]
)
def test_a_tool_that_is_not_there_is_named(
    lonely: Path, monkeypatch: pytest.MonkeyPatch, lock: str, says: str
) -> None:
    (lonely / lock).write_text("")
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)

    with pytest.raises(HerokuclockError) as refused:
        environment.python_of(Project(lonely))

    assert f"'{says}' is not installed" in refused.value.message
    assert says in refused.value.hint


@pytest.mark.slow
def test_the_environment_that_it_makes_has_what_the_projects_tests_need(
    lonely: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    (lonely / "requirements.txt").write_text("")
    (lonely / "requirements-test.txt").write_text("no such line\n")

    with pytest.raises(HerokuclockError) as failed:
        environment.python_of(Project(lonely))

    assert "pip install --disable-pip-version-check -r requirements-test.txt" in (
        failed.value.message
    )
    assert not (lonely / ".venv").exists()
