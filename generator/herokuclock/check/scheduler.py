"""Checks of who starts a scheduler: the clock dyno, by its own script, and nobody else."""

import ast
from collections.abc import Iterator
from typing import NamedTuple

from herokuclock.check import reach, started
from herokuclock.check.findings import Finding, Site
from herokuclock.check.started import Start
from herokuclock.jobs.anchors import last_name

KINDS = ("Scheduler", "Clock", "APScheduler")
LIBRARIES = ("apscheduler", "flask_apscheduler", "clockdyno", "rocketry", "tornado")
THREADS = ("Thread", "Timer", "Process")


class Place(NamedTuple):
    """A line of a file."""

    file: str
    line: int


def in_web(site: Site) -> Iterator[Finding]:
    """A scheduler in the web process runs every job once for each gunicorn worker."""
    starts = started.of(site)
    # The clock's own script in the line of web is told of as that.
    clocks = {start.script for start in starts if start.type == "clock"}
    for start in starts:
        is_web = start.type == "web" and not (start.script and start.script in clocks)
        found = _started_by(site, start) if is_web else None
        if found:
            yield Finding(
                "scheduler-in-web",
                f"{found.file}:{found.line} starts a scheduler in the web process: "
                "each of its workers would run every job.",
                "Take it out: the clock has a dyno of its own. `herokuclock init` says how.",
            )
            return


def without_guard(site: Site) -> Iterator[Finding]:
    """The clock's file starts it as a script only: others import it to look at its jobs."""
    file = site.clock
    if not any(each.module.startswith("clockdyno") for each in reach.imports(site, file)):
        return
    line = _first_start(site, file, _schedulers(site, (file,)), is_script=False)
    module = reach.parsed(site, file)
    at_once = module is not None and any(
        isinstance(node, ast.Expr) and node.lineno == line for node in module.body
    )
    if line and at_once:
        yield Finding(
            "guard",
            f"{file}:{line} starts the clock for everybody who imports it.",
            'Put it under `if __name__ == "__main__":`, indented.',
        )


def _started_by(site: Site, start: Start) -> Place | None:
    files = reach.loaded(site, start)
    names = _schedulers(site, files)
    for file in files:
        is_script = file == start.script
        line = _first_start(site, file, names, is_script) or _loop(site, file, is_script)
        if line:
            return Place(file, line)
    return None


def _schedulers(site: Site, files: tuple[str, ...]) -> set[str]:
    """Return every name under which a scheduler is kept in these files."""
    names: set[str] = set()
    for file in files:
        module = reach.parsed(site, file)
        classes = _classes(module) if module else set()
        for node in ast.walk(module) if module else ():
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                if _makes(node.value, classes):
                    names |= {last_name(target) for target in targets}
            elif isinstance(node, ast.ImportFrom):
                names |= {a.asname for a in node.names if a.asname and a.name in names}
    return names - {""}


def _classes(module: ast.Module) -> set[str]:
    """Return the names of classes of schedulers in a module, however they were imported."""
    return {
        alias.asname or alias.name
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in LIBRARIES
        for alias in node.names
    }


def _makes(node: ast.expr, classes: set[str]) -> bool:
    if not isinstance(node, ast.Call):
        return False
    name = last_name(node.func)
    return name in classes or name.endswith(KINDS)


def _first_start(site: Site, file: str, names: set[str], is_script: bool) -> int | None:
    """Return the line of a file that starts a scheduler."""
    module = reach.parsed(site, file)
    if module is None:
        return None
    classes, guarded = _classes(module), set() if is_script else _guarded(module)
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute) and node.attr == "start" and id(node) not in guarded:
            of = node.value
            if _makes(of, classes) or last_name(of) in names:
                return node.lineno
    return None


def _loop(site: Site, file: str, is_script: bool) -> int | None:
    """Return the line of a file that runs the jobs of `schedule` in a thread."""
    module = reach.parsed(site, file)
    if module is None:
        return None
    guarded = set() if is_script else _guarded(module)
    nodes = [node for node in ast.walk(module) if id(node) not in guarded]
    pending = [n.lineno for n in nodes if isinstance(n, ast.Attribute) and n.attr == "run_pending"]
    threads = any(isinstance(n, ast.Call) and last_name(n.func) in THREADS for n in nodes)
    return pending[0] if pending and threads else None


def _guarded(module: ast.Module) -> set[int]:
    """Return what stands under `if __name__ == "__main__"`."""
    return {
        id(inner)
        for node in ast.walk(module)
        if isinstance(node, ast.If) and _is_guard(node.test)
        for part in node.body
        for inner in ast.walk(part)
    }


def _is_guard(test: ast.expr) -> bool:
    return any(
        isinstance(node, ast.Constant) and node.value == "__main__" for node in ast.walk(test)
    )
