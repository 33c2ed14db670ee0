"""Checks of the Python version: one that Heroku has, in the file where it is looked for."""

import json
import re
from collections.abc import Iterator
from functools import cache
from shlex import quote

from herokuclock.check.findings import Finding, Repair, Site

OLDEST, NEWEST, NEXT_TO_GO = (3, 10), (3, 14), (3, 10)
# The newest patch of each that Heroku is known to have.
PATCHES = {"3.10": 21, "3.11": 16, "3.12": 14, "3.13": 15, "3.14": 7}
VERSION = r"(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))?"
BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
BLANK = " \t\r\n\v\f"
# The names that the buildpack takes for a misspelled .python-version; any other it passes over.
MISSPELLED = frozenset(
    (
        *(" .python-version", ". python-version", ".python-version ", ".python-version."),
        *(".python-version.py", ".python-version.rtf", ".python-version.txt"),
        *(".python-version.TXT", ".python_version", ".python_version.txt", ".Python-version"),
        *(".python.version", ".pythonversion", "python_version.txt", "python-version."),
        *("python-version.txt", "python-version"),
    )
)


def python_version(site: Site) -> Iterator[Finding]:
    """One Python version, that Heroku has, in the file where it is looked for."""
    if site.has_file("runtime.txt"):
        yield from _runtime(site)
        return
    misspelled = sorted(MISSPELLED & site.files)
    if misspelled:
        yield _misspelled(site, misspelled[0])
    elif site.has_file(".python-version"):
        yield from _python_version_file(site)
    elif site.has("uv.lock"):
        yield Finding(
            "python-version", "uv needs a .python-version.", "echo 3.14 > .python-version"
        )
    elif site.has("Pipfile.lock"):
        yield from _pipfile_lock(site)
    else:
        yield Finding(
            "python-version",
            "No .python-version: Heroku chooses, and may choose another one than this machine has.",
            "echo 3.14 > .python-version",
            "warning",
        )


def _runtime(site: Site) -> Iterator[Finding]:
    if site.has("uv.lock"):
        found = re.search(r"\d+\.\d+", site.text("runtime.txt"))
        yield Finding(
            "python-version", "uv does not take runtime.txt.", _instead(found and found[0])
        )
        return
    match = re.fullmatch(rf"python-({VERSION})", "\n".join(_said(site.text("runtime.txt"))))
    if not match:
        yield Finding(
            "python-version",
            "runtime.txt holds no version that Heroku understands.",
            _instead(None),
        )
        return
    major = ".".join(match[1].split(".")[:2])
    problem = next((e for e in _supported(match[1]) if e.severity == "error"), None)
    yield Finding(
        "python-version",
        problem.problem if problem else "runtime.txt is deprecated, and beats .python-version.",
        _instead(major),
        "error" if problem else "warning",
        () if problem else (Repair("runtime.txt"), Repair(".python-version", f"{major}\n")),
    )


def _instead(version: str | None) -> str:
    known = version and not any(each.severity == "error" for each in _supported(version))
    return f"rm runtime.txt && echo {version if known else '3.14'} > .python-version"


def _said(text: str) -> list[str]:
    """Return the lines that say something, as the buildpack strips them."""
    lines = [line.strip(BLANK) for line in text.split("\n")]
    return [line for line in lines if line and not line.startswith("#")]


@cache
def target(site: Site) -> str:
    """Return the Python that Heroku would take, 3.13 or 3.13.2; its default where none is named."""
    name = "runtime.txt" if site.has_file("runtime.txt") else ".python-version"
    said = _said(site.text(name)) if site.has_file(name) else []
    found = re.fullmatch(rf"(?:python-)?({VERSION})", said[0]) if said else None
    return found[1] if found else "3.14"


