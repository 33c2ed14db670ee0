"""Time whole commands in pairs, A B A B, so that a noisy machine slows both alike."""

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Command:
    """A command, and what to clear away before each of its runs."""

    args: Sequence[str]
    cwd: Path
    before: Callable[[], None] = lambda: None


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
    start = time.perf_counter()
    subprocess.run(command.args, cwd=command.cwd, env=environment, check=True, capture_output=True)
    return time.perf_counter() - start
