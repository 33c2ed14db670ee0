"""`herokuclock workers on|off` in a uv project: uv asks for the queue, or nothing changes."""

import json
from pathlib import Path

import pytest
from herokuclock.workers import by_uv
from loopback.build import HOME
from support.files import tree
from support.program import Run
from support.uv import stand_in

FILES = {"jobs.py", "Procfile", "app.json", "pyproject.toml", "uv.lock"}


@pytest.fixture
def made(run: Run, lonely: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a project of uv, and stand in it."""
    run("new", "ticker", "--yes", "--packages", "uv")
    monkeypatch.chdir(lonely / "ticker")
    return lonely / "ticker"


def test_uv_adds_the_queue_and_takes_it_away(
    run: Run, made: Path, lonely: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = stand_in(lonely / "bin", "exit 0", monkeypatch)

    done = run("workers", "on")

    assert done.returncode == 0, done.stderr
    assert told.read_text() == "add --no-sync clockdyno[dashboard,workers]\n"
    assert "worker:" in (made / "Procfile").read_text()
    assert "uv sync  " in done.stdout and "pip install" not in done.stdout
    assert "pins" not in (made / ".herokuclock.toml").read_text()
    assert "does not ask for the queue" in done.stdout, "this uv did nothing"

    project = made / "pyproject.toml"
    project.write_text(project.read_text().replace("[dashboard]", "[dashboard,workers]"))
    told.unlink()
    run("workers", "off")

    (wheel,) = (path.name for path in (made / "vendor").iterdir())
    remove, add = told.read_text().splitlines()
    assert remove == "remove --no-sync clockdyno"
    assert add == f"add --no-sync clockdyno[dashboard] @ ./vendor/{wheel}"


def test_where_uv_cannot_nothing_is_changed(
    run: Run, made: Path, lonely: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tree(made)
    stand_in(lonely / "bin", "echo half > pyproject.toml\necho half > uv.lock\nexit 1", monkeypatch)

    done = run("workers", "on")

    assert done.returncode == 1
    assert "`uv add --no-sync 'clockdyno[dashboard,workers]'` failed: no network" in done.stderr
    assert "Nothing was changed." in done.stderr
    assert tree(made) == before


def test_what_uv_says_is_told_without_what_it_did_and_its_hints(
    run: Run, made: Path, lonely: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "Using CPython\\nerror: No solution\\n  cause: Because.\\nhint: Wait."
    stand_in(lonely / "bin", f'printf "{said}\\n" >&2\nexit 1', monkeypatch)

    assert "failed: No solution cause: Because.\n" in run("workers", "on").stderr


def test_where_there_is_no_uv_it_is_to_be_installed(run: Run, made: Path) -> None:
    before = tree(made)

    done = run("workers", "on")

    assert done.returncode == 1
    assert "Hint: Install it: pip install uv" in done.stderr
    assert tree(made) == before


def test_a_dry_run_names_what_uv_would_change(run: Run, made: Path) -> None:
    facts = json.loads(run("workers", "on", "--dry-run", "--json").stdout)

    assert set(facts["files"]) == FILES


def test_a_library_from_elsewhere_keeps_its_source(made: Path) -> None:
    project = made / "pyproject.toml"
    asked = project.read_text().partition("\n[tool.uv.sources]")[0]
    asked = asked.replace("clockdyno[dashboard]", "clockdyno[dashboard,workers]>=0.2,<1")

    project.write_text(asked)
    assert by_uv.commands(made, on=False)[1][2] == "clockdyno[dashboard]<1,>=0.2"

    project.write_text(asked + '\n[tool.uv.sources]\nclockdyno = { git = "https://x/y" }\n')
    assert by_uv.commands(made, on=False) == []

    project.write_text("[project\n")
    assert by_uv.commands(made, on=True) == []


@pytest.mark.slow
@pytest.mark.usefixtures("uv")
def test_made_with_workers_and_switched_on_later_are_the_same_and_off_is_as_before(
    run: Run, lonely: Path, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(HOME))
    before = tree(made)

    done = run("workers", "on")
    assert done.returncode == 0, done.stderr
    switched = tree(made)
    assert {name for name in switched if switched[name] != before[name]} == FILES
    assert "already" in run("workers", "on").stdout and tree(made) == switched

    done = run("workers", "off")
    assert done.returncode == 0, done.stderr
    assert tree(made) == before

    monkeypatch.chdir(lonely)
    made.rename(lonely / "other")
    run("new", "ticker", "--yes", "--packages", "uv", "--workers")
    made_with = tree(lonely / "ticker")
    assert made_with.pop(".herokuclock.toml") != switched.pop(".herokuclock.toml")
    assert made_with == switched
