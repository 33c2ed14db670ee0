"""`herokuclock check`: will it work on Heroku? What is wrong, and the line that mends it."""

import difflib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from herokuclock import checks, project, remotes, screen, shell
from herokuclock.findings import Finding, Repair, Site

Say = Callable[[str], None]


def run(app: str | None, *, fix: bool = False, json: bool = False) -> bool:
    """Check the project, and its app where one is named; False where something is wrong."""
    root = project.find().root
    if fix:
        _mend_all(root, screen.note if json else screen.say)
    found = checks.offline(root)
    if app:
        found += checks.online(remotes.required(root, app), root)
    if json:
        screen.as_json([_facts(finding) for finding in found])
    else:
        _tell(found)
    return not any(finding.severity == "error" for finding in found)


def _mend_all(root: Path, tell: Say) -> None:
    """Mend one finding after the other: each looks at the files as the one before left them."""
    mended: set[str] = set()
    while True:
        found = (each for each in checks.offline(root) if each.repairs)
        finding = next((each for each in found if each.problem not in mended), None)
        if finding is None:
            return
        mended.add(finding.problem)
        _mend(Site(root), finding, tell)


def _facts(finding: Finding) -> dict[str, Any]:
    return {
        "check": finding.check,
        "severity": finding.severity,
        "problem": finding.problem,
        "remedy": finding.remedy,
        "fixable": bool(finding.repairs),
    }


def _tell(found: list[Finding]) -> None:
    if not found:
        screen.say("Nothing is wrong: it is fit for Heroku.", "green")
    for finding in found:
        colour = "red" if finding.severity == "error" else "yellow"
        screen.say(f"{finding.severity}: {finding.problem} [{finding.check}]", colour)
        screen.say(f"  {finding.remedy}" + ("   (or --fix)" if finding.repairs else ""))


def _mend(site: Site, finding: Finding, tell: Say) -> None:
    """Make the changes of a finding and show each as a diff."""
    tell(f"Mended: {finding.problem}")
    for repair in finding.repairs:
        for line in _diff(site, repair):
            tell(f"  {line}")
        _apply(site, repair)


def _diff(site: Site, repair: Repair) -> list[str]:
    if repair.only_from_git:
        return [f"git rm --cached {repair.path}"]
    old, new = site.text(repair.path), repair.text or ""
    names = (f"a/{repair.path}", f"b/{repair.path}" if repair.text is not None else "/dev/null")
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), *names, lineterm="")
    return list(lines)


def _apply(site: Site, repair: Repair) -> None:
    path = site.root / repair.path
    if repair.only_from_git:
        shell.git(site.root, "rm", "--quiet", "--cached", "--", repair.path)
    elif repair.text is None:
        path.unlink()
    else:
        path.write_text(repair.text, encoding="utf-8")
