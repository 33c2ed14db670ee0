"""Checks of a uv project: its lock says what pyproject.toml asks for, and fits what is there."""

import hashlib
import re
import shlex
from collections.abc import Iterator
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from herokuclock.check import installed, python
from herokuclock.check.build import LOCKS
from herokuclock.check.findings import Finding, Repair, Site

STALE = "uv.lock does not say what pyproject.toml asks for, and the build refuses that: "


def locked(site: Site) -> Iterator[Finding]:
    """uv.lock is that of pyproject.toml, of the Python version, and of the project's own wheels."""
    if [name for name in LOCKS if site.has_file(name)] != ["uv.lock"]:
        return
    if not site.has_file("pyproject.toml"):
        yield _finding("There is a uv.lock and no pyproject.toml.", "uv init --bare && uv lock")
        return
    asked, lock = installed.toml(site, "pyproject.toml"), installed.toml(site, "uv.lock")
    if asked is None or lock is None:
        name = "pyproject.toml" if asked is None else "uv.lock"
        mend = "Mend it: its quote or bracket." if asked is None else "rm uv.lock && uv lock"
        yield _finding(f"{name} is no TOML.", mend)
        return
    project = asked.get("project")
    if not isinstance(project, dict):
        yield _finding("pyproject.toml has no [project].", "uv init --bare")
        return
    yield from _python(site, project)
    different = _different(asked, project, lock)
    if different:
        yield _mended(STALE + different, "lock")
    yield from _hashes(site, lock)


def _finding(problem: str, remedy: str) -> Finding:
    return Finding("uv", problem, remedy)


def _mended(problem: str, *by_uv: str) -> Finding:
    """Return a finding that uv mends when it is told this."""
    repair = Repair("uv.lock", by_uv=by_uv)
    return Finding("uv", problem, shlex.join(["uv", *by_uv]), repairs=(repair,))


def _python(site: Site, project: dict[str, Any]) -> Iterator[Finding]:
    wanted = str(project.get("requires-python", ""))
    version = python.environment(site)["python_full_version"]
    try:
        fits = SpecifierSet(wanted).contains(version, prereleases=True)
    except InvalidSpecifier:
        yield _finding(f"requires-python is no range: {wanted!r}.", 'Write ">=3.11", for example.')
        return
    if not fits:
        problem = f"pyproject.toml needs Python {wanted}, and .python-version says {version}."
        least = re.search(r">=?\s*(\d+\.\d+)", wanted)
        yield _finding(problem, f"echo {least[1] if least else '3.14'} > .python-version")


def _different(asked: dict[str, Any], project: dict[str, Any], lock: dict[str, Any]) -> str:
    """Return what the lock lacks or has too much; nothing where they agree."""
    members = [p for p in installed.tables(lock.get("package")) if installed.is_root(p)]
    name = canonicalize_name(str(project.get("name", "")))
    mine = next((p for p in members if canonicalize_name(str(p.get("name"))) == name), None)
    if mine is None:
        return f"it has no {name}."
    if _range(lock.get("requires-python")) != _range(project.get("requires-python")):
        return f"it is for Python {lock.get('requires-python')}."
    facts = mine.get("metadata")
    facts = facts if isinstance(facts, dict) else {}
    wanted = {*_wanted(project.get("dependencies")), *_optional(project)}
    have = set(map(_locked, installed.tables(facts.get("requires-dist"))))
    groups = facts.get("requires-dev")
    for group, listed in _groups(asked).items():
        wanted |= {f"{group}: {each}" for each in _wanted(listed)}
    for group, listed in (groups if isinstance(groups, dict) else {}).items():
        have |= {f"{group}: {_locked(each)}" for each in installed.tables(listed)}
    # Extras and groups may include each other, which only uv itself resolves.
    missing, extra = sorted(wanted - have), sorted(have - wanted)
    if missing:
        return f"it lacks {missing[0]}."
    return f"it still has {extra[0]}." if extra else ""


def _range(value: Any) -> SpecifierSet | None:
    try:
        return SpecifierSet(str(value or ""))
    except InvalidSpecifier:
        return None


def _groups(asked: dict[str, Any]) -> dict[str, Any]:
    groups = asked.get("dependency-groups")
    return groups if isinstance(groups, dict) else {}


def _optional(project: dict[str, Any]) -> set[str]:
    extras = project.get("optional-dependencies")
    listed = extras.values() if isinstance(extras, dict) else []
    return {text for each in listed for text in _wanted(each)}


def _wanted(listed: Any) -> set[str]:
    texts = [text for text in listed if isinstance(text, str)] if isinstance(listed, list) else []
    found = set()
    for text in texts:
        try:
            each = Requirement(text)
            found.add(_said(each.name, each.extras, str(each.specifier)))
        except InvalidRequirement:
            found.add(text)
    return found


def _locked(entry: dict[str, Any]) -> str:
    extras = entry.get("extras", [])
    listed = {e for e in extras if isinstance(e, str)} if isinstance(extras, list) else set()
    return _said(str(entry.get("name", "")), listed, str(entry.get("specifier", "")))


def _said(name: str, extras: set[str], specifier: str) -> str:
    parts = ",".join(sorted(part.strip() for part in specifier.split(",")))
    extra = f"[{','.join(sorted(extras))}]" if extras else ""
    return f"{canonicalize_name(name)}{extra}{parts}"


def _hashes(site: Site, lock: dict[str, Any]) -> Iterator[Finding]:
    """Yield each wheel of the project's own that is not the one that was locked."""
    for package in installed.tables(lock.get("package")):
        source = package.get("source")
        path = source.get("path") if isinstance(source, dict) else None
        if not isinstance(path, str):
            continue
        name = str(package.get("name"))
        if not site.has_file(path):
            problem = f"uv.lock takes {name} from {path}, which the commit does not have."
            yield _finding(problem, "Commit that file.")
            continue
        known = [str(w.get("hash", "")) for w in installed.tables(package.get("wheels"))]
        actual = f"sha256:{hashlib.sha256(site.content(path)).hexdigest()}"
        if known and actual not in known:
            problem = f"{path} is not the file that uv.lock knows; the build refuses it."
            yield _mended(problem, "lock", "--upgrade-package", name)
