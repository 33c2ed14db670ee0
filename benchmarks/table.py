"""A measured row, and the table of all rows."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One figure beside its peer's, with the bar that it should keep."""

    name: str
    ours: str
    peer: str
    ratio: float
    bar: str
    kept: bool


HEAD = "| what | ours | peer | ratio | bar | |\n| --- | --- | --- | --- | --- | --- |"


def line(row: Row) -> str:
    """Lay a row out as a line of a Markdown table."""
    verdict = "kept" if row.kept else "MISSED"
    return f"| {row.name} | {row.ours} | {row.peer} | {row.ratio:.2f} | {row.bar} | {verdict} |"
