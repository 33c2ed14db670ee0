"""Three texts become one, by git; the bytes of the owner's stay as they are."""

import tempfile
from pathlib import Path
from typing import NamedTuple

from herokuclock import shell


class Merged(NamedTuple):
    """A merged text, and whether there are conflicts in it."""

    text: bytes
    conflicts: bool


def three_way(ours: bytes, base: bytes, theirs: bytes, labels: tuple[str, str]) -> Merged | None:
    """Bring the way from `base` to `theirs` into `ours`; None where that is no text."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / name for name in ("ours", "base", "theirs")]
        for file, text in zip(files, (ours, base, theirs), strict=True):
            file.write_bytes(text)
        names = ("yours", *labels)
        told = [word for name in names for word in ("-L", name)]
        done = shell.run(["git", "merge-file", "--quiet", *told, *files])
        if not 0 <= done.code < 128:
            return None
        return Merged(files[0].read_bytes(), done.code > 0)


def plain(text: bytes) -> bytes:
    """Return a text with git's own line ends."""
    return text.replace(b"\r\n", b"\n")


def as_in(text: bytes, ours: bytes) -> bytes:
    """Return a text of ours with the line ends that most lines of another one have."""
    is_windows = ours.count(b"\r\n") * 2 > ours.count(b"\n")
    return text.replace(b"\n", b"\r\n") if is_windows else text
