"""How a command of ours is spelled, so that it works where the reader stands."""

import json
import sys
from importlib import metadata
from pathlib import Path
from unittest import mock

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
        ("/elsewhere/archive-v0/abc/bin/herokuclock", "uvx herokuclock"),
        ("/home/me/.local/pipx/.cache/abc/bin/herokuclock", "pipx run herokuclock"),
        ("/x/site-packages/herokuclock/__main__.py", f"{sys.executable} -m herokuclock"),
    ],
)
def test_it_is_spelled_as_it_was_started(
    started: pytest.MonkeyPatch, path: str, spelled: str
) -> None:
    started.setattr(sys, "argv", [path])
    started.setattr(metadata, "distribution", lambda name: came_from(None))

    assert program.spelled(TEXT) == TEXT.replace("herokuclock deploy", f"{spelled} deploy")


def came_from(url: str | None, **facts: object) -> mock.Mock:
    """Return a distribution as it is installed from an address; None: from an index."""
    told = json.dumps({"url": url, **facts}) if url else None
    return mock.Mock(read_text=lambda name: told)


@pytest.mark.parametrize(
    ("path", "spelled"),
    [
        (
            "/x/archive-v0/a/bin/herokuclock",
            "uvx --from '{0}/h c.whl' --find-links {0} herokuclock",
        ),
        (
            "/x/pipx/.cache/a/bin/herokuclock",
            "pipx run --spec '{0}/h c.whl' --pip-args='--find-links {0}' herokuclock",
        ),
    ],
)
def test_what_ran_from_a_file_is_spelled_so_that_no_index_is_asked_for_it(
    started: pytest.MonkeyPatch, tmp_path: Path, path: str, spelled: str
) -> None:
    started.setattr(sys, "argv", [path])
    (tmp_path / "clockdyno-1-py3-none-any.whl").touch()
    from_file = {program.NAME: came_from(f"file://{tmp_path}/h%20c.whl")}
    started.setattr(metadata, "distribution", lambda name: from_file.get(name, came_from(None)))

    assert program.spelled("herokuclock run") == f"{spelled.format(tmp_path)} run"


def test_what_ran_from_a_repository_is_spelled_with_its_address(
    started: pytest.MonkeyPatch,
) -> None:
    started.setattr(sys, "argv", ["/x/archive-v0/a/bin/herokuclock"])
    origin = came_from("https://example.com/a.git", vcs_info={"vcs": "git", "commit_id": "1"})
    started.setattr(metadata, "distribution", lambda name: origin)

    address = "git+https://example.com/a.git"
    told = program.spelled("herokuclock run")
    assert told == f"uvx --from {address} --with {address} herokuclock run"


def test_a_program_that_the_path_does_not_lead_to_has_its_whole_path(
    started: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ours = tmp_path / "my tools/herokuclock"
    ours.parent.mkdir()
    ours.write_text("#!/bin/sh\n")
    ours.chmod(0o755)
    (tmp_path / "here").mkdir()
    started.chdir(tmp_path / "here")

    for typed in (str(ours), "../my tools/herokuclock"):
        started.setattr(sys, "argv", [typed])
        assert program.spelled("herokuclock run") == f"'{ours.resolve()}' run"
    program._name.cache_clear()
    started.setenv("PATH", str(ours.parent))
    assert program.spelled("herokuclock run") == "herokuclock run"
