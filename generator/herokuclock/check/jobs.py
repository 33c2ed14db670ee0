"""Checks of the jobs: that jobs.py works, and that only the clock dyno starts a scheduler."""

import ast
import os
import re
from collections.abc import Iterator

from herokuclock import manifest, shell
from herokuclock.check.findings import Finding, Site
from herokuclock.check.requirements import imports
from herokuclock.errors import REFUSED
from herokuclock.jobs import file as jobs_file
from herokuclock.jobs.source import tree
from herokuclock.project import MAKE_PYTHON, Project

SCHEDULERS = (
    "BackgroundScheduler",
    "BlockingScheduler",
    "AsyncIOScheduler",
    "APScheduler",
    "Clock",
)


def jobs(site: Site) -> Iterator[Finding]:
    """jobs.py has jobs, and the project itself finds nothing wrong with them."""
    if not site.has("jobs.py"):
        ignored = (site.root / "jobs.py").exists()
        problem = "jobs.py is ignored by git." if ignored else "There is no jobs.py."
        mend = "git add --force jobs.py" if ignored else "herokuclock new makes one."
        yield Finding("jobs", problem, mend)
        return
    try:
        if not jobs_file.read(site.text("jobs.py")):
            yield Finding(
                "jobs", "jobs.py has no job.", "herokuclock add hello every 15 minutes", "warning"
            )
    except REFUSED as error:
        yield Finding("jobs", error.message, "python3 -m py_compile jobs.py")
        return
    if "clockdyno" in imports(site.text("jobs.py")):
        yield from _own_check(Project(site.root))


def _own_check(project: Project) -> Iterator[Finding]:
    python = project.python()
    if python is None:
        problem = "jobs.py was read, but not imported: the project has no environment yet."
        yield Finding("jobs", problem, MAKE_PYTHON, "warning")
        return
    # No bytecode: looking at a project leaves nothing in it.
    environment = {"PYTHONDONTWRITEBYTECODE": "1", "DATABASE_URL": None}
    done = shell.run([python, "-m", "clockdyno", "check"], cwd=project.root, env=environment)
    if not done.ok:
        lines = [line for line in (done.err + done.out).splitlines() if line.strip()]
        last = lines[-1].removeprefix("Error: ") if lines else "jobs.py: it said nothing"
        yield Finding("jobs", last, f'{os.path.relpath(python)} -c "import jobs"')


def scheduler_in_web(site: Site) -> Iterator[Finding]:
    """A scheduler in the web process runs every job once for each gunicorn worker."""
    web = manifest.procfile(site.root).get("web", "")
    match = re.search(r"\b([\w.]+):\w+", web)
    if not match:
        return
    for name in _reachable(site, match[1]):
        line = _started_at(site.text(name))
        if line:
            yield Finding(
                "scheduler-in-web",
                f"{name}:{line} starts a scheduler in the web process: "
                "each of its workers would run every job.",
                "Take it out: jobs.py has the clock, and a dyno of its own.",
            )


def _reachable(site: Site, module: str) -> list[str]:
    """Return the project's own files that importing a module loads."""
    found: list[str] = []
    waiting = [module]
    while waiting:
        path = waiting.pop().replace(".", "/")
        for name in (f"{path}.py", f"{path}/__init__.py"):
            if name in site.files and name not in found:
                found.append(name)
                waiting += imports(site.text(name))
    return found


def _started_at(source: str) -> int | None:
    """Return the line that starts a scheduler when the file is imported or its app is made."""
    module = tree(source)
    if module is None:
        return None
    guarded = {
        id(inner)
        for node in ast.walk(module)
        if isinstance(node, ast.If) and _is_guard(node.test)
        for inner in ast.walk(node)
    }
    names = {
        target.id
        for node in ast.walk(module)
        if isinstance(node, ast.Assign) and _makes_scheduler(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(module):
        if id(node) not in guarded and isinstance(node, ast.Call) and _starts(node, names):
            return node.lineno
    return None


def _is_guard(test: ast.expr) -> bool:
    return any(
        isinstance(node, ast.Constant) and node.value == "__main__" for node in ast.walk(test)
    )


def _makes_scheduler(node: ast.expr) -> bool:
    if not isinstance(node, ast.Call):
        return False
    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
    return name in SCHEDULERS


def _starts(node: ast.Call, names: set[str]) -> bool:
    if not (isinstance(node.func, ast.Attribute) and node.func.attr == "start"):
        return False
    of = node.func.value
    return _makes_scheduler(of) or (isinstance(of, ast.Name) and of.id in names)
