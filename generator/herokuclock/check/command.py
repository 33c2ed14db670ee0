"""`herokuclock check`: will it work on Heroku? What is wrong, and the line that mends it."""

import difflib
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

from herokuclock import packages, project, project_files, screen, shell
from herokuclock.check import order as checks
from herokuclock.check.findings import Finding, Repair, Site
from herokuclock.errors import HerokuclockError
from herokuclock.heroku import remotes

Say = Callable[[str], None]
COLOURS = {"error": "red", "warning": "yellow", "note": "cyan"}


def run(app: str | None, *, fix: bool = False, resolve: bool = False, json: bool = False) -> bool:
    """Check the project, and its app where one is named; False where something is wrong."""
    root = project.find(jobs=False).root
    if fix:
        _mend_all(root, screen.note if json else screen.say)
    found = checks.of_project(root, asking=resolve)
    if app:
        found += checks.of_app(remotes.required(root, app), root)
    if json:
        screen.as_json([_facts(finding) for finding in found])
    else:
        _tell(found)
    return not any(finding.severity == "error" for finding in found)


def _mend_all(root: Path, tell: Say) -> None:
    """Mend one finding after the other: each looks at the files as the one before left them."""
    mended: set[str] = set()
    while True:
        found = (each for each in checks.of_folder(root) if each.repairs)
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
        return
    for finding in found:
        colour = COLOURS[finding.severity]
        name = f"{finding.check}, --fix" if finding.repairs else finding.check
        screen.tell(f"{finding.severity}: {finding.problem} [{name}]", colour)
        # Alone on its line: it is there to be copied.
        screen.say(f"  {finding.remedy}")
    screen.say()
    screen.say(_summary(found))


def _summary(found: list[Finding]) -> str:
    counts = {kind: sum(each.severity == kind for each in found) for kind in COLOURS}
    parts = [f"{n} {kind}{'s' * (n > 1)}" for kind, n in counts.items() if n]
    text = " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
    fixable = sum(bool(finding.repairs) for finding in found)
    mend = f" `herokuclock check --fix` mends {fixable} of them." if fixable else ""
    return f"{text}.{mend}" if counts["error"] else f"{text}: fit for Heroku all the same.{mend}"


def _mend(site: Site, finding: Finding, tell: Say) -> None:
    """Make the changes of a finding and show each as a diff."""
    for repair in finding.repairs:
        project_files.place(site.root, repair.path)
    shown: list[str] = []
    try:
        for repair in finding.repairs:
            shown += _diff(site, repair)
            _apply(site, repair)
    except HerokuclockError as error:
        return tell(f"Not mended: {finding.problem} {error.message}")
    tell(f"Mended: {finding.problem}")
    for line in shown:
        tell(f"  {line}")


def _diff(site: Site, repair: Repair) -> list[str]:
    if repair.only_from_git:
        return [f"git rm --cached {repair.path}"]
    if repair.by_uv:
        return [shlex.join(["uv", *repair.by_uv])]
    path = site.root / repair.path
    # Decoded as it is: what is mended may be the line endings.
    old = path.read_bytes().decode(errors="replace") if path.is_file() else ""
    new = repair.text or ""
    names = (f"a/{repair.path}", f"b/{repair.path}" if repair.text is not None else "/dev/null")
    return list(difflib.unified_diff(_lines(old), _lines(new), *names, lineterm=""))


def _lines(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n") if text else []


def _apply(site: Site, repair: Repair) -> None:
    if repair.only_from_git:
        shell.git(site.root, "rm", "--quiet", "--cached", "--", repair.path)
    elif repair.by_uv:
        packages.let_uv(site.root, [repair.by_uv])
    elif repair.text is None:
        project_files.delete(site.root, repair.path)
    else:
        project_files.write(site.root, repair.path, repair.text.encode())
