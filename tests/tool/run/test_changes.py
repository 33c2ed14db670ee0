"""What is edited while web and clock run is said, as neither takes it up by itself."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event

from herokuclock.run import changes


class Rounds(Event):
    """An event that is never set, and between two looks lets somebody edit a file."""

    def __init__(self, edits: Iterator[None]) -> None:
        super().__init__()
        self._edits = edits

    def wait(self, timeout: float | None = None) -> bool:
        return next(self._edits, "over") == "over"


def test_a_python_file_that_is_edited_or_new_is_named_once(lonely: Path) -> None:
    for name in ("jobs.py", "app.py", "clock.sqlite3"):
        (lonely / name).write_text("old")

    def edits() -> Iterator[None]:
        yield
        (lonely / "jobs.py").write_text("newer")
        (lonely / "clock.sqlite3").write_text("a row")
        yield
        (lonely / "prices.py").write_text("new")
        (lonely / "app.py").unlink()
        yield

    said: list[str] = []
    changes.watch(lonely, Rounds(edits()), said.append)

    assert said == [changes.SAID.format("jobs.py"), changes.SAID.format("prices.py")]
