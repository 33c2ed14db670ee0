"""`herokuclock workers on` in a uv project: uv itself asks for the queue, or nothing changes."""

from pathlib import Path

import pytest
from support.buildpack_cases import uv
from support.files import tree
from support.program import Run


@pytest.fixture
def made(run: Run, lonely: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a project, and one of uv of it."""
    run("new", "ticker", "--yes")
    uv()(lonely / "ticker")
    monkeypatch.chdir(lonely / "ticker")
    return lonely / "ticker"


def stand_in(folder: Path, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a program named uv on the PATH, which writes down what it was told."""
    folder.mkdir()
    program = folder / "uv"
    program.write_text(f'#!/bin/sh\necho "$@" >> {folder}/told\necho no network >&2\nexit {code}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_uv_adds_the_queue(
    run: Run, made: Path, lonely: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(lonely / "bin", 0, monkeypatch)

    done = run("workers", "on")

    assert done.returncode == 0, done.stderr
    assert (lonely / "bin/told").read_text() == "add clockdyno[dashboard,workers]\n"
    assert "worker:" in (made / "Procfile").read_text()
    assert "pip install" not in done.stdout


def test_where_uv_cannot_nothing_is_changed(
    run: Run, made: Path, lonely: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tree(made)
    stand_in(lonely / "bin", 1, monkeypatch)

    done = run("workers", "on")

    assert done.returncode == 1
    assert "uv could not add the queue: no network" in done.stderr
    assert tree(made) == before
