"""What `init` does to an app, as data: edits of files, and lines that its owner pastes."""

import difflib
from dataclasses import dataclass, field, replace

NEAR = 4  # so few lines between two places make one of them


@dataclass(frozen=True)
class Edit:
    """A file before and after; None where there is none, and why it changes."""

    path: str
    old: bytes | None
    new: bytes
    why: str

    def diff(self) -> list[str]:
        """Return the change as `git diff` shows it; of a file that is no text its size."""
        if b"\0" in self.new[:8000] and not self.new.startswith((b"\xff\xfe", b"\xfe\xff")):
            return ["--- /dev/null", f"+++ b/{self.path}", f"({len(self.new):,} bytes)"]
        old, new = (_lines(content) for content in (self.old, self.new))
        names = ("/dev/null" if self.old is None else f"a/{self.path}", f"b/{self.path}")
        return list(difflib.unified_diff(old, new, *names, lineterm=""))


@dataclass(frozen=True)
class Paste:
    """Lines for its owner to place: where, why `init` does not do it, and what they replace.

    Without a line number they go to the end of the file, above what starts the clock.
    """

    file: str
    line: int | None
    reason: str
    lines: tuple[str, ...] = ()
    instead_of: tuple[str, ...] = ()

    def told(self) -> list[str]:
        """Return it as lines of text, as a diff shows them."""
        where = f"line {self.line}:" if self.line else "above what starts the clock, or at its end:"
        old = [f"  - {line}".rstrip() for line in self.instead_of]
        return [where, *old, *(f"  + {line}".rstrip() for line in self.lines)]


@dataclass
class Plan:
    """All that `init` would do, and what it means."""

    edits: list[Edit] = field(default_factory=list)
    pastes: list[Paste] = field(default_factory=list)
    meanings: list[str] = field(default_factory=list)
    has_dashboard: bool = False

    def edit(self, path: str, old: bytes | None, new: bytes, why: str) -> None:
        """Add an edit, where it changes anything."""
        if old != new:
            self.edits.append(Edit(path, old, new, why))


def pastes(path: str, old: str, new: str, reason: str) -> list[Paste]:
    """Return an edit that is not made as lines to paste, a piece for each place."""
    before, after = old.splitlines(), new.splitlines()
    pieces: list[tuple[int, int, int, int]] = []
    for start, end, begin, stop in _changes(before, after):
        if pieces and start - pieces[-1][1] < NEAR:
            pieces[-1] = (pieces[-1][0], end, pieces[-1][2], stop)
        else:
            pieces.append((start, end, begin, stop))
    return [
        Paste(path, start + 1, reason, tuple(after[begin:stop]), tuple(before[start:end]))
        for start, end, begin, stop in pieces
    ]


def renumbered(paste: Paste, edit: Edit) -> Paste:
    """Return lines to paste with the place that they have once the file is edited."""
    old, new = _lines(edit.old), _lines(edit.new)
    place = (paste.line or 1) - 1
    moved = sum(
        (stop - begin) - (end - start)
        for start, end, begin, stop in _changes(old, new)
        if end <= place
    )
    return replace(paste, line=place + 1 + moved)


def _changes(before: list[str], after: list[str]) -> list[tuple[int, int, int, int]]:
    found = difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    return [(a, b, c, d) for kind, a, b, c, d in found if kind != "equal"]


def with_lines(text: str, lines: list[str]) -> str:
    """Put lines at the end of a text, with its line ends; one whose last has no end keeps none."""
    end = "\r\n" if "\r\n" in text else "\n"
    if text and not text.endswith("\n"):
        return text + end + end.join(lines)
    return text + "".join(f"{line}{end}" for line in lines)


def _lines(content: bytes | None) -> list[str]:
    content = content or b""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace").splitlines()
    try:
        return content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        return content.decode("latin-1").splitlines()
