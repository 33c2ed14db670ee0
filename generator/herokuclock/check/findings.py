"""What a check finds: what is wrong, what to do, and, where that is safe, the change itself."""

import os
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from posixpath import normpath

from clockdyno import procfile

from herokuclock import shell

NOT_OURS = {".git", ".venv", "venv", "node_modules", "__pycache__"}
LARGEST = 1_000_000


@dataclass(frozen=True)
class Repair:
    """A file as it should be; no text takes it away, `only_from_git` leaves it on the disk.

    Where `by_uv` says what to tell uv, that changes it.
    """

    path: str
    text: str | None = None
    only_from_git: bool = False
    by_uv: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """`check` names the kind; an error breaks the deployment, a warning the hopes put in it.

    A note is worth knowing, no more. `remedy` is a line to paste, or a sentence that ends with a
    full stop.
    """

    check: str
    problem: str
    remedy: str
    severity: str = "error"
    repairs: tuple[Repair, ...] = ()


class Site:
    """A project's files as they would be pushed, and the folder that they come from.

    `root` is where the files lie: the folder itself, or a copy of a commit of it.
    """

    def __init__(
        self,
        root: Path,
        folder: Path | None = None,
        files: frozenset[str] | None = None,
        tracked: frozenset[str] | None = None,
    ) -> None:
        self.root = root
        self.folder = folder or root
        self._files, self._tracked = files, tracked

    @cached_property
    def clock(self) -> str:
        """The file that the Procfile's clock line starts; jobs.py where there is none."""
        return procfile.clock(self.root).file.as_posix()

    @property
    def is_copy(self) -> bool:
        """Say whether these files are ours alone, so that running them leaves no trace."""
        return self.root != self.folder

    @cached_property
    def _head(self) -> shell.Result:
        """What git says of this folder and of the newest commit, a line each, as far as it can."""
        asked = ("--show-prefix", "--symbolic-full-name", "HEAD")
        return shell.git(self.folder, "rev-parse", *asked)

    @property
    def above(self) -> str:
        """Which folder of a repository this is; nothing at its top."""
        return self._head.out.rstrip("\n").rpartition("\n")[0]

    @property
    def is_repository(self) -> bool:
        return self._head.out != ""

    @property
    def has_commit(self) -> bool:
        return self._head.ok

    @property
    def branch(self) -> str:
        """The branch that the newest commit is on; nothing where it is on none."""
        return self._head.out.rstrip("\n").rpartition("\n")[2].partition("refs/heads/")[2]

    @cached_property
    def tracked(self) -> frozenset[str]:
        """The files that git has, below the project's folder."""
        return self._listed("--cached") if self._tracked is None else self._tracked

    @cached_property
    def files(self) -> frozenset[str]:
        """The files that a push takes along, or would once all is committed."""
        if self._files is not None:
            return self._files
        if not self.is_repository:
            return frozenset(self._on_disk())
        listed = self._listed("--cached", "--others", "--exclude-standard")
        return frozenset(name for name in listed if self._is_inside(name))

    @cached_property
    def folders(self) -> frozenset[str]:
        """Every folder with a file in it."""
        return frozenset(
            "/".join(parts[:end])
            for parts in (name.split("/") for name in self.files)
            for end in range(1, len(parts))
        )

    def _is_inside(self, name: str) -> bool:
        path = self.root / name
        if not path.is_symlink():
            return path.exists()
        top = os.path.realpath(self.root)
        return path.exists() and os.path.realpath(path).startswith(top + os.sep)

    def _on_disk(self) -> Iterator[str]:
        for folder, names, files in os.walk(self.root):
            names[:] = [name for name in names if name not in NOT_OURS]
            yield from ((Path(folder) / name).relative_to(self.root).as_posix() for name in files)

    def _listed(self, *which: str) -> frozenset[str]:
        done = shell.git(self.folder, "ls-files", "-z", *which)
        return frozenset(name for name in done.out.split("\0") if name)

    def has(self, name: str) -> bool:
        """Say whether a file, or a folder of this name with files in it, goes along."""
        name = normpath(name)
        return name in self.files or name in self.folders

    def has_file(self, name: str) -> bool:
        return normpath(name) in self.files

    def content(self, name: str) -> bytes:
        """Return a file's bytes; nothing where there is none, or none that can be read."""
        try:
            return (self.root / name).read_bytes()
        except OSError:
            return b""

    def append(self, name: str, line: str) -> str:
        """Return the command that gives a file one more line, whether or not its last one ends."""
        quoted = shlex.quote(line) if "'" in line else f"'{line}'"
        if self._ends(name):
            return f"echo {quoted} >> {name}"
        return f"printf '\\n%s\\n' {quoted} >> {name}"

    def with_line(self, name: str, line: str) -> str:
        """Return a file's text with one more line."""
        return self.text(name) + ("" if self._ends(name) else "\n") + f"{line}\n"

    def _ends(self, name: str) -> bool:
        text = self.text(name)
        return not text or text.endswith("\n")

    def text(self, name: str) -> str:
        """Return a file's text, empty where there is none."""
        return self.content(name).decode("utf-8", "replace")
