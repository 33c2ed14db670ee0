"""What there is before a deployment: on Heroku, and in the repository."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from herokuclock import shell
from herokuclock.errors import HerokuclockError
from herokuclock.heroku import platform, remotes
from herokuclock.heroku import repository as app_git
from herokuclock.heroku.platform import Process


@dataclass(frozen=True)
class Target:
    """Which app, from which folder; region and team count when it is created."""

    app: str
    folder: Path
    region: str | None = None
    team: str | None = None


@dataclass(frozen=True)
class Found:
    """What there is: on Heroku, and in the repository."""

    app: platform.App | None
    remote: str | None
    branch: str
    commit: str
    pushed: str | None = None
    variables: frozenset[str] = frozenset()
    formation: tuple[Process, ...] = ()
    release: platform.Release | None = None


def read(target: Target) -> Found:
    """Look at everything; ask Heroku for all of it at once."""
    name, folder = target.app, target.folder
    remote = remotes.remote_of(name, folder)
    branch = shell.git(folder, "symbolic-ref", "--short", "HEAD").out.strip() or "HEAD"
    commit = shell.git(folder, "rev-parse", "--verify", "--quiet", "HEAD").out.strip()
    if not commit:
        raise HerokuclockError("There is no commit to push.", "git add --all && git commit")
    with ThreadPoolExecutor() as pool:
        there = pool.submit(platform.app, name)
        variables = pool.submit(platform.config_names, name)
        formation = pool.submit(platform.formation, name)
        releases = pool.submit(platform.releases, name)
        # Not before one of `heroku` is over: the first one there is lets git know whom to ask.
        app = there.result()
        pushed = pool.submit(app_git.pushed, folder, remote) if app and remote else None
    if app is None:
        return Found(None, remote, branch, commit)
    return Found(
        app,
        remote,
        branch,
        commit,
        pushed.result() if pushed else None,
        variables.result(),
        formation.result(),
        next(iter(releases.result()), None),
    )
