"""Checks of the modules that Heroku loads: each compiles, is what it seems, and gets installed."""

import sys
import warnings
from collections.abc import Iterator

from packaging.utils import canonicalize_name

from herokuclock import packages
from herokuclock.check import installed, reach, started
from herokuclock.check.findings import Finding, Repair, Site
from herokuclock.check.started import Start
from herokuclock.jobs.source import UNREADABLE

PROGRAMS = {
    "alembic": "alembic",
    "celery": "celery",
    "daphne": "daphne",
    "ddtrace-run": "ddtrace",
    "django-admin": "django",
    "dramatiq": "dramatiq",
    "flask": "flask",
    "granian": "granian",
    "gunicorn": "gunicorn",
    "honcho": "honcho",
    "huey_consumer": "huey",
    "huey_consumer.py": "huey",
    "hypercorn": "hypercorn",
    "newrelic-admin": "newrelic",
    "orator": "orator",
    "rq": "rq",
    "rqscheduler": "rq-scheduler",
    "rqworker": "rq",
    "scrapyd": "scrapyd",
    "streamlit": "streamlit",
    "uvicorn": "uvicorn",
    "uwsgi": "uwsgi",
    "waitress-serve": "waitress",
}
# Modules of Python that nothing of a web app or a clock ever imports.
HARMLESS = {"antigravity", "idlelib", "lib2to3", "test", "this", "tkinter", "turtle", "turtledemo"}


def compiles(site: Site) -> Iterator[Finding]:
    """Every module that Heroku loads is Python."""
    for file in reach.everything(site):
        # The clock's file has a check of its own, which says more.
        if file != site.clock and (wrong := _wrong(site, file)):
            problem = f"{file} is no Python, and what loads it does not start: {wrong}."
            yield Finding("syntax", problem, f"python3 -m py_compile {file}")


def _wrong(site: Site, file: str) -> str | None:
    try:
        with warnings.catch_warnings(action="ignore"):
            compile(site.content(file), file, "exec", dont_inherit=True)
    except SyntaxError as error:
        return f"line {error.lineno or 1}: {error.msg}"
    except UNREADABLE as error:
        return str(error) or "it is nested too deeply"
    return None


def shadowed(site: Site) -> Iterator[Finding]:
    """No module of the project stands in the place of one that others need."""
    seen: set[str] = set()
    for start in started.of(site):
        for name, file in _top_modules(site, start.roots[0]):
            of = _owner(site, name)
            if of and file not in seen:
                seen.add(file)
                what = f"{file} stands in the place of {of}"
                remedy = "Give it another name, and correct what imports it."
                yield Finding("shadowed", f"{what}: whoever imports that gets yours.", remedy)


def _top_modules(site: Site, root: str) -> Iterator[tuple[str, str]]:
    start = f"{root}/" if root else ""
    for file in sorted(site.files):
        inside, below = file.removeprefix(start), file.startswith(start)
        if below and inside.endswith("/__init__.py") and inside.count("/") == 1:
            yield inside.split("/")[0], file
        elif below and "/" not in inside and inside.endswith(".py"):
            yield inside.removesuffix(".py"), file


def _owner(site: Site, name: str) -> str | None:
    if name in sys.stdlib_module_names and name not in HARMLESS and not name.startswith("_"):
        return f"Python's own module {name}"
    found = installed.of(site)
    if found and found.is_whole and canonicalize_name(name) in found.names:
        known = installed.environment(site)[0].get(canonicalize_name(name))
        return f"the package {name}" if known is None or name in known else None
    if found and name in ("flask", "gunicorn") and name in found.names:
        return f"the package {name}"
    return None


def covered(site: Site) -> Iterator[Finding]:
    """Everything that is started or imported gets installed."""
    found = installed.of(site)
    if found is None:
        return
    seen: set[str] = set()
    for start in started.of(site):
        for what, module, place in (*_program_of(start), *_foreign(site, start)):
            is_there = what in found.names if what else installed.brings(site, module)
            if not is_there and module not in seen:
                seen.add(module)
                yield _missing(site, found.is_whole, module, what, place)


def _program_of(start: Start) -> Iterator[tuple[str, str, str]]:
    """Yield the distribution whose program a start needs."""
    for word in dict.fromkeys((*start.words[:1], start.program)):
        if word in PROGRAMS:
            yield PROGRAMS[word], word, "Procfile"


def _foreign(site: Site, start: Start) -> Iterator[tuple[str, str, str]]:
    """Yield the modules of others that a start imports, each with the file that does it."""
    modules = [(start.module, "Procfile")] if start.module else []
    for file in reach.loaded(site, start):
        modules += [(each.module, file) for each in reach.imports(site, file) if not each.level]
    for module, place in modules:
        top = module.split(".")[0]
        # A server that cannot find its module is told of as that.
        is_asked = place != "Procfile" or start.program == "python"
        is_foreign = top not in {"", *sys.stdlib_module_names}
        if is_asked and is_foreign and not reach.is_own(site, start, top):
            yield "", top, place


def _missing(site: Site, is_certain: bool, module: str, name: str, place: str) -> Finding:
    manager = packages.of(site.root)
    does = "starts" if place == "Procfile" else "imports"
    name = name or installed.distribution_of(site, module) or ""
    # Only where all is known that gets installed is it known that this does not.
    how = "does not install" if is_certain else "does not name"
    add = Repair("pyproject.toml", by_uv=("add", "--no-sync", _where(site, name)))
    return Finding(
        "imports",
        f"{place} {does} {module}, which {manager.lock} {how}.",
        adding(site, name) if name else f"Ask for the package that brings {module}, by its name.",
        "error" if is_certain or name else "warning",
        (add,) if name and manager is packages.UV else (),
    )


def adding(site: Site, name: str) -> str:
    """Return the line that asks for one more package, in the project's own tool."""
    manager, name = packages.of(site.root), _where(site, name)
    if manager is packages.COMPILED:
        return f"{site.append('requirements.in', name)} && {packages.COMPILE}"
    return manager.adding(name)


def _where(site: Site, name: str) -> str:
    """Return what to ask for: the library's own wheel, as an index may have a stranger's."""
    if packages.of(site.root) not in packages.LOCKED:
        return name
    wheels = (file for file in sorted(site.files) if file.startswith(f"vendor/{name}-"))
    wheel = next((file for file in wheels if file.endswith(".whl")), None)
    return f"./{wheel}" if wheel else name
