"""A start() at the top level of a file counts where the file is the program, and nowhere else."""

import sys
from typing import Any

import pytest
from clockdyno.clock.declared import ownership

START = "found = ownership.may_start(sys._getframe())"
CALLED = f"def main():\n    global found\n    {START}\nmain()"


def started(name: str, text: str = START) -> Any:
    """Run a file by a name, and say whether its clock may start."""
    names: dict[str, Any] = {"__name__": name, "ownership": ownership, "sys": sys}
    exec(text, names)
    return names["found"]


def test_a_program_starts_its_clock_and_a_child_that_reads_it_starts_none() -> None:
    assert [started(name) for name in ("__main__", "__mp_main__")] == [True, False]


def test_a_function_starts_a_clock_wherever_it_stands() -> None:
    assert started("app.clock", CALLED)


def test_a_file_that_is_imported_is_told_to_guard_its_start() -> None:
    with pytest.raises(RuntimeError, match=r"second clock.*\n?.*__main__"):
        started("jobs")