@cache
def environment(site: Site) -> dict[str, str]:
    """Return what a requirement's marker is compared with on a dyno."""
    full = target(site)
    both = ".".join(full.split(".")[:2])
    return {
        "implementation_name": "cpython",
        "implementation_version": full,
        "os_name": "posix",
        "platform_machine": "x86_64",
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": "Linux",
        "platform_version": "",
        "python_full_version": full if full.count(".") == 2 else f"{both}.{PATCHES.get(both, 0)}",
        "python_version": both,
        "sys_platform": "linux",
        "extra": "",
    }


def _misspelled(site: Site, name: str) -> Finding:
    change = (Repair(name), Repair(".python-version", site.text(name)))
    return Finding(
        "python-version",
        f"{name} is a misspelled .python-version; the build refuses it.",
        f"rm {quote(name)}" if site.has(".python-version") else f"mv {quote(name)} .python-version",
        repairs=(Repair(name),) if site.has(".python-version") else change,
    )


def _python_version_file(site: Site) -> Iterator[Finding]:
    raw = site.content(".python-version")
    text = raw.decode("utf-16" if raw[:2] in BOMS else "utf-8-sig", "replace")
    versions = _said(text.replace("\0", ""))
    if not versions:
        yield Finding(
            "python-version", "No version stands in .python-version.", "echo 3.14 > .python-version"
        )
    elif len(versions) > 1:
        yield Finding(
            "python-version",
            f".python-version names {len(versions)} versions.",
            f"echo {next(filter(_is_fine, versions), '3.14')} > .python-version",
        )
    elif raw.startswith(BOMS) or b"\0" in raw:
        yield _rewritten("is not plain UTF-8 without a byte order mark", versions[0])
    elif not re.fullmatch(VERSION, versions[0]):
        yield _rewritten(f"holds {versions[0]!r}, which is no version", versions[0])
    else:
        yield from _supported(versions[0])


def _is_fine(version: str) -> bool:
    return bool(re.fullmatch(VERSION, version)) and not list(_supported(version))


def _rewritten(what: str, version: str) -> Finding:
    found = re.findall(r"\d+\.\d+(?:\.\d+)?", version)
    known = found[0] if len(found) == 1 and not list(_supported(found[0])) else None
    return Finding(
        "python-version",
        f".python-version {what}; the build refuses it.",
        f"echo {known or '3.14'} > .python-version",
        repairs=(Repair(".python-version", f"{known}\n"),) if known else (),
    )


def _pipfile_lock(site: Site) -> Iterator[Finding]:
    try:
        requires = json.loads(site.text("Pipfile.lock"))["_meta"]["requires"]
        version = requires.get("python_full_version") or requires.get("python_version")
    except (ValueError, LookupError, TypeError, AttributeError):
        yield Finding("python-version", "Pipfile.lock cannot be read.", "pipenv lock")
        return
    if version and not re.fullmatch(VERSION, str(version)):
        yield Finding("python-version", f"Pipfile.lock asks for Python {version!r}.", "pipenv lock")
    elif version:
        yield from _supported(str(version))


def _supported(version: str) -> Iterator[Finding]:
    major, minor, *patch = map(int, version.split("."))
    both = (major, minor)
    change = "echo 3.14 > .python-version"
    if both < OLDEST:
        yield Finding("python-version", f"Heroku has no Python {version} any more.", change)
    elif both > NEWEST:
        yield Finding("python-version", f"Heroku has no Python {version} yet.", change)
    elif patch and patch[0] != PATCHES[f"{major}.{minor}"]:
        newest = f"{major}.{minor}.{PATCHES[f'{major}.{minor}']}"
        is_old = patch[0] < PATCHES[f"{major}.{minor}"]
        problem = f"Python {version} is not the newest: there is {newest}."
        unknown = f"herokuclock does not know whether Heroku has Python {version} yet."
        yield Finding(
            "python-version",
            problem if is_old else unknown,
            f"echo {major}.{minor} > .python-version",
            "warning" if is_old else "note",
        )
    elif both == NEXT_TO_GO:
        yield Finding(
            "python-version",
            f"Heroku takes Python {major}.{minor} away on 2027-01-06.",
            change,
            "warning",
        )
