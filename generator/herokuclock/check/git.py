"""Checks of the repository: what would not be deployed, and what must not be."""

import re
from collections.abc import Iterator

from herokuclock import shell
from herokuclock.check.build import ignored
from herokuclock.check.findings import Finding, Repair, Site

LARGEST = 1_000_000
SECRETS = {
    "a Heroku key": r"HRKU-[\w-]{20,}",
    "an AWS key": r"\bAKIA[0-9A-Z]{16}\b",
    "a private key": r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----",
    "a GitHub token": r"\bgh[pousr]_[A-Za-z0-9]{36}\b",
    "a Slack token": r"\bxox[abpr]-[\w-]{20,}",
    "a Stripe key": r"\b[rs]k_live_\w{20,}",
    "a database's password": r"\bpostgres(?:ql)?://[^\s:/@]+:[^\s:/@]{8,}@(?!localhost|127\.|db[:/])",
}


def repository(site: Site) -> Iterator[Finding]:
    """Heroku gets commits of main, nothing else."""
    if not site.is_repository:
        yield Finding(
            "git",
            "This is no git repository, and Heroku takes code by `git push`.",
            "git init -b main && git add --all && git commit -m Start",
        )
        return
    above = shell.git(site.root, "rev-parse", "--show-prefix").out.strip()
    if above:
        yield Finding(
            "git",
            f"This project is the folder {above} of a repository, and Heroku builds what is at "
            "the top of one.",
            "git init -b main && git add --all && git commit -m Start",
        )
        return
    if not shell.git(site.root, "rev-parse", "--verify", "--quiet", "HEAD").ok:
        yield Finding("git", "There is no commit yet.", "git add --all && git commit -m Start")
        return
    branch = shell.git(site.root, "symbolic-ref", "--short", "--quiet", "HEAD").out.strip()
    if branch not in ("main", "master"):
        yield Finding(
            "git-branch",
            f"The branch is {branch or 'none'}, and `git push heroku main` builds main.",
            "git switch main",
            "warning",
        )
    changed = shell.git(site.root, "status", "--porcelain").out.splitlines()
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
    ahead = shell.git(site.root, "rev-list", "--count", "heroku/main..HEAD")
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


def secrets(site: Site) -> Iterator[Finding]:
    """What is committed is known to everybody who sees the repository, for ever."""
    for name in sorted(site.tracked):
        base = name.rpartition("/")[2]
        if base == ".env":
            yield Finding(
                "secrets",
                f"{name} is committed: whatever secrets stand in it have to be changed.",
                f"git rm -q --cached {name} && {site.append('.gitignore', '.env')}",
                repairs=(ignored(site, ".env"), Repair(name, only_from_git=True)),
            )
        elif (found := _secret_in(site, name)) is not None:
            yield Finding(
                "secrets",
                f"{name}:{found[1]} holds {found[0]}.",
                "Take it out, make it invalid where it came from, and use heroku config:set.",
            )


def _secret_in(site: Site, name: str) -> tuple[str, int] | None:
    path = site.root / name
    if path.is_symlink() or not path.is_file() or path.stat().st_size > LARGEST:
        return None
    text = site.text(name)
    for kind, pattern in SECRETS.items():
        match = re.search(pattern, text)
        if match:
            return kind, text.count("\n", 0, match.start()) + 1
    return None
