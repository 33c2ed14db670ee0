"""The text that a file began as: in the record, or in the repository by its id."""

import re
from pathlib import Path

from herokuclock import shell
from herokuclock.record import Record, blob_id

OBJECT = re.compile(r"\b[0-9a-f]{64}\b")


def text(root: Path, record: Record, path: str) -> bytes | None:
    """Return what the tool wrote as `path`; None where no repository has it any more."""
    id, kept = record.files.get(path), record.texts.get(path)
    if id is None or (kept is not None and blob_id(kept) == id):
        return kept if id else None
    if (found := _blob(root, id)) is not None and blob_id(found) == id:
        return found
    return next((one for one in _history(root, path) if blob_id(one) == id), None)


def _blob(root: Path, name: str) -> bytes | None:
    done = shell.git(root, "cat-file", "blob", name)
    # It is read as text; what that is not has another id, and is no text of ours.
    return done.out.encode() if done.ok else None


def _history(root: Path, path: str) -> list[bytes]:
    """Return each text that a file had, where git names them otherwise: by SHA-256."""
    told = shell.git(root, "log", "--all", "--format=", "--raw", "--no-abbrev", "--", path)
    names = dict.fromkeys(name for name in OBJECT.findall(told.out) if name.strip("0"))
    return [found for name in names if (found := _blob(root, name)) is not None]
