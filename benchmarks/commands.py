"""Time whole commands in pairs, A B A B, so that a noisy machine slows both alike."""

import os
import statistics
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Command:
    """A command, what to clear away before each of its runs, and what it finds before the PATH."""

    args: Sequence[str]
    cwd: Path
    before: Callable[[], None] = lambda: None
    path: Path | None = None


def installed(folder: Path) -> Path:
    """Install the wheels of this checkout, as people have them; return where the programs lie.

    An editable install asks git for its files. What the wheels need is taken from this Python.
    """
    python = [sys.executable, "-m"]
    for source in (ROOT / "library", ROOT):
        out = ["--outdir", str(folder / "wheels"), str(source)]
        _quietly([*python, "build", "--no-isolation", "--wheel", *out])
    venv = folder / "venv"
    _quietly([*python, "venv", "--without-pip", str(venv)])
    place = {"base": str(venv), "platbase": str(venv)}
    packages = Path(sysconfig.get_path("purelib", vars=place))
    (packages / "needed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    wheels = map(str, (folder / "wheels").iterdir())
    there = ["--python", str(venv / "bin/python"), "install", "--no-deps", "--no-index"]
    _quietly([*python, "pip", *there, *wheels])
    return venv / "bin"


def compare(ours: Command, peer: Command, runs: int = 15) -> tuple[float, float, float]:
    """Return both medians in seconds and the median of the ratios pair by pair."""
    pairs = [(_seconds(ours), _seconds(peer)) for _ in range(runs + 1)][1:]
    first, second = zip(*pairs, strict=True)
    ratios = [a / b for a, b in pairs]
    return statistics.median(first), statistics.median(second), statistics.median(ratios)


def _seconds(command: Command) -> float:
    command.before()
    # An installed program has its bytecode; a developer's switch must not take it away.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    if command.path:
        environment["PATH"] = f"{command.path}{os.pathsep}{environment['PATH']}"
    start = time.perf_counter()
    subprocess.run(command.args, cwd=command.cwd, env=environment, check=True, capture_output=True)
    return time.perf_counter() - start


def _quietly(args: Sequence[str]) -> None:
    subprocess.run(args, check=True, capture_output=True)
