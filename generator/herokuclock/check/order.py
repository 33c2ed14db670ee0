"""What can go wrong on Heroku: all checks, in the order in which they matter."""

from collections.abc import Callable, Iterator
from pathlib import Path

from herokuclock.check import build, git, jobs, online, procfile, python, requirements, workers
from herokuclock.check.findings import Finding, Site
from herokuclock.heroku import live

Check = Callable[[Site], Iterator[Finding]]
OFFLINE: tuple[Check, ...] = (
    build.committed_python,
    build.committed_venv,
    build.package_manager,
    build.hooks,
    python.python_version,
    procfile.procfile,
    procfile.started_files,
    procfile.served_module,
    procfile.one_clock,
    procfile.app_json,
    workers.whole,
    requirements.pinned,
    requirements.locked,
    requirements.covered,
    jobs.jobs,
    jobs.scheduler_in_web,
    git.repository,
    git.unpushed,
    git.secrets,
)
ONLINE = (*online.ALL, workers.dynos, workers.connections)


def of_project(root: Path) -> list[Finding]:
    """Return what is wrong with the files and the repository of a project."""
    site = Site(root)
    return [finding for check in OFFLINE for finding in check(site)]


def of_app(app: str, root: Path) -> list[Finding]:
    """Return what is wrong with the app on Heroku."""
    found = list(online.command())
    if found and found[-1].check == "login":
        return found
    site = live.read(app, root)
    if site is None:
        missing = Finding("app", f"Heroku has no app {app}, or it is not yours.", "heroku apps")
        return [*found, missing]
    return [*found, *(finding for check in ONLINE for finding in check(site))]
