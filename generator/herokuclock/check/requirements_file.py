"""A requirements file as pip reads it: encoding, lines, options, and the files it includes."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from posixpath import dirname, join, normpath

from packaging.markers import UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from herokuclock.check import locations, python
from herokuclock.check.findings import Site

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
POINTER = "version https://git-lfs.github.com/spec/"
INCLUDES = re.compile(r"(?:-r|--requirement|-c|--constraint)(?:\s*=\s*|\s+|(?<=-[rc]))(\S.*)")
OPTIONS = re.compile(
    r"(?:-i|-f|--(?:index-url|extra-index-url|no-index|find-links|no-binary|only-binary"
    r"|prefer-binary|require-hashes|pre|trusted-host|use-feature))(?:[\s=]|$)|-[if]\S"
)
EDITABLE = re.compile(r"(?:-e|--editable)[\s=]+(.+)")
OWN_OPTIONS = re.compile(r"\s+--?(?:hash|config-settings?|global-option|C)\b.*", re.DOTALL)


@dataclass(frozen=True)
class Line:
    """One line that asks for something; `place` is where it stands."""

    place: str
    text: str
    requirement: Requirement | None = None
    location: str = ""
    has_hash: bool = False
    is_constraint: bool = False
    is_on: bool = True

    @property
    def name(self) -> str:
        """Return the distribution's name, canonical; nothing where only a build would tell."""
        if self.requirement:
            return canonicalize_name(self.requirement.name)
        if self.location.lower().endswith(".whl"):
            try:
                return parse_wheel_filename(self.location.rpartition("/")[2])[0]
            except InvalidWheelFilename:
                return ""
        egg = re.search(r"#(?:.*&)?egg=([\w.-]+)", self.location)
        named = egg[1] if egg else re.sub(r"(?:\.git)?(?:@[^/]*)?$", "", self.location)
        return canonicalize_name(named.rstrip("/").rpartition("/")[2])

    @property
    def is_pinned(self) -> bool:
        if self.requirement is None or self.requirement.url:
            return True
        return any(s.operator in ("==", "===") for s in self.requirement.specifier)


@dataclass
class Reading:
    """What a file asks for, and what pip would not take, each with its place."""

    lines: list[Line] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    is_partial: bool = False

    @property
    def wanted(self) -> list[Line]:
        """The lines that install something on Heroku."""
        return [line for line in self.lines if line.is_on and not line.is_constraint]


@cache
def read(site: Site, file: str = "requirements.txt") -> Reading:
    """Read a file and those that it includes."""
    found = Reading()
    _read(site, file, False, {}, found)
    return found


def decode(raw: bytes) -> str | None:
    """Return the text that pip sees, None where it sees none."""
    for bom, encoding in BOMS:
        if raw.startswith(bom):
            try:
                return raw.decode(encoding)
            except UnicodeDecodeError:
                return None
    declared = re.search(
        rb"^#.*coding[:=]\s*([-\w.]+)", b"\n".join(raw.split(b"\n")[:2]), re.MULTILINE
    )
    try:
        return raw.decode(declared[1].decode() if declared else "utf-8")
    except (UnicodeDecodeError, LookupError):
        return None


def _read(site: Site, file: str, constrains: bool, path: dict[str, None], found: Reading) -> None:
    text = decode(site.content(file))
    if text is None:
        found.problems.append((file, "is not UTF-8 text; pip cannot read it"))
    elif text.startswith(POINTER):
        found.problems.append((file, "is a pointer of Git LFS, and Heroku does not follow it"))
    elif "\0" in text:
        found.problems.append((file, "is UTF-16 without a byte order mark; pip cannot read it"))
    else:
        for number, line in _logical(text):
            _take(site, file, f"{file}:{number}", line, constrains, {**path, file: None}, found)


def _logical(text: str) -> Iterator[tuple[int, str]]:
    """Yield each line that says something, joined where a backslash says so."""
    joined, start = "", 0
    for number, raw in enumerate(text.splitlines(), 1):
        start = start or number
        if raw.endswith("\\") and not re.match(r"\s*#", raw):
            joined += raw[:-1]
            continue
        line = re.sub(r"(^|\s+)#.*$", "", joined + raw).strip()
        if line:
            yield start, line
        joined, start = "", 0
    if joined.strip():
        yield start, joined.strip()


def _take(
    site: Site,
    file: str,
    place: str,
    line: str,
    constrains: bool,
    path: dict[str, None],
    found: Reading,
) -> None:
    if included := INCLUDES.fullmatch(line):
        constrains = constrains or line.lstrip("-").startswith("c")
        _include(site, file, place, included[1].strip("'\""), constrains, path, found)
    elif edited := EDITABLE.fullmatch(line):
        _ask(site, file, place, edited[1], found, constrains, is_editable=True)
    elif line.startswith("-"):
        if not OPTIONS.match(line):
            found.problems.append((place, f"has an option that pip does not know: {line}"))
    else:
        _ask(site, file, place, line, found, constrains)


def _include(
    site: Site,
    file: str,
    place: str,
    name: str,
    constrains: bool,
    path: dict[str, None],
    found: Reading,
) -> None:
    if "://" in name or "$" in name:
        found.is_partial = True
        return
    other = normpath(join(dirname(file), name))
    if other in path:
        found.problems.append((place, f"includes {name}, which includes this file again"))
    elif other not in site.files:
        found.problems.append((place, f"includes {name}, which the commit does not have"))
    else:
        _read(site, other, constrains, path, found)


def _ask(
    site: Site,
    file: str,
    place: str,
    line: str,
    found: Reading,
    constrains: bool,
    is_editable: bool = False,
) -> None:
    """Take one requirement: a name with versions, an address, or a path."""
    plain, has_hash = OWN_OPTIONS.sub("", line).strip(), "--hash" in line
    if is_editable or _is_location(plain):
        location = plain.partition(" ;")[0].strip()
        asked = Line(place, plain, None, location, has_hash, constrains)
    else:
        try:
            requirement = Requirement(plain)
            is_on = _is_on(site, requirement)
        except (InvalidRequirement, ValueError) as error:
            what = str(error).partition("\n")[0].rstrip(".")
            found.problems.append((place, f"is no requirement: {plain[:80]} ({what[:80]})"))
            return
        url = requirement.url or ""
        asked = Line(place, plain, requirement, url, has_hash, constrains, is_on)
    problem = locations.problem(site, asked.location) if asked.location and asked.is_on else ""
    if problem:
        found.problems.append((place, problem))
    found.lines.append(asked)


def _is_location(line: str) -> bool:
    head = re.split(r"\s*[;\[]", line, maxsplit=1)[0]
    if " @ " in line or re.match(r"[\w.-]+(\[[^\]]*\])?\s*@\s*\S+:", line):
        return False
    return bool(re.match(r"[a-z][a-z0-9+.-]*:", head, re.IGNORECASE)) or (
        " " not in head
        and ("/" in head or head in (".", "..") or bool(locations.ARCHIVE.search(head)))
    )


def _is_on(site: Site, requirement: Requirement) -> bool:
    try:
        environment = python.environment(site)
        return requirement.marker is None or requirement.marker.evaluate(environment)
    except UndefinedEnvironmentName:
        return True
