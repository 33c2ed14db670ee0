"""uv, of the version that is installed beside the tests, as the one that the tool finds."""

import os
from pathlib import Path

import pytest
from uv import find_uv_bin


@pytest.fixture
def uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let there be a uv on the PATH."""
    programs = tmp_path / "programs-with-uv"
    programs.mkdir()
    (programs / "uv").symlink_to(find_uv_bin())
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")


def stand_in(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a program named uv on the PATH, which writes down what it is told."""
    folder.mkdir()
    program = folder / "uv"
    program.write_text(f'#!/bin/sh\necho "$@" >> {folder}/told\necho no network >&2\n{script}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return folder / "told"
