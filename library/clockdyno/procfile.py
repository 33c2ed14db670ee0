"""The project's Procfile: which program is the clock, and whether there are workers."""

import re
from pathlib import Path
from typing import NamedTuple

from clockdyno import host
from clockdyno.patterns import pattern

CLOCK_LINE = pattern(
    r"^clock:.*?\bpython[\d.]*(?:\s+(?:-[XW]\s+\S+|-[A-Za-ln-z]\S*))*"
    r"\s+(?:-m\s+([\w.]+)|(\S+\.py)\b)",
    re.MULTILINE,
)
WORKER_LINE = pattern(r"^[\w-]+:.*\bclockdyno\s+worker\b", re.MULTILINE)


class Program(NamedTuple):
    """What runs the clock, as Python starts it: its file, by the name that others import it by."""

    command: str
    file: Path
    module: str
    folder: Path  # the first on its sys.path


def clock(root: Path | None = None) -> Program:
    """Return what the clock line runs; `python jobs.py` where it says nothing else."""
    root = root or host.project()
    found = CLOCK_LINE.search(_text(root))
    if found and found[1]:
        path = Path(*found[1].split("."))
        inside = path / "__main__.py"
        file = inside if (root / inside).is_file() else path.with_suffix(".py")
        module = ".".join(file.with_suffix("").parts)
        return Program(f"python -m {found[1]}", file, module, root)
    file = Path(found[2] if found else "jobs.py")
    return Program(f"python {file}", file, file.stem, root / file.parent)


def has_clock(root: Path) -> bool:
    """Say whether a clock line starts a Python program."""
    return bool(CLOCK_LINE.search(_text(root)))


def has_workers() -> bool:
    """Say whether there are workers, who need a queue."""
    return bool(WORKER_LINE.search(_text(host.project())))


def _text(root: Path) -> str:
    file = root / "Procfile"
    return file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
