"""`herokuclock init`: bring the clock into an app that is there, and take it out again."""

from itertools import groupby
from pathlib import Path
from typing import Any

from clockdyno import host

from herokuclock import packages, project, screen
from herokuclock.errors import HerokuclockError
from herokuclock.init import applying, planning, repository
from herokuclock.init.edits import Plan
from herokuclock.project import Project

ADDRESS = "http://localhost:5000/clock"
LONGEST = 60
RECOVERED = "An init that was ended in the middle has been taken back."


def run(timezone: str | None, *, yes: bool, dry_run: bool, json: bool) -> None:
    """Do the whole of `init` in the app that we stand in."""
    root = _root()
    if not dry_run and applying.recover(root):
        screen.note(RECOVERED)
    plan = planning.make(root, _zone(timezone))
    if plan.edits and not dry_run:
        repository.refuse_unsaved(root, [edit.path for edit in plan.edits])
    if not json:
        _tell(plan)
    if plan.edits and not dry_run:
        try:
            if not yes:
                from herokuclock.new import terminal

                terminal.go_ahead()
            applying.apply(root, plan.edits)
        except KeyboardInterrupt:
            screen.note("\nInterrupted: everything is as it was.")
            raise
    if json:
        return screen.as_json(_facts(plan, root, dry_run))
    _tell_end(plan, root, dry_run)


def remove(*, yes: bool, dry_run: bool, json: bool) -> None:
    """Take out what `init` brought in, but for what was edited since."""
    root = _root()
    if not dry_run and applying.recover(root):
        screen.note(RECOVERED)
    found = applying.kept(root)
    if found is None:
        raise HerokuclockError(
            "There is nothing that init has written here.",
            "Go where `herokuclock init` was run: its record lies there, in .herokuclock.toml.",
        )
    names = [each.path for each in found.files]
    if not json:
        screen.say("init wrote these files, and would give back what was there before:")
        screen.say_lines(f"  {name}" for name in names)
    if dry_run:
        return screen.as_json({"status": "planned", "files": names}) if json else None
    if not yes:
        from herokuclock.new import terminal

        terminal.go_ahead()
    left = applying.take_back(root, found)
    back = [name for name in names if name not in left]
    if json:
        return screen.as_json({"status": "removed", "files": back, "left": left})
    screen.tell(f"Taken back: {', '.join(back) or 'nothing'}.", "green")
    if left:
        screen.tell(f"Left, as edited since or still needed: {', '.join(left)}.", "yellow")
        screen.say("  git log --patch -- " + " ".join(left))
    if (root / host.SQLITE_FILE).exists():
        screen.say(f"{host.SQLITE_FILE} holds what ran, and stays: rm {host.SQLITE_FILE}*")


def _root() -> Path:
    """Return the folder of the app around us; without a Procfile that is this one."""
    try:
        return project.find(jobs=False).root
    except HerokuclockError:
        here = Path.cwd()
        if not any(here.glob("*.py")) and not any(here.glob("*/__init__.py")):
            raise HerokuclockError(
                "There is no app here: no Procfile, and no Python file.",
                "Go into its folder, or make a new one: herokuclock new myapp",
            ) from None
        return here


def _zone(given: str | None) -> str | None:
    from clockdyno.schedule import zones
    from clockdyno.schedule.refusal import Misread

    try:
        return zones.find(given) if given is not None else None
    except Misread as misread:
        raise HerokuclockError(f"{misread.reason}.", misread.hint, code=2) from None


def _tell(plan: Plan) -> None:
    for edit in plan.edits:
        screen.say(f"{edit.path}: {edit.why}", "bold")
        for line in _short(edit.diff()[2:]):
            screen.diff_line(f"  {line}")
    if plan.edits and plan.meanings:
        screen.say()
        screen.say("What this changes for your jobs:", "bold")
        for text in plan.meanings:
            screen.say_lines(_wrapped(text))
    if plan.pastes:
        screen.say()
        screen.say("For you to do, as it is not certain enough for a program:", "bold")
        for (file, reason), pastes in groupby(plan.pastes, lambda each: (each.file, each.reason)):
            screen.say_lines(_wrapped(f"{file}: {reason}."))
            for line in [line for paste in pastes for line in paste.told()]:
                screen.diff_line(f"    {line}")
    if plan.edits or plan.pastes:
        screen.say()


def _short(lines: list[str]) -> list[str]:
    """Return what of a diff is worth reading: of a lock its size."""
    if len(lines) <= LONGEST:
        return lines
    counts = (sum(line.startswith(sign) for line in lines) for sign in "+-")
    return [*lines[:LONGEST], "({} lines more, {} less in all)".format(*counts)]


def _wrapped(text: str) -> list[str]:
    from clockdyno.schedule.listing import wrapped

    return wrapped(text, "  - ", "    ")


def _tell_end(plan: Plan, root: Path, dry_run: bool) -> None:
    if not plan.edits:
        screen.say("Nothing to change: the clock is in already.", "green")
    elif dry_run:
        screen.say("Nothing was written.")
        return
    else:
        names = ", ".join(edit.path for edit in plan.edits)
        screen.tell(f"Changed: {names}. Nothing was committed.", "green")
        if not repository.is_repository(root):
            screen.tell("Heroku takes code by git, and this is no repository: git init -b main")
    if plan.pastes:
        screen.say("Place the lines above first.", "yellow")
    screen.say_lines(f"  {line}" for line in _next(plan, root))


def _next(plan: Plan, root: Path) -> list[str]:
    """Return what comes next, each with what it is for."""
    here = Project(root)
    rows = []
    if plan.edits and here.python():
        rows.append((_install(root), "the library, into the environment that is there"))
    rows.append(("herokuclock run", "web and clock, on this machine"))
    if plan.has_dashboard:
        rows.append((ADDRESS, "then shows what ran, and runs next"))
    rows.append(("herokuclock check", "will it work on Heroku?"))
    return screen.table([(command, f"# {text}") for command, text in rows], "")


def _install(root: Path) -> str:
    manager = packages.of(root)
    by_pip = f"{Project(root).pip()} install -r requirements.txt"
    return by_pip if manager.name == "pip" else manager.set_up


def _facts(plan: Plan, root: Path, dry_run: bool) -> dict[str, Any]:
    return {
        "status": "planned" if dry_run else "changed" if plan.edits else "unchanged",
        "path": str(root),
        "files": [
            {"path": e.path, "why": e.why, "new": e.old is None, "diff": e.diff()}
            for e in plan.edits
        ],
        "meanings": plan.meanings,
        "by_hand": [
            {
                "file": p.file,
                "line": p.line,
                "reason": p.reason,
                "lines": list(p.lines),
                "instead_of": list(p.instead_of),
            }
            for p in plan.pastes
        ],
        "dashboard": ADDRESS if plan.has_dashboard else None,
    }
