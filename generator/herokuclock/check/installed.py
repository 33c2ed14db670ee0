"""What a build installs, as the project's own lock or requirements say, and what each brings."""

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from packaging.markers import InvalidMarker, Marker, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from herokuclock import shell
from herokuclock.check import python, requirements_file
from herokuclock.check.build import LOCKS
from herokuclock.check.findings import Site
from herokuclock.check.modules_of import BRING, DISTRIBUTIONS
from herokuclock.project import Project

ASK_PYTHON = """
import importlib.metadata as m, json
brings = {}
for module, names in m.packages_distributions().items():
    for name in names: brings.setdefault(name.lower().replace("_", "-"), []).append(module)
facts = {d.name: [d.version, d.requires or []] for d in m.distributions() if d.name}
print(json.dumps([brings, facts]))
"""


@dataclass(frozen=True)
class Installed:
    """The distributions, by canonical name; `is_whole` says that there can be no others."""

    names: frozenset[str]
    is_whole: bool
    versions: Mapping[str, str]


@cache
def of(site: Site) -> Installed | None:
    """Return what a build installs; None where nothing, or too much, says what."""
    if sum(map(site.has_file, LOCKS)) > 1:
        return None
    if site.has_file("uv.lock"):
        return _of_uv(site)
    if site.has_file("poetry.lock"):
        return _of_poetry(site)
    if site.has_file("Pipfile.lock"):
        return _of_pipenv(site)
    return _of_pip(site) if site.has_file("requirements.txt") else None


def toml(site: Site, name: str) -> dict[str, Any] | None:
    """Return what a TOML file says; None where it is none."""
    try:
        return tomllib.loads(site.content(name).decode("utf-8"))
    except (ValueError, RecursionError):
        return None


def _canonical(name: Any) -> str:
    return canonicalize_name(str(name))


def tables(value: Any) -> list[dict[str, Any]]:
    """Return the tables of a list in a TOML file, whatever else stands there."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _of_uv(site: Site) -> Installed | None:
    lock = toml(site, "uv.lock")
    if not lock:
        return None
    found = {_canonical(p.get("name")): p for p in tables(lock.get("package"))}
    waiting: list[tuple[str, str]] = [(name, "") for name, p in found.items() if is_root(p)]
    seen: set[tuple[str, str]] = set()
    while waiting:
        name, extra = waiting.pop()
        if (name, extra) in seen or name not in found:
            continue
        seen.add((name, extra))
        package = found[name]
        optional = package.get("optional-dependencies")
        below = optional.get(extra) if extra and isinstance(optional, dict) else None
        for each in tables(below if extra else package.get("dependencies")):
            if _applies(site, each.get("marker")):
                other = canonicalize_name(str(each.get("name")))
                extras = each.get("extra", [])
                waiting += [(other, ""), *((other, str(e)) for e in extras if isinstance(e, str))]
    names = frozenset(name for name, _ in seen)
    return Installed(names, True, {n: str(found[n].get("version", "")) for n in names})


def is_root(package: dict[str, Any]) -> bool:
    """Say whether a package of uv.lock is the project itself."""
    source = package.get("source")
    return isinstance(source, dict) and "." in (source.get("virtual"), source.get("editable"))


def _applies(site: Site, marker: Any) -> bool:
    try:
        return not marker or Marker(str(marker)).evaluate(python.environment(site))
    except (InvalidMarker, UndefinedEnvironmentName):
        return True


def _of_poetry(site: Site) -> Installed | None:
    lock = toml(site, "poetry.lock")
    if lock is None:
        return None
    main = [p for p in tables(lock.get("package")) if "main" in _groups(p)]
    versions = {_canonical(p.get("name")): str(p.get("version", "")) for p in main}
    return Installed(frozenset(versions), True, versions)


def _groups(package: dict[str, Any]) -> list[Any]:
    groups = package.get("groups", ["main"])
    return groups if isinstance(groups, list) else ["main"]


def _of_pipenv(site: Site) -> Installed | None:
    try:
        pins = json.loads(site.text("Pipfile.lock"))["default"]
        names = {_canonical(name): facts for name, facts in pins.items()}
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    versions = {n: str(f.get("version", "")).strip("=") for n, f in names.items() if _is_table(f)}
    return Installed(frozenset(names), True, versions)


def _is_table(value: Any) -> bool:
    return isinstance(value, dict)


def _of_pip(site: Site) -> Installed:
    reading = requirements_file.read(site)
    asked = [line for line in reading.wanted if line.name]
    pins = {
        line.name: next((s.version for s in line.requirement.specifier if s.operator == "=="), "")
        for line in asked
        if line.requirement
    }
    is_known = all(line.name for line in reading.wanted) and not reading.is_partial
    names = {line.name for line in asked}
    closed, all_known = _closure(site, asked, names)
    frozen = all(line.is_pinned for line in asked) and closed <= names
    return Installed(frozenset(closed | names), is_known and (frozen or all_known), pins)


def _closure(
    site: Site, asked: Iterable[requirements_file.Line], names: set[str]
) -> tuple[set[str], bool]:
    """Return what the requirements bring along, and whether that is known of all of them."""
    known, all_known = environment(site)[1], True
    waiting = [
        (line.name, frozenset(line.requirement.extras if line.requirement else ()))
        for line in asked
    ]
    found: set[str] = set()
    while waiting:
        name, extras = waiting.pop()
        requires = known[name][1] if name in known else BRING.get(name)
        if requires is None:
            all_known = False
            continue
        for text in requires:
            try:
                needed = Requirement(text)
            except InvalidRequirement:
                continue
            other = canonicalize_name(needed.name)
            if other not in found and _is_wanted(site, needed, extras):
                found.add(other)
                waiting.append((other, frozenset(needed.extras)))
    return found, all_known


def _is_wanted(site: Site, needed: Requirement, extras: frozenset[str]) -> bool:
    if needed.marker is None:
        return True
    here = python.environment(site)
    return any(needed.marker.evaluate({**here, "extra": each}) for each in (*extras, ""))


@cache
def environment(site: Site) -> tuple[dict[str, list[str]], dict[str, tuple[str, list[str]]]]:
    """Return what the project's own environment knows: modules by distribution, and versions."""
    interpreter = Project(site.folder).python()
    done = shell.run([interpreter, "-I", "-c", ASK_PYTHON]) if interpreter else None
    if done is None or not done.ok:
        return {}, {}
    brings, facts = json.loads(done.out)
    return (
        {canonicalize_name(name): modules for name, modules in brings.items()},
        {canonicalize_name(name): (found[0], found[1]) for name, found in facts.items()},
    )


def brings(site: Site, module: str) -> bool:
    """Say whether something that is installed brings a module, as far as anybody knows."""
    found = of(site)
    if found is None:
        return True
    return any(_may_bring(site, name, module) for name in found.names)


def _may_bring(site: Site, name: str, module: str) -> bool:
    known = environment(site)[0].get(name)
    if known and module in known:
        return True
    plain, wanted = name.replace("-", "_"), module.lower()
    if plain == wanted or name in DISTRIBUTIONS.get(module, ()):
        return True
    # Where nobody can be asked, python-telegram-bot is taken to bring telegram.
    return not known and (wanted in re.split(r"[-_.]", name) or wanted.strip("_") == plain)


def distribution_of(site: Site, module: str) -> str | None:
    """Return the distribution that is known to bring a module; never a guess by its name."""
    for name, modules in environment(site)[0].items():
        if module in modules:
            return name
    return next(iter(DISTRIBUTIONS.get(module, ())), None)
