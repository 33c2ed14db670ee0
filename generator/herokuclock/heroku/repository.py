"""The app's git repository on Heroku: what it has, and pushing to it."""

import re
from collections.abc import Callable
from pathlib import Path

from herokuclock import shell
from herokuclock.errors import HerokuclockError
from herokuclock.heroku.refusals import Refusal, refusal
from herokuclock.heroku.retries import tried

# Nobody may be asked: there is no terminal where this runs in CI.
QUIET = {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}


def refs(branch: str) -> str:
    """Say to git what to push: Heroku builds main and master, whatever the branch is here."""
    if branch in ("main", "master"):
        return branch
    # Without a branch git does not know that a new `main` is to be one.
    return f"{branch}:{'refs/heads/' if branch == 'HEAD' else ''}main"


def push(folder: Path, remote: str, refs: str, say: Callable[[str], None]) -> None:
    """Push to the app's main branch; the build log goes to `say` line by line."""
    command = ["git", "push", remote, refs]
    done = shell.stream(command, lambda line: say(plain(line)), cwd=folder, env=QUIET)
    if not done.ok:
        raise _rejected(plain(done.out), remote)


def plain(text: str) -> str:
    """Return a build log's text without the colours that the buildpack gives it."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def pushed(folder: Path, remote: str) -> str | None:
    """Return the commit that the app's repository has, None before the first push."""
    done = tried(lambda: shell.run(["git", "ls-remote", remote], cwd=folder, env=QUIET), again=True)
    if not done.ok:
        raise refusal(done.err, "git ls-remote")
    match = re.search(r"^(\w+)\s+refs/heads/(?:main|master)$", done.out, re.MULTILINE)
    return match[1] if match else None


def _rejected(output: str, remote: str) -> HerokuclockError:
    build = re.search(r"!\s+Error: (.+?)\s*$", output, re.MULTILINE)
    if build:
        return Refusal(
            "build_failed",
            f"The build failed: {build[1]}",
            "See the lines above; `herokuclock check` finds most reasons beforehand.",
        )
    if "Push rejected" in output or "pre-receive hook declined" in output:
        return Refusal("build_failed", "Heroku rejected the push.", "See the lines above.")
    if "fetch first" in output or "non-fast-forward" in output:
        return Refusal(
            "diverged",
            "The app has commits that this repository does not have.",
            f"Get them first: git pull --rebase {remote} main",
        )
    if "does not match any" in output:
        return Refusal("no_commit", "There is no commit to push.", "Commit first: git commit")
    return refusal(output, "git push")
