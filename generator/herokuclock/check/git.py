"""Checks of the repository: what would not be deployed, and what must not be."""

from collections.abc import Iterator

from herokuclock import shell
from herokuclock.check.findings import Finding, Site


def repository(site: Site) -> Iterator[Finding]:
    """Heroku gets commits of main, nothing else."""
    if not site.is_repository:
        yield Finding(
            "git",
            "This is no git repository, and Heroku takes code by `git push`.",
            "git init -b main && git add --all && git commit -m Start",
        )
        return
    if site.above:
        yield Finding(
            "git",
            f"This project is the folder {site.above} of a repository, and Heroku builds what is "
            "at the top of one.",
            "git init -b main && git add --all && git commit -m Start",
        )
        return
    if not site.has_commit:
        yield Finding("git", "There is no commit yet.", "git add --all && git commit -m Start")
        return
    if site.branch not in ("main", "master"):
        yield Finding(
            "git-branch",
            f"The branch is {site.branch or 'none'}, and `git push heroku main` builds main.",
            "git switch main",
            "warning",
        )
    changed = shell.git(site.folder, "status", "--porcelain").out.splitlines()
    if changed:
        yield Finding(
            "git-uncommitted",
            f"{_number(len(changed), 'file')} not committed, so not deployed: {changed[0][3:]}"
            + (" ..." if len(changed) > 1 else "."),
            "git add --all && git commit -m Change",
            "warning",
        )


def unpushed(site: Site) -> Iterator[Finding]:
    """The commits that Heroku does not have, as far as this repository knows."""
    ahead = shell.git(site.folder, "rev-list", "--count", "heroku/main..HEAD")
    number = int(ahead.out.strip() or 0) if ahead.ok else 0
    if number:
        yield Finding(
            "git-unpushed",
            f"{_number(number, 'commit')} not on Heroku.",
            "git push heroku main",
            "warning",
        )


def _number(number: int, noun: str) -> str:
    return f"{number} {noun} is" if number == 1 else f"{number} {noun}s are"
