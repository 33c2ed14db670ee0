"""What a check finds: what is wrong, what to do, and, where that is safe, the change itself."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from herokuclock import shell

NOT_OURS = {".git", ".venv", "venv", "node_modules", "__pycache__"}


@dataclass(frozen=True)
class Repair:
    """A file as it should be; no text takes it away, `only_from_git` leaves it on the disk."""

    path: str
    text: str | None = None
    only_from_git: bool = False


@dataclass(frozen=True)
class Finding:
    """`check` names the kind; an error breaks the deployment, a warning the hopes put in it.

    `remedy` is a line to paste, or a sentence that ends with a full stop.
    """

    check: str
    problem: str
    remedy: str
    severity: str = "error"
    repairs: tuple[Repair, ...] = ()


class Site:
    """A project as its files and as its git repository."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @cached_property
    def is_repository(self) -> bool:
        return shell.git(self.root, "rev-parse", "--git-dir").ok

    @cached_property
    def tracked(self) -> frozenset[str]:
        """The files that git has, below the project's folder."""
        return self._listed("--cached")

    @cached_property
    def files(self) -> frozenset[str]:
        """The files that a push takes along once all is committed."""
        if not self.is_repository:
            return frozenset(self._on_disk())
        listed = self._listed("--cached", "--others", "--exclude-standard")
        return frozenset(name for name in listed if (self.root / name).exists())

    def _on_disk(self) -> Iterator[str]:
        for folder, names, files in os.walk(self.root):
            names[:] = [name for name in names if name not in NOT_OURS]
            yield from ((Path(folder) / name).relative_to(self.root).as_posix() for name in files)

    def _listed(self, *which: str) -> frozenset[str]:
        done = shell.git(self.root, "ls-files", "-z", *which)
        return frozenset(name for name in done.out.split("\0") if name)

    def has(self, name: str) -> bool:
        """Say whether a file, or a folder of this name with files in it, goes along."""
        return name in self.files or any(each.startswith(f"{name}/") for each in self.files)

    def content(self, name: str) -> bytes:
        return (self.root / name).read_bytes()

    def append(self, name: str, line: str) -> str:
        """Return the command that gives a file one more line, whether or not its last one ends."""
        if self._ends(name):
            return f"echo '{line}' >> {name}"
        return f"printf '\\n%s\\n' '{line}' >> {name}"

    def with_line(self, name: str, line: str) -> str:
        """Return a file's text with one more line."""
        return self.text(name) + ("" if self._ends(name) else "\n") + f"{line}\n"

    def _ends(self, name: str) -> bool:
        text = self.text(name)
        return not text or text.endswith("\n")

    def text(self, name: str) -> str:
        """Return a file's text, empty where there is none."""
        path = self.root / name
        return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
