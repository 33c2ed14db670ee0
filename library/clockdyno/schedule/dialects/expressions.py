"""Sets of values as the cron expressions that a person would have written."""

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise


def names_text(names: Sequence[str], indexes: Iterable[int]) -> str:
    """Weekdays or months by their short names, three or more in a row as a range."""
    return _runs_text(indexes, lambda index: names[index][:3])


def steps_text(values: Sequence[int], limit: int) -> str:
    """Values of a field that ends before `limit`: a step or a range where they are even."""
    gaps = {after - value for value, after in pairwise(values)}
    gap = gaps.pop() if len(gaps) == 1 else 0
    step = f"/{gap}" if gap > 1 else ""
    if gap and limit % gap == 0 and list(values) == list(range(0, limit, gap)):
        return f"*{step}"
    if gap and len(values) > 2:
        return f"{values[0]}-{values[-1]}{step}"
    return _runs_text(values, str)


def listed_text(values: Sequence[int], limit: int) -> str:
    """Values that were named one by one."""
    return ",".join(map(str, values))


def _runs_text(values: Iterable[int], write: Callable[[int], str]) -> str:
    runs: list[list[int]] = []
    for value in sorted(set(values)):
        if runs and value == runs[-1][-1] + 1:
            runs[-1].append(value)
        else:
            runs.append([value])
    parts: list[str] = []
    for run in runs:
        parts += [f"{write(run[0])}-{write(run[-1])}"] if len(run) > 2 else map(write, run)
    return ",".join(parts)
