"""Checks of the jobs: their file is there, and the project finds nothing wrong with it."""

import ast
import json
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from herokuclock import manifest, packages, project, shell
from herokuclock.check import config_vars, reach
from herokuclock.check.findings import Finding, Site
from herokuclock.errors import REFUSED, HerokuclockError
from herokuclock.jobs import file as jobs_file
from herokuclock.jobs import renames
from herokuclock.jobs.clock_call import refuse_without
from herokuclock.project import Project
from herokuclock.show.upcoming import readable

MADE = ("Clock", "getLogger")
GUARD = '__name__ == "__main__"'


def jobs(site: Site) -> Iterator[Finding]:
    """The clock's file has jobs, and the project itself finds nothing wrong with them."""
    file = site.clock
    if not site.has_file(file):
        yield from _no_jobs(site)
        return
    try:
        if not jobs_file.read(project.read_text(site.root / file), file):
            yield Finding(
                "jobs", f"{file} has no job.", "herokuclock add hello every 15 minutes", "warning"
            )
    except REFUSED as error:
        if _is_ours(site) or "does not parse" in error.message:
            yield Finding("jobs", error.message, f"python3 -m py_compile {file}")
        return
    if _is_ours(site):
        yield from _own_check(site)
    else:
        yield from _other_scheduler(site)


def renamed(site: Site) -> Iterator[Finding]:
    """Each job is called as it is on Heroku, where its runs are kept by its name."""
    if not site.has_file(site.clock):
        return
    with suppress(*REFUSED):
        source = project.read_text(site.root / site.clock)
        for each in renames.since_the_last_push(Project(site.folder), source):
            yield Finding("renamed", each.problem, each.remedy, "note")


def _other_scheduler(site: Site) -> Iterator[Finding]:
    try:
        refuse_without(project.read_text(site.root / site.clock), site.clock)
    except HerokuclockError as error:
        yield Finding("clock", error.message, "herokuclock init", "note")


def _is_ours(site: Site) -> bool:
    return any(each.module.startswith("clockdyno") for each in reach.imports(site, site.clock))


def _no_jobs(site: Site) -> Iterator[Finding]:
    """Say that jobs.py is missing where something needs it."""
    if site.clock != "jobs.py":
        return  # The Procfile's line says so.
    lines = " ".join(manifest.procfile(site.root).values())
    if not site.has_file(project.ANSWERS) and "jobs" not in lines:
        return
    like = next((name for name in sorted(site.files) if name.lower() == "jobs.py"), None)
    if like:
        problem = f"{like} is no jobs.py: Heroku's disk tells large letters from small ones."
        yield Finding("jobs", problem, f"git mv --force {like} jobs.py")
    elif "jobs.py" in os.listdir(site.folder):
        problem = "jobs.py is not committed, so not deployed."
        yield Finding("jobs", problem, "git add --force jobs.py && git commit -m 'Add jobs.py'")
    else:
        yield Finding("jobs", "There is no jobs.py.", "herokuclock init makes one.")


def _own_check(site: Site) -> Iterator[Finding]:
    python = Project(site.folder).python()
    if python is None and _is_told_by_reading(site):
        return
    if python is None:
        problem = f"{site.clock} was read, but not imported: the project has no environment yet."
        yield Finding("jobs", problem, packages.of(site.root).set_up, "warning")
        return
    if not site.is_copy:
        return
    # In a copy, and without bytecode: looking at a project leaves nothing in it.
    made_up = {"PYTHONDONTWRITEBYTECODE": "1", "DATABASE_URL": None, **config_vars.made_up(site)}
    command: list[str | Path] = [python.absolute(), "-m", "clockdyno", "check", "--json"]
    done = shell.run(command, cwd=site.root, env=made_up)
    if done.ok:
        return
    remedy = f"{os.path.relpath(python, site.folder)} -m clockdyno check"
    for problem in _errors(done) or [f"{site.clock}: it said nothing"]:
        yield Finding("jobs", problem, remedy)


def _is_told_by_reading(site: Site) -> bool:
    """Say whether running the clock's file could tell no more than reading it does.

    So it is as `new` and `add` write it: the library, a clock, jobs whose schedules can be read.
    """
    module = reach.parsed(site, site.clock)
    if module is None or not all(map(_is_plain, module.body)):
        return False
    modules = {each.module.split(".")[0] for each in reach.imports(site, site.clock)}
    if any(f"{name}.py" in site.files or name in site.folders for name in modules):
        return False
    source = project.read_text(site.root / site.clock)
    zone = jobs_file.timezone(source)
    unread = [line for job in jobs_file.read(source) for line in readable(job, zone)[1]]
    return modules <= {"clockdyno", *sys.stdlib_module_names} and bool(zone) and not unread


def _is_plain(node: ast.stmt) -> bool:
    """Say whether a jobs.py as it is made has such statements: imports, clock, jobs, guard."""
    match node:
        case ast.Import() | ast.ImportFrom() | ast.FunctionDef() | ast.Expr(ast.Constant()):
            return True
        case ast.Assign(value=ast.Call(func=ast.Name(name) | ast.Attribute(attr=name))):
            return name in MADE
        case ast.If(test=test):
            return ast.dump(test) == ast.dump(ast.parse(GUARD, mode="eval").body)
    return False


def _errors(done: shell.Result) -> list[str]:
    """Return all that is wrong, by the library's own words; else the last line of a traceback."""
    # What jobs.py prints itself comes before.
    for start in (at for at, char in enumerate(done.out) if char == "{"):
        try:
            return [str(each) for each in json.loads(done.out[start:])["errors"]]
        except (ValueError, LookupError, TypeError):
            continue
    lines = [line for line in (done.err + done.out).splitlines() if line.strip()]
    return [line.removeprefix("Error: ") for line in lines[-1:]]
