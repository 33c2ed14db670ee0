"""A measured row, and the table of all rows."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One figure beside its peer's, with the bar that it should keep."""

    name: str
    ours: str
    peer: str
    ratio: float | None
    bar: str
    kept: bool


HEAD = "| what | ours | peer | ratio | bar | |\n| --- | --- | --- | --- | --- | --- |"


def line(row: Row) -> str:
    """Lay a row out as a line of a Markdown table."""
    verdict = ("kept" if row.kept else "MISSED") if row.bar else ""
    ratio = "-" if row.ratio is None else f"{row.ratio:.2f}"
    return f"| {row.name} | {row.ours} | {row.peer} | {ratio} | {row.bar} | {verdict} |"


def at_most(name: str, ours: float, peer: float | None, bar: float | None, unit: str) -> Row:
    """Lay out a figure that is to be small; without a bar it is only told."""
    bound = "" if bar is None else f"<= {_told(bar, unit)}"
    return _row(name, ours, peer, unit, bound, bar is None or ours <= bar)


def times_at_most(name: str, ours: float, peer: float, bar: float | None, unit: str) -> Row:
    """Lay out a figure that is to be at most so many times the peer's."""
    bound = "" if bar is None else f"<= {bar:g} times"
    return _row(name, ours, peer, unit, bound, bar is None or ours / peer <= bar)


def times_at_least(name: str, ours: float, peer: float, bar: float, unit: str) -> Row:
    """Lay out a figure that is to be at least so many times the peer's."""
    return _row(name, ours, peer, unit, f">= {bar:g} times", ours / peer >= bar)


def _row(name: str, ours: float, peer: float | None, unit: str, bound: str, kept: bool) -> Row:
    ratio = ours / peer if peer else None
    return Row(name, _told(ours, unit), _told(peer, unit), ratio, bound, kept)


def _told(value: float | None, unit: str) -> str:
    if value is None:
        return "-"
    digits = 0 if value >= 100 or value == int(value) else 1 if value >= 10 else 2
    return f"{value:,.{digits}f} {unit}".rstrip()
