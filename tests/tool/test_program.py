"""How a command of ours is spelled, so that it works where the reader stands."""

import sys
from pathlib import Path

import pytest
from herokuclock import program

TEXT = "Run: herokuclock deploy --app x, or see .herokuclock.toml, herokuclock.py and Herokuclock."


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    program._name.cache_clear()
    monkeypatch.setenv("PATH", "")
    return monkeypatch


@pytest.mark.parametrize(
    ("path", "spelled"),
    [
        ("/home/me/.cache/uv/archive-v0/abc/bin/herokuclock", "uvx herokuclock"),
        ("/home/me/.local/pipx/.cache/abc/bin/herokuclock", "pipx run herokuclock"),
        ("/x/site-packages/herokuclock/__main__.py", f"{sys.executable} -m herokuclock"),
    ],
)
def test_it_is_spelled_as_it_was_started(
    started: pytest.MonkeyPatch, path: str, spelled: str
) -> None:
    started.setattr(sys, "argv", [path])

    assert program.spelled(TEXT) == TEXT.replace("herokuclock deploy", f"{spelled} deploy")


def test_a_program_that_the_path_does_not_lead_to_has_its_whole_path(
    started: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ours = tmp_path / "my tools/herokuclock"
    ours.parent.mkdir()
    ours.write_text("#!/bin/sh\n")
    ours.chmod(0o755)
    started.setattr(sys, "argv", [str(ours)])

    assert program.spelled("herokuclock run") == f"'{ours}' run"
    program._name.cache_clear()
    started.setenv("PATH", str(ours.parent))
    assert program.spelled("herokuclock run") == "herokuclock run"
