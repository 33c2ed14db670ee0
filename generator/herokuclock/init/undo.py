"""What `init` wrote into an app, kept in .herokuclock.toml so that `--remove` can give it back."""

import difflib
import json
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass

from herokuclock.init.edits import Edit
from herokuclock.record import blob_id

HEAD = "# What `herokuclock init` changed; `herokuclock init --remove` takes it back by this."
BLOCK = re.compile(rf"(?:\r?\n)?{re.escape(HEAD)}.*?(?=\r?\n\[(?!init\b)|\Z)", re.DOTALL)


@dataclass(frozen=True)
class Written:
    """A file that was written: the blob that git would have of it, and how to take it back."""

    path: str
    blob: str
    is_new: bool
    undo: tuple[tuple[int, int, str], ...] = ()

    def is_as_written(self, content: bytes | None) -> bool:
        """Say whether nobody has edited the file since."""
        return content is not None and blob_id(content) == self.blob

    def before(self, content: bytes) -> bytes | None:
        """Return the bytes that the file had; None where there was none."""
        if self.is_new:
            return None
        for start, end, old in reversed(self.undo):
            content = content[:start] + old.encode("latin-1") + content[end:]
        return content


@dataclass(frozen=True)
class Record:
    """All that was written; while that is being done, with the record of an earlier run."""

    files: tuple[Written, ...]
    is_finished: bool = True
    previous: str = ""

    def text(self) -> str:
        """Return it as a part of a TOML file."""
        lines = [HEAD, "[init]"]
        if not self.is_finished:
            lines += ["unfinished = true", f"previous = {_quoted(self.previous)}"]
        for each in self.files:
            lines += ["", f"[init.files.{_quoted(each.path)}]", f'blob = "{each.blob}"']
            lines += ["new = true"] if each.is_new else []
            if each.undo:
                hunks = [f"    [{s}, {e}, {_quoted(text)}]," for s, e, text in each.undo]
                lines += ["undo = [", *hunks, "]"]
        return "\n".join(lines) + "\n"

    def with_more(self, edits: Iterable[Edit]) -> "Record":
        """Return the record of these edits, too: what undoes them undoes the earlier ones."""
        known = {each.path: each for each in self.files}
        for edit in edits:
            earlier = known.get(edit.path)
            old = edit.old
            if earlier and old is not None and earlier.is_as_written(old):
                old = earlier.before(old)
            known[edit.path] = _written(edit.path, old, edit.new)
        return Record(tuple(known.values()))


def begun(edits: Iterable[Edit], previous: Record | None) -> Record:
    """Return the record of edits that are being made."""
    files = tuple(_written(edit.path, edit.old, edit.new) for edit in edits)
    return Record(files, is_finished=False, previous=previous.text() if previous else "")


def read(text: str) -> Record | None:
    """Return the record in a file's text; None where there is none."""
    try:
        told = tomllib.loads(text)["init"]
        files = [
            Written(
                str(path),
                str(facts["blob"]),
                bool(facts.get("new")),
                tuple((int(s), int(e), str(old)) for s, e, old in facts.get("undo", [])),
            )
            for path, facts in told.get("files", {}).items()
        ]
        is_finished = not told.get("unfinished", False)
        return Record(tuple(files), is_finished, str(told.get("previous", "")))
    except (ValueError, LookupError, TypeError, AttributeError):
        return None


def put(text: str, record: Record | None) -> str:
    """Return a file's text with this record in it; with None, without any."""
    rest = BLOCK.sub("", text)
    if record is None:
        return rest
    gap = "\n" if rest else ""
    return f"{rest}{gap}{record.text()}"


def _written(path: str, old: bytes | None, new: bytes) -> Written:
    return Written(path, blob_id(new), old is None, () if old is None else _undo(old, new))


def _undo(old: bytes, new: bytes) -> tuple[tuple[int, int, str], ...]:
    """Return the pieces of the new content that differ, each with the old bytes as text."""
    before, after = (content.splitlines(keepends=True) for content in (old, new))
    found = difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    starts = [0]
    for line in after:
        starts.append(starts[-1] + len(line))
    return tuple(
        (starts[begin], starts[stop], b"".join(before[start:end]).decode("latin-1"))
        for kind, start, end, begin, stop in found
        if kind != "equal"
    )


def _quoted(text: str) -> str:
    # JSON's escapes are TOML's, but for DEL, which only TOML wants escaped.
    return json.dumps(text).replace("\x7f", "\\u007f")
