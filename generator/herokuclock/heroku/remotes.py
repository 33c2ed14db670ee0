"""Which Heroku app a folder belongs to: the git remotes that lead to one."""

import os
import re
from pathlib import Path

from herokuclock import shell
from herokuclock.errors import HerokuclockError


def apps(folder: Path) -> dict[str, str]:
    """Return the Heroku apps of a repository by the name of the remote that leads there."""
    host = re.escape(os.environ.get("HEROKU_GIT_HOST", "git.heroku.com"))
    pattern = rf"^(\S+)\t(?:https://(?:[^@/]*@)?{host}/|git@heroku\.com:)([a-z0-9-]+)\.git \(push\)"
    return dict(re.findall(pattern, shell.git(folder, "remote", "-v").out, re.MULTILINE))


def remote_of(app: str, folder: Path) -> str | None:
    """Return the remote that leads to this app, None where there is none."""
    found = {name: remote for remote, name in apps(folder).items()}
    return found.get(app)


def app_of(folder: Path, given: str | None) -> str | None:
    """Return the app that is meant: the one given, else the only one that a remote leads to."""
    name = given or os.environ.get("HEROKU_APP")
    found = apps(folder)
    if name or not found:
        return name
    if len(set(found.values())) > 1:
        listed = ", ".join(f"{app} (remote {remote})" for remote, app in sorted(found.items()))
        raise HerokuclockError(
            f"This repository leads to more than one Heroku app: {listed}.", "Name one: --app NAME"
        )
    return next(iter(found.values()))


def required(folder: Path, given: str | None) -> str:
    """Return the app that is meant; raise HerokuclockError where nothing says which."""
    name = app_of(folder, given)
    if name is None:
        raise HerokuclockError(
            "This folder has no Heroku app yet: no git remote leads to one.",
            "Name one with --app NAME, or make one: herokuclock deploy",
        )
    return name
