"""Checks of the requirements: pip takes every line, they agree, and every version is pinned."""

from collections.abc import Iterator
from email.parser import BytesParser
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from herokuclock import packages
from herokuclock.check import installed, python, requirements_file
from herokuclock.check.findings import Finding, Site
from herokuclock.check.requirements_file import Line

FILE = "requirements.txt"
# What `pip freeze` lists of one machine, and no build on Heroku can install.
NOT_FOR_LINUX = {
    "appscript": "macOS",
    "pkg-resources": "Debian",
    "pyobjc": "macOS",
    "pyobjc-core": "macOS",
    "pypiwin32": "Windows",
    "pywin32": "Windows",
    "pywinpty": "Windows",
    "windows-curses": "Windows",
    "winrt": "Windows",
    "command-not-found": "Ubuntu",
    "python-debian": "Debian",
    "ubuntu-advantage-tools": "Ubuntu",
    "ufw": "Ubuntu",
}


def refused(site: Site) -> Iterator[Finding]:
    """Pip takes every line."""
    if not _is_used(site):
        return
    reading = requirements_file.read(site)
    for place, problem in reading.problems:
        yield _finding(f"{place} {problem}.", _mend(place))
    for line in reading.wanted:
        # Only what would really be installed: a marker may have switched it off.
        if line.name in NOT_FOR_LINUX:
            system = NOT_FOR_LINUX[line.name]
            problem = f"{line.place} asks for {line.name}, a part of {system} that Heroku lacks."
            yield _finding(problem, f"sed -i.bak '{_number(line)}d' {_file(line)}")
    yield from _hashes(reading.wanted)
    yield from _contradictions(reading.lines)
    yield from _vendored(site, reading.wanted)


def _is_used(site: Site) -> bool:
    return packages.of(site.root).name == "pip" and site.has_file(FILE)


def _finding(problem: str, remedy: str) -> Finding:
    return Finding("requirements", problem, remedy)


def _mend(place: str) -> str:
    if ":" not in place:
        return f"Save {place} as UTF-8, the text itself."
    file, _, number = place.rpartition(":")
    return f"Correct line {number} of {file}, or take it out."


def _number(line: Line) -> str:
    return line.place.rpartition(":")[2]


def _file(line: Line) -> str:
    return line.place.rpartition(":")[0]


def _hashes(lines: list[Line]) -> Iterator[Finding]:
    without = [line for line in lines if not line.has_hash]
    if without and len(without) < len(lines):
        problem = f"{without[0].place} has no hash, and others have: pip wants all or none."
        yield _finding(problem, "Make requirements.txt anew with hashes for all, or for none.")


def _contradictions(lines: list[Line]) -> Iterator[Finding]:
    """Yield each pin that another line of the same name does not allow."""
    pins: dict[str, Line] = {}
    for line in lines:
        if line.is_on and line.requirement and _pin(line.requirement):
            other = pins.setdefault(line.name, line)
            if not _agree(other, line):
                yield _disagree(other, line)
    for line in lines:
        pin = pins.get(line.name)
        is_range = pin and line.is_on and line.requirement and not _pin(line.requirement)
        if pin and is_range and not _agree(pin, line):
            yield _disagree(pin, line)


def _pin(requirement: Requirement) -> str:
    exact = [s.version for s in requirement.specifier if s.operator == "=="]
    return exact[0] if exact and "*" not in exact[0] else ""


def _agree(pin: Line, line: Line) -> bool:
    assert pin.requirement
    assert line.requirement
    try:
        version = Version(_pin(pin.requirement))
    except InvalidVersion:
        return True
    return line.requirement.specifier.contains(version, prereleases=True)


def _disagree(one: Line, other: Line) -> Finding:
    problem = f"{one.place} and {other.place} contradict each other: {one.text} and {other.text}."
    return _finding(problem, "Take one of them out.")


def _vendored(site: Site, lines: list[Line]) -> Iterator[Finding]:
    """Yield each pin that a wheel of the project's own does not allow."""
    pins = {line.name: line for line in lines if line.requirement and _pin(line.requirement)}
    for wheel in sorted(name for name in site.files if name.endswith(".whl")):
        name = canonicalize_name(wheel.rpartition("/")[2].split("-")[0])
        if name not in {line.name for line in lines}:
            continue
        for text in requires(site.root / wheel):
            pin = pins.get(canonicalize_name(text.name))
            is_on = text.marker is None or text.marker.evaluate(python.environment(site))
            if pin and pin.requirement and is_on and _excludes(text, pin.requirement):
                problem = f"{pin.place} pins {pin.text}, and {name} needs {text.specifier}."
                yield _finding(problem, "Make requirements.txt anew, by what it is made with.")


def _excludes(wanted: Requirement, pinned: Requirement) -> bool:
    try:
        return not wanted.specifier.contains(Version(_pin(pinned)), prereleases=True)
    except InvalidVersion:
        return False


def requires(wheel: Path) -> Iterator[Requirement]:
    """Yield what a wheel says that it needs; nothing where it is none."""
    try:
        with ZipFile(wheel) as archive:
            name = next((n for n in archive.namelist() if n.endswith(".dist-info/METADATA")), "")
            facts = BytesParser().parsebytes(archive.read(name) if name else b"")
    except (BadZipFile, OSError, KeyError, ValueError, NotImplementedError):
        return
    for text in facts.get_all("Requires-Dist", []):
        try:
            yield Requirement(text)
        except InvalidRequirement:
            continue


def pinned(site: Site) -> Iterator[Finding]:
    """An unpinned requirement is another program at the next build."""
    if not _is_used(site):
        return
    loose = [line for line in requirements_file.read(site).wanted if not line.is_pinned]
    if loose:
        names = ", ".join(line.name for line in loose[:3]) + (", ..." if len(loose) > 3 else "")
        yield Finding(
            "pinned",
            f"{FILE} does not pin {names}: each build may install another version.",
            packages.of(site.root).relock,
            "note",
        )


def locked(site: Site) -> Iterator[Finding]:
    """Everything that requirements.in asks for stands in requirements.txt."""
    if not _is_used(site) or not site.has_file("requirements.in"):
        return
    have = {line.name for line in requirements_file.read(site).lines}
    for line in requirements_file.read(site, "requirements.in").wanted:
        if line.name and line.name not in have:
            yield Finding(
                "locked",
                f"requirements.in asks for {line.name}, which {FILE} does not have.",
                packages.COMPILE,
                "warning",
            )


def proved(site: Site) -> Iterator[Finding]:
    """The versions that jobs.py is tried with here are those that Heroku installs."""
    found, here = installed.of(site), installed.environment(site)[1]
    if found is None:
        return
    other = [
        f"{name} {here[name][0]} (Heroku: {version})"
        for name, version in sorted(found.versions.items())
        if name in here and version and "*" not in version and _differ(here[name][0], version)
    ]
    if other:
        more = f" and {len(other) - 3} more" if len(other) > 3 else ""
        yield Finding(
            "versions",
            f"jobs.py is tried here with other versions: {', '.join(other[:3])}{more}.",
            packages.of(site.root).set_up,
            "warning",
        )


def _differ(one: str, other: str) -> bool:
    try:
        # What a project carries has a version of its own behind the +.
        return Version(one).public != Version(other).public
    except InvalidVersion:
        return one != other
