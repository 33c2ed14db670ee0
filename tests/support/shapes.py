"""Apps as people have them, each in a repository of its own; and their owner, who pastes lines."""

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from herokuclock.init.edits import Paste
from herokuclock.project_files import write
from loopback.owner import commit

SHAPES = Path(__file__).parents[1] / "tool/init/shapes"
NAMES = sorted(path.name for path in SHAPES.iterdir())


def lay_out(name: str, folder: Path) -> Path:
    """Copy a shape, and commit it."""
    shutil.copytree(SHAPES / name, folder, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=folder, check=True)
    commit(folder, "Start")
    return folder


def paste(root: Path, pastes: Iterable[Paste]) -> None:
    """Place lines as they say, from the end of each file to its begin."""
    ordered = sorted(pastes, key=lambda each: -(each.line or 1_000_000))
    for each in ordered:
        file = root / each.file
        lines = file.read_text().splitlines() if file.is_file() else []
        at = len(lines) if each.line is None else each.line - 1
        if each.line is None:
            starts = [i for i, line in enumerate(lines) if line.startswith("if __name__")]
            at = starts[-1] if starts else at
        old = list(each.instead_of)
        assert [line.rstrip() for line in lines[at : at + len(old)]] == [o.rstrip() for o in old]
        lines[at : at + len(old)] = each.lines
        write(root, each.file, ("\n".join(lines) + "\n").encode())
