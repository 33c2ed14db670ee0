"""What can go wrong on Heroku: all checks, in the order in which they matter."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from herokuclock.check import (
    app_json,
    build,
    commit,
    config_vars,
    disk,
    django,
    git,
    hooks,
    imports,
    jobs,
    newer,
    online,
    procfile,
    python,
    requirements,
    resolve,
    scheduler,
    secrets,
    serving,
    uv,
    workers,
)
from herokuclock.check.findings import Finding, Site
from herokuclock.heroku import live
from herokuclock.heroku.refusals import Refusal

Check = Callable[[Site], Iterator[Finding]]
OFFLINE: tuple[Check, ...] = (
    build.committed_python,
    build.committed_venv,
    build.package_manager,
    hooks.hooks,
    python.python_version,
    uv.locked,
    requirements.refused,
    procfile.procfile,
    procfile.started_files,
    procfile.one_clock,
    serving.served,
    serving.listens,
    app_json.app_json,
    django.static_files,
    django.corpora,
    workers.whole,
    requirements.pinned,
    requirements.locked,
    requirements.proved,
    imports.compiles,
    imports.shadowed,
    imports.covered,
    jobs.jobs,
    jobs.renamed,
    scheduler.in_web,
    scheduler.without_guard,
    config_vars.needed,
    disk.databases,
    secrets.secrets,
    newer.made_by_older,
)
REPOSITORY: tuple[Check, ...] = (git.repository, git.unpushed)
ONLINE = (*online.ALL, workers.dynos, workers.connections)
COMMIT = "git add --all && git commit -m Change"


def of_project(folder: Path, *, asking: bool = False) -> list[Finding]:
    """Return what is wrong with what a push would take, and with what the next one would.

    With `asking` the index of packages is asked, too.
    """
    here = Site(folder)
    repository = _found(here, REPOSITORY)
    with commit.pushed(here) as site:
        if site is None:
            return of_folder(folder) + repository
        found = _found(site, OFFLINE)
        if asking and not any(each.severity == "error" for each in found):
            found += resolve.resolved(site)
    if any(finding.check == "git-uncommitted" for finding in repository):
        with commit.next_one(here) as site:
            found = _compared(found, _found(site, OFFLINE))
    return found + repository


def of_folder(folder: Path) -> list[Finding]:
    """Return what is wrong with the files as they lie there, committed or not."""
    return _found(Site(folder), OFFLINE)


def _found(site: Site, checks: tuple[Check, ...]) -> list[Finding]:
    return [finding for check in checks for finding in check(site)]


def _compared(pushed: list[Finding], next_one: list[Finding]) -> list[Finding]:
    """Let the commit decide; what is otherwise in the folder is said as such."""
    later = {(each.check, each.problem) for each in next_one}
    now = {(each.check, each.problem) for each in pushed}
    found = [each if (each.check, each.problem) in later else _mended(each) for each in pushed]
    return found + [_coming(each) for each in next_one if (each.check, each.problem) not in now]


def _mended(finding: Finding) -> Finding:
    problem = f"{finding.problem} The folder has it otherwise, and that is not committed."
    return replace(finding, problem=problem, remedy=COMMIT, repairs=())


def _coming(finding: Finding) -> Finding:
    if finding.severity != "error":
        return finding
    return replace(finding, problem=f"Not committed: {finding.problem}", severity="warning")


def of_app(app: str, root: Path) -> list[Finding]:
    """Return what is wrong with the app on Heroku."""
    with ThreadPoolExecutor(1) as pool:
        command = pool.submit(lambda: list(online.command()))
        try:
            site = live.read(app, root)
        except Refusal as error:
            if error.id != "unauthorized":
                raise
            return [*command.result(), Finding("login", error.message, error.hint)]
    found = command.result()
    if site is None:
        missing = Finding("app", f"Heroku has no app {app}, or it is not yours.", "heroku apps")
        return [*found, missing]
    return [*found, *(finding for check in ONLINE for finding in check(site))]
