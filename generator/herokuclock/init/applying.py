"""Write a plan into an app as one step: all of it, or, interrupted, nothing.

The record of what is written lies there first, with what undoes it. So even a run that was killed
is taken back by the next one.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from herokuclock import interrupts, project, project_files
from herokuclock.errors import HerokuclockError
from herokuclock.init import undo
from herokuclock.init.edits import Edit
from herokuclock.init.undo import Record, Written


def apply(root: Path, edits: Sequence[Edit]) -> None:
    """Write all edits; whatever ends this before its end leaves the folder as it was."""
    for edit in edits:
        project_files.place(root, edit.path)
        if _read(root, edit.path) != edit.old:
            raise HerokuclockError(
                f"{edit.path} has just been changed by somebody else.", "Run it again."
            )
    earlier = kept(root)
    with _all_or_nothing(root):
        _keep(root, undo.begun(edits, earlier))
        for edit in edits:
            project_files.write(root, edit.path, edit.new)
        _keep(root, (earlier or Record(())).with_more(edits))


def kept(root: Path) -> Record | None:
    """Return the record of what was written."""
    return undo.read((_read(root, project.ANSWERS) or b"").decode(errors="replace"))


def take_back(root: Path, found: Record) -> list[str]:
    """Give back the bytes of every file that is as it was written; return the others' names."""
    left = [w.path for w in found.files if not _is_ours(root, w)]
    # What somebody has edited still asks for the library in vendor/.
    needed = {w.path for w in found.files if w.path.startswith("vendor/")} if left else set()
    for written in found.files:
        content = _read(root, written.path)
        if content is not None and written.path not in {*left, *needed}:
            _restore(root, written, content)
    _keep(root, None)
    return [*left, *sorted(needed)]


def recover(root: Path) -> bool:
    """Take back what a run that was killed has left half done; say whether there was any."""
    project_files.hidden(project_files.place(root, project.ANSWERS)).unlink(missing_ok=True)
    found = kept(root)
    if found is None or found.is_finished:
        return False
    for written in found.files:
        hidden = project_files.hidden(project_files.place(root, written.path))
        hidden.unlink(missing_ok=True)
        content = _read(root, written.path)
        if content is not None and written.is_as_written(content):
            _restore(root, written, content)
        elif content is None:
            _prune(root, written.path)
    _keep(root, undo.read(found.previous))
    return True


@contextmanager
def _all_or_nothing(root: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        with interrupts.unheard():
            recover(root)
        raise


def _is_ours(root: Path, written: Written) -> bool:
    content = _read(root, written.path)
    return content is None or written.is_as_written(content)


def _restore(root: Path, written: Written, content: bytes) -> None:
    before = written.before(content)
    if before is not None:
        project_files.write(root, written.path, before)
        return
    project_files.delete(root, written.path)
    _prune(root, written.path)


def _prune(root: Path, name: str) -> None:
    """Take the folders of a file away that was ours alone, as far as they are empty."""
    for folder in (root / name).parents:
        if folder == root or (folder.exists() and any(folder.iterdir())):
            break
        with suppress(FileNotFoundError):
            folder.rmdir()


def _keep(root: Path, found: Record | None) -> None:
    old = _read(root, project.ANSWERS)
    text = undo.put((old or b"").decode(errors="surrogateescape"), found)
    if text:
        project_files.write(root, project.ANSWERS, text.encode(errors="surrogateescape"))
    elif old is not None:
        project_files.delete(root, project.ANSWERS)


def _read(root: Path, name: str) -> bytes | None:
    with suppress(FileNotFoundError, NotADirectoryError):
        return Path(os.path.realpath(root / name)).read_bytes()
    return None
