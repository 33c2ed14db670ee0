"""The library's wheel and its requirement, asked for by the project's own tool."""

import codecs
import re
import shlex
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from herokuclock import packages, shell
from herokuclock.check import python, requirements, requirements_file
from herokuclock.check.findings import Site
from herokuclock.errors import HerokuclockError
from herokuclock.init.edits import Paste, Plan, with_lines
from herokuclock.new import bundle, library

TXT, IN, PROJECT = "requirements.txt", "requirements.in", "pyproject.toml"
WHY = "it asks for the library"
# The scheduler itself and what it brings: the library decides which of them it is.
ITS_OWN = ("apscheduler", "tzlocal")
# What the library brings beside what a Flask app has anyway; with the dashboard the last one.
BRINGS = ("apscheduler", "psycopg", "psycopg-binary", "sqlalchemy", "tzdata", "tzlocal")
BRINGS_FOR_PAGES = ("prometheus-client",)
COPIED = (PROJECT, "uv.lock", "poetry.lock", ".python-version", "README.md", "uv.toml")


def plan(site: Site, extra: str, to: Plan) -> None:
    """Add to a plan what brings the library into the project."""
    manager, wheel = packages.of(site.root), library.wheel()
    name = f"{library.FOLDER}/{wheel.name}"
    asked = f"{library.NAME}{extra}"
    if _has_it(site, manager):
        return
    if not library.IS_PUBLISHED:
        to.edit(name, None, wheel.read_bytes(), "the library, until an index has it")
    if manager.name == "pip":
        _by_pip(site, asked, to)
    elif manager in (packages.UV, packages.POETRY):
        _by_tool(site, manager, name, extra, to)
    else:
        _by_hand(manager, name, extra, to)


def _has_it(site: Site, manager: packages.Manager) -> bool:
    files = (IN, TXT) if manager.name == "pip" else (PROJECT, "Pipfile")
    return any(re.search(rf"\b{library.NAME}\b", site.text(file)) for file in files)


def _by_pip(site: Site, asked: str, to: Plan) -> None:
    pins = _template_pins()
    exact = f"{asked}=={library.version()}"
    for file in (IN, TXT):
        content = site.content(file) if site.has_file(file) else None
        if content is None and file == IN:
            continue
        text, encoding = _decoded(file, content or b"")
        if "--hash" in text:
            reason = "it holds hashes, and only the tool that made it can add some"
            make = packages.COMPILE.replace("compile", "compile --generate-hashes")
            to.pastes.append(Paste(file, None, reason, (f"# {make}",)))
            continue
        text = _raised(site, file, text, pins)
        lines = [] if library.IS_PUBLISHED or library.FIND in text else [library.FIND]
        lines.append(exact)
        if file == TXT:
            lines += _missing(site, asked, pins)
        to.edit(file, content, with_lines(text, lines).encode(encoding), WHY)


def _decoded(file: str, content: bytes) -> tuple[str, str]:
    """Return a file's text, its mark of the byte order in it, and how it is written back."""
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if content.startswith(mark):
            return content.decode(encoding), encoding
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        raise HerokuclockError(
            f"{file} is not UTF-8 text, and pip cannot read it.", "Save it as UTF-8."
        ) from None


def _template_pins() -> dict[str, str]:
    """Return the versions with which new projects are tried."""
    text = (bundle.home() / "template" / TXT).read_text(encoding="utf-8")
    pairs = (line.split("==") for line in text.splitlines() if "==" in line)
    return {canonicalize_name(name): version for name, version in pairs}


def _missing(site: Site, asked: str, pins: dict[str, str]) -> list[str]:
    """Return pins of what the library brings, where the file pins everything."""
    lines = requirements_file.read(site, TXT).wanted
    if not lines or not all(line.is_pinned for line in lines):
        return []
    have = {line.name for line in lines}
    brings = BRINGS + (BRINGS_FOR_PAGES if "[" in asked else ())
    return [f"{name}=={pins[name]}" for name in brings if name not in have]


