"""`check --resolve` asks an index, here a folder, what the files cannot tell."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from herokuclock.check import order as checks
from support.buildpack_cases import committed
from support.heroku_project import write

OFFLINE = {
    "UV_DEFAULT_INDEX": "links",
    "UV_FIND_LINKS": "links",
    "PIP_NO_INDEX": "1",
    "PIP_FIND_LINKS": "links",
}


@pytest.fixture
def project(lonely: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in OFFLINE.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)
    files = {"Procfile": "worker: python bot.py\n", "bot.py": "", ".python-version": "3.13\n"}
    write(
        lonely,
        {
            **files,
            "links/no_such_package-1.0-py3-none-any.whl": "PK",
            "requirements.txt": "no-such-package==99.0\n",
        },
    )
    subprocess.run(["git", "init", "-qb", "main"], check=True)
    committed(lonely)
    return lonely


@pytest.mark.slow
@pytest.mark.usefixtures("uv")
def test_a_version_that_no_index_has_is_an_error_by_uv(project: Path) -> None:
    assert checks.of_project(project) == []

    (found,) = checks.of_project(project, asking=True)

    assert (found.check, found.severity) == ("resolve", "error")
    assert "no-such-package" in found.problem


@pytest.mark.slow
def test_a_version_that_no_index_has_is_an_error_by_pip(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda program: None)

    (found,) = checks.of_project(project, asking=True)

    assert (found.check, found.severity) == ("resolve", "error")
    assert "no-such-package" in found.problem


@pytest.mark.slow
@pytest.mark.usefixtures("uv")
def test_an_index_that_does_not_answer_is_no_error(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("UV_DEFAULT_INDEX")
    monkeypatch.delenv("UV_FIND_LINKS")
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(project / "cache"))

    (found,) = checks.of_project(project, asking=True)

    assert (found.check, found.severity) == ("resolve", "note")
