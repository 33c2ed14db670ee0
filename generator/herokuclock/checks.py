"""What can go wrong on Heroku: all checks, in the order in which they matter."""

from collections.abc import Callable, Iterator
from pathlib import Path

from herokuclock import (
    build_checks,
    git_checks,
    jobs_checks,
    live,
    online_checks,
    procfile_checks,
    python_checks,
    requirements_checks,
    worker_checks,
)
from herokuclock.findings import Finding, Site

Check = Callable[[Site], Iterator[Finding]]
OFFLINE: tuple[Check, ...] = (
    build_checks.committed_python,
    build_checks.committed_venv,
    build_checks.package_manager,
    build_checks.hooks,
    python_checks.python_version,
    procfile_checks.procfile,
    procfile_checks.started_files,
    procfile_checks.served_module,
    procfile_checks.one_clock,
    procfile_checks.app_json,
    worker_checks.whole,
    requirements_checks.pinned,
    requirements_checks.locked,
    requirements_checks.covered,
    jobs_checks.jobs,
    jobs_checks.scheduler_in_web,
    git_checks.repository,
    git_checks.unpushed,
    git_checks.secrets,
)
ONLINE = (*online_checks.ALL, worker_checks.dynos, worker_checks.connections)


def offline(root: Path) -> list[Finding]:
    """Return what is wrong with the files and the repository of a project."""
    site = Site(root)
    return [finding for check in OFFLINE for finding in check(site)]


def online(app: str, root: Path) -> list[Finding]:
    """Return what is wrong with the app on Heroku."""
    found = list(online_checks.command())
    if found and found[-1].check == "login":
        return found
    site = live.read(app, root)
    if site is None:
        missing = Finding("app", f"Heroku has no app {app}, or it is not yours.", "heroku apps")
        return [*found, missing]
    return [*found, *(finding for check in ONLINE for finding in check(site))]
