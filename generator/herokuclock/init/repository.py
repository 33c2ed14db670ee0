"""What git says of the files that `init` would touch."""

from collections.abc import Iterable
from pathlib import Path

from herokuclock import shell
from herokuclock.errors import HerokuclockError


def refuse_unsaved(root: Path, files: Iterable[str]) -> None:
    """Raise HerokuclockError where one of these files has changes that no commit holds."""
    if not is_repository(root):
        return
    done = shell.git(root, "status", "--porcelain", "-z", "--untracked-files=all", "--", *files)
    changed = [entry[3:] for entry in done.out.split("\0") if entry]
    if changed:
        names = ", ".join(changed[:3]) + (", ..." if changed[3:] else "")
        raise HerokuclockError(
            f"Not committed, and init would change it: {names}.",
            "Commit first, so that you see what is whose: git add --all && git commit -m Work",
        )


def is_repository(root: Path) -> bool:
    """Say whether the folder lies in a repository."""
    return shell.git(root, "rev-parse", "--git-dir").ok
