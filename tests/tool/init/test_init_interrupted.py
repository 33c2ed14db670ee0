"""`herokuclock init` that is interrupted or killed: everything is as it was."""

from pathlib import Path

import pytest
from herokuclock import project_files
from herokuclock.init import applying
from support.files import tree
from support.program import Run
from support.rows import rows

# The first, one in the middle and the last; all of them in the long run.
FILES = rows(range(1, 9), (1, 5, 8))


@pytest.mark.parametrize("at", FILES)
def test_interrupted_at_any_file_everything_is_as_before(
    run: Run, root: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    before = tree(root)
    _end_at(at, monkeypatch)

    interrupted = run("init", "--yes")

    assert interrupted.returncode == 130 and "everything is as it was" in interrupted.stderr
    assert tree(root) == before


@pytest.mark.parametrize("at", FILES)
def test_a_run_that_was_killed_is_taken_back_by_the_next(
    run: Run, root: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    before = tree(root)
    with monkeypatch.context() as killed:
        _end_at(at, killed)
        killed.setattr(applying, "recover", lambda root: False)
        run("init", "--yes")

    assert "has been taken back" in run("init").stderr or at == 1
    assert tree(root) == before


def _end_at(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the so-manieth file that is written be the last, and only half."""
    write, count = project_files.write, 0

    def ending(root: Path, name: str, content: bytes) -> None:
        nonlocal count
        count += 1
        if count == number:
            path = project_files.place(root, name)
            path.parent.mkdir(exist_ok=True)
            project_files.hidden(path).write_bytes(content[:9])
            raise KeyboardInterrupt
        write(root, name, content)

    monkeypatch.setattr(project_files, "write", ending)
