"""`check --fix` in a uv project: uv changes pyproject.toml and the lock, or it is left."""

from pathlib import Path

import pytest
from herokuclock.check import order
from support.files import tree
from support.program import Run
from support.uv import stand_in


@pytest.fixture
def by_uv(run: Run, lonely: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a project of uv, and stand in it."""
    run("new", "ticker", "--yes", "--packages", "uv")
    monkeypatch.chdir(lonely / "ticker")
    return lonely / "ticker"


def test_a_new_project_of_uv_is_fit(run: Run, by_uv: Path) -> None:
    assert run("check").stdout == "Nothing is wrong: it is fit for Heroku.\n"


def test_uv_locks_what_is_asked_for_and_adds_what_is_imported(
    run: Run, by_uv: Path, lonely: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = stand_in(lonely / "bin", "exit 0", monkeypatch)
    project = by_uv / "pyproject.toml"
    project.write_text(project.read_text().replace("<28", "<29"))
    (wheel,) = (by_uv / "vendor").iterdir()
    wheel.write_bytes(b"another")
    app = by_uv / "app.py"
    app.write_text(app.read_text().replace("import os", "import os\n\nimport yaml"))

    done = run("check", "--fix")

    assert set(told.read_text().splitlines()) == {
        "lock",
        "lock --upgrade-package clockdyno",
        "add --no-sync pyyaml",
    }
    assert "Mended: uv.lock does not say what pyproject.toml asks for" in done.stdout
    assert "  uv add --no-sync pyyaml\n" in done.stdout


def test_the_library_is_asked_for_by_its_wheel_and_of_no_index(by_uv: Path) -> None:
    (wheel,) = (by_uv / "vendor").iterdir()
    for lock, said in (("uv.lock", "uv add"), ("poetry.lock", "poetry add")):
        (by_uv / "uv.lock").rename(by_uv / "kept")
        (by_uv / lock).write_text("version = 1\n")
        found = [each.remedy for each in order.of_folder(by_uv) if each.check == "imports"]
        (by_uv / lock).unlink()
        (by_uv / "kept").rename(by_uv / "uv.lock")

        assert f"{said} ./vendor/{wheel.name}" in found


def test_what_uv_cannot_mend_is_left_as_it_was(
    run: Run, by_uv: Path, lonely: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(lonely / "bin", "echo half > uv.lock\nexit 1", monkeypatch)
    project = by_uv / "pyproject.toml"
    project.write_text(project.read_text().replace("<28", "<29"))
    before = tree(by_uv)

    done = run("check", "--fix")

    assert done.returncode == 0, "what is committed is good"
    assert "Not mended: uv.lock does not say" in done.stdout
    assert "`uv lock` failed: no network" in done.stdout
    assert tree(by_uv) == before
