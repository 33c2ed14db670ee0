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


def lines(rows: list[Row]) -> list[str]:
    """Lay the rows out as a Markdown table."""
    found = ["| what | ours | peer | ratio | bar | |", "| --- | --- | --- | --- | --- | --- |"]
    for row in rows:
        verdict = "kept" if row.kept else "MISSED"
        found.append(
            f"| {row.name} | {row.ours} | {row.peer} | {row.ratio:.2f} | {row.bar} | {verdict} |"
        )
    return found
