"""Copies of this repository, and the tool as it runs from one of them."""

import os
import subprocess
import sys
from pathlib import Path

from support.files import REPOSITORY


def git(folder: Path, *args: str) -> str:
    """Run git and return what it prints."""
    return subprocess.check_output(["git", *args], cwd=folder, text=True)


def copied(to: Path, *left_out: str) -> Path:
    """Copy this repository as it stands, uncommitted work too; git there tracks all of it.

    Folders at its top can be left out.
    """
    subprocess.run(["git", "init", "-q", to], check=True)
    listed = git(REPOSITORY, "ls-files", "-co", "--exclude-standard").splitlines()
    for path in (each for each in listed if each.partition("/")[0] not in left_out):
        (to / path).parent.mkdir(parents=True, exist_ok=True)
        if (REPOSITORY / path).exists():
            (to / path).write_bytes((REPOSITORY / path).read_bytes())
    git(to, "add", "-A")
    return to


def new(path: Path | list[Path], name: str, *arguments: str) -> Path:
    """Run `new` in the folder that we are in, with the code of these folders; return the project.

    A path that is one folder is a checkout.
    """
    folders = path if isinstance(path, list) else [path / "generator", path / "library"]
    subprocess.run(
        [sys.executable, "-m", "herokuclock", "new", name, *arguments],
        check=True,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, folders))},
    )
    return Path.cwd() / name