def _raised(site: Site, file: str, text: str, pins: dict[str, str]) -> str:
    """Raise the pins of the scheduler itself; refuse where another one would have to move."""
    needs = {str(canonicalize_name(each.name)): each for each in _needs(site)}
    for line in requirements_file.read(site, file).lines:
        name, wanted = line.name, needs.get(line.name)
        if wanted is None or line.requirement is None or not line.is_on:
            continue
        version = pins.get(name, "")
        if not version or not _excluded(line.requirement, wanted, version):
            continue
        place, _, number = line.place.rpartition(":")
        if name not in ITS_OWN or place != file:
            needed = f"{wanted.name}{wanted.specifier}"
            raise HerokuclockError(
                f"{line.place} asks for {line.text}, and the clock needs {needed}.",
                f"Raise it first, and see that the app still works: {name}=={version}",
            )
        text = _replaced(text, int(number), f"=={version}")
    return text


def _needs(site: Site) -> Iterator[Requirement]:
    for each in requirements.requires(library.wheel()):
        environment = {**python.environment(site), "extra": "dashboard"}
        if each.marker is None or each.marker.evaluate(environment):
            yield each


def _excluded(asked: Requirement, wanted: Requirement, version: str) -> bool:
    """Say whether no version is known that both allow."""
    if asked.specifier.contains(version, prereleases=True):
        return False
    pinned = [s.version for s in asked.specifier if s.operator == "=="]
    return not any(wanted.specifier.contains(p) for p in pinned if "*" not in p)


def _replaced(text: str, number: int, specifier: str) -> str:
    lines = text.splitlines(keepends=True)
    lines[number - 1] = re.sub(
        r"^(\s*[\w.-]+\s*(?:\[[^\]]*\])?)\s*[~=<>!][^;#\s,]*(?:\s*,\s*[~=<>!][^;#\s,]*)*",
        lambda found: found[1] + specifier,
        lines[number - 1].removeprefix("\ufeff"),
        count=1,
    )
    return ("\ufeff" if text.startswith("\ufeff") and number == 1 else "") + "".join(lines)


def _by_tool(site: Site, manager: packages.Manager, wheel: str, extra: str, to: Plan) -> None:
    """Let the tool add the library in a copy, and take over what it wrote."""
    if not shutil.which(manager.name):
        _by_hand(manager, wheel, extra, to)
        return
    with tempfile.TemporaryDirectory(prefix="herokuclock-") as folder:
        copy = Path(folder)
        for name in COPIED:
            if site.has_file(name):
                shutil.copy(site.root / name, copy / name)
        (copy / library.FOLDER).mkdir()
        shutil.copy(library.wheel(), copy / wheel)
        here = {"VIRTUAL_ENV": None, "POETRY_VIRTUALENVS_CREATE": "false"}
        done = shell.run(_adding(manager, wheel, extra), cwd=copy, env=here)
        if not done.ok:
            said = " ".join((done.err or done.out).split())[-300:]
            raise HerokuclockError(
                f"{manager.name} could not add the library: {said}",
                "Nothing was changed. Mend that, and run it again.",
            )
        for name in (PROJECT, manager.lock):
            old = site.content(name) if site.has_file(name) else None
            to.edit(name, old, (copy / name).read_bytes(), f"{WHY}, as {manager.name} writes it")


def _adding(manager: packages.Manager, wheel: str, extra: str) -> list[str]:
    if manager is packages.UV:
        more = ["--extra", extra.strip("[]")] if extra else []
        return ["uv", "add", "--no-sync", *more, f"./{wheel}"]
    more = ["--extras", extra.strip("[]")] if extra else []
    return ["poetry", "add", "--lock", "--no-interaction", *more, f"./{wheel}"]


def _by_hand(manager: packages.Manager, wheel: str, extra: str, to: Plan) -> None:
    line = manager.adding(f"./{wheel}{extra}")
    if manager in (packages.UV, packages.POETRY):
        line = shlex.join(_adding(manager, wheel, extra))
    reason = f"{manager.name} keeps its own files; type this in the project's folder"
    to.pastes.append(Paste(manager.lock, None, reason, (line,)))
