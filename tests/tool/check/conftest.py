"""What the tests of `check` stand on: a project that is good."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support import forks

VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make one project, for all tests to copy."""
    folder = tmp_path_factory.mktemp("made")
    answers = ("--yes", "--python", VERSION, "--packages", "pip")
    command = ["-m", "herokuclock", "new", "tick", *answers]
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(folder),
        "TZ": "UTC",
        "GIT_TEMPLATE_DIR": "",
    }
    for who in ("AUTHOR", "COMMITTER"):
        environment |= {f"GIT_{who}_NAME": "t", f"GIT_{who}_EMAIL": "t@example.com"}
    assert forks.run(command, cwd=folder, env=environment).returncode == 0
    pack = ["git", "repack", "-adq"]  # So that a copy is of few files.
    subprocess.run(pack, cwd=folder / "tick", check=True)
    return folder / "tick"


@pytest.fixture
def project(made: Path, lonely: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a copy of it, without an environment of its own as yet."""
    folder = lonely / "tick"
    shutil.copytree(made, folder, symlinks=True)
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    monkeypatch.chdir(folder)
    return folder
