"""What the tool wrote into a project, as .herokuclock.toml has it: where an update starts from.

Each file is known by the id of its git blob. `new` commits what it wrote, so that the text is in
the repository itself; a text that stands in no commit, as its owner had edited the file, is kept
whole.
"""

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from herokuclock import __version__

FILE = ".herokuclock.toml"
LOCK = "uv.lock"  # uv's own business: no update starts from what was in it
COMMENT = (
    "# What that version wrote, by git's ids: `herokuclock update` merges what you changed since."
)
VERSION = re.compile(r'^template = ".*"$', re.MULTILINE)
TABLES = re.compile(
    r"\n*(?:^#[^\n]*\n)?(?:\n*^\[(?:files|texts)\]\n(?:^\"[^\n]*(?:\n|\Z))*)+", re.MULTILINE
)
ID = re.compile(r"[0-9a-f]{40}")


class Record(NamedTuple):
    """The version that wrote a project, the answers it was given, and what it wrote."""

    version: str
    answers: dict[str, Any]
    files: dict[str, str]
    texts: dict[str, bytes]


def blob_id(content: bytes) -> str:
    """Return the name that git has for a content."""
    from hashlib import sha1  # Only here, as it costs `new` a moment.

    return sha1(b"blob %d\0%b" % (len(content), content), usedforsecurity=False).hexdigest()


def read(root: Path) -> Record | None:
    """Return what a project's file tells; None where there is none that can be understood."""
    import tomllib

    try:
        told = tomllib.loads((root / FILE).read_text(encoding="utf-8"))
        files, texts = _table(told, "files"), _table(told, "texts")
        whole = {path: _unpacked(text) for path, text in texts.items()}
        known = {path: id for path, id in files.items() if ID.fullmatch(id)}
        return Record(str(told["template"]), dict(told["answers"]), known, whole)
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None


def put(project: Path) -> None:
    """Record every file of a project that has just been made."""
    written = (path for path in project.rglob("*") if path.is_file())
    paths = (path for path in written if path.name not in (FILE, LOCK))
    files = {path.relative_to(project).as_posix(): blob_id(path.read_bytes()) for path in paths}
    file = project / FILE
    file.write_bytes(renewed(file.read_bytes().decode(), None, files, {}).encode())


def renewed(
    text: str, version: str | None, files: Mapping[str, str], texts: Mapping[str, bytes]
) -> str:
    """Return the file's text with another record in it; all else stays as it is."""
    tables = ["", COMMENT, "[files]", *_lines(files)]
    if texts:
        tables += ["", "[texts]", *_lines({path: _packed(text) for path, text in texts.items()})]
    if version:
        text = VERSION.sub(f"template = {json.dumps(version)}", text, count=1)
    found = TABLES.search(text)
    start, end = found.span() if found else (len(text), len(text))
    return text[:start].rstrip("\n") + "\n" + "\n".join(tables) + "\n" + text[end:]


def newer(root: Path) -> str | None:
    """Say that this program is newer than what wrote the project at `root`, if it is."""
    from packaging.version import InvalidVersion, Version

    found = read(root)
    try:
        if found is None or Version(found.version) >= Version(__version__):
            return None
    except InvalidVersion:
        return None
    return f"herokuclock is {__version__} here, and this project of {found.version}"


def _table(told: Mapping[str, Any], name: str) -> dict[str, str]:
    return {str(key): str(value) for key, value in told.get(name, {}).items()}


def _lines(values: Mapping[str, str]) -> list[str]:
    return [
        f"{json.dumps(path, ensure_ascii=False)} = {json.dumps(value)}"
        for path, value in sorted(values.items())
    ]


def _packed(text: bytes) -> str:
    import zlib

    return b64encode(zlib.compress(text, 9)).decode()


def _unpacked(text: str) -> bytes:
    import zlib

    try:
        return zlib.decompress(b64decode(text))
    except zlib.error as error:
        raise ValueError(str(error)) from None
