"""The git repository of a new project: branch main and a first commit."""

import os
from pathlib import Path

from herokuclock import shell
from herokuclock.errors import HerokuclockError

INSTALL_HINT = "Install it (https://git-scm.com/downloads); Heroku takes code by `git push`."


def require_git() -> None:
    """Raise HerokuclockError unless git is there."""
    shell.find("git", INSTALL_HINT)


def start(folder: Path, message: str) -> bool:
    """Make `folder` a repository whose first commit holds every file in it.

    Returns False, with everything staged, when git does not know who commits. The user's own
    hooks, signing and ignore lists are left out of this one commit: it must not ask, and it
    must not lose a file.
    """
    _git(folder, "init", "--quiet", "--initial-branch=main")
    # Below this size git makes a file of each object; all in one pack take a third of the time.
    _git(folder, "-c", "core.bigFileThreshold=1", "add", "--all", "--force")
    quiet = (f"core.hooksPath={os.devnull}", "commit.gpgSign=false", "maintenance.auto=false")
    settings = [word for setting in quiet for word in ("-c", setting)]
    done = shell.git(folder, *settings, "commit", "--quiet", "--message", message)
    # Asked only afterwards: nearly everybody has a name, and each process of git takes its time.
    if not done.ok and not shell.git(folder, "var", "GIT_COMMITTER_IDENT").ok:
        return False
    _refuse(done)
    return True


def _git(folder: Path, *args: str) -> None:
    _refuse(shell.git(folder, *args))


def _refuse(result: shell.Result) -> None:
    """Raise HerokuclockError where git could not."""
    if not result.ok:
        reason = result.err.strip().rpartition("\n")[2]
        raise HerokuclockError(
            f"git could not make the repository: {reason}",
            "Nothing was written. Make git work in this folder, then run the command again.",
        )
