"""`herokuclock update`: a project made by one version becomes one of the next, merged by git."""

import difflib
import tempfile
import textwrap
from pathlib import Path
from typing import Any

from herokuclock import __version__, packages, project, project_files, record, screen, shell
from herokuclock.errors import HerokuclockError
from herokuclock.new import scaffold
from herokuclock.record import Record
from herokuclock.update import answers, lock, news
from herokuclock.update.plan import CONFLICTS, RENEWED, TOO, Plan, Step, make, read

SHOWN = 24  # lines of news: what was done is to be seen, too
DONE, NEWER, CONFLICTED = 0, 1, 3


def run(*, dry_run: bool, check: bool, pins: bool, json: bool) -> int:
    """Bring the project that we stand in up to this version; return the exit code."""
    root = project.find(jobs=False).root
    old = _record(root)
    plan = _plan(root, old, pins=pins)
    if plan.steps and not (dry_run or check):
        _refuse_changes(root)
    if not check:
        lock.renew(root, plan, every_pin=pins)
    told = news.between(old.version, __version__)
    if plan.steps and not (dry_run or check):
        _write(root, plan)
    if json:
        screen.as_json(_facts(old, plan, told, written=not (dry_run or check)))
    elif check:
        _tell_check(old, plan)
    else:
        _tell(root, old, plan, told, dry_run=dry_run)
    if check:
        return NEWER if plan.steps else DONE
    unsettled = any(step.what in (CONFLICTS, TOO) for step in plan.steps)
    return CONFLICTED if unsettled and not dry_run else DONE


def _record(root: Path) -> Record:
    from packaging.version import InvalidVersion, Version

    found = record.read(root)
    if found is None and b"\n[init]" in (read(root, record.FILE) or b""):
        raise HerokuclockError(
            "`herokuclock init` brought the clock in here, and all files are the app's own.",
            "To renew the library: herokuclock init --remove, commit, then herokuclock init.",
        )
    if found is None:
        raise HerokuclockError(
            f"{record.FILE} is not there, or not as `herokuclock new` wrote it: it says what this"
            " project was made of.",
            answers.get_back(root),
        )
    try:
        if Version(found.version) > Version(__version__):
            raise HerokuclockError(
                f"this project is of herokuclock {found.version}, and this is {__version__}.",
                "Update herokuclock itself first.",
            )
    except InvalidVersion:
        raise HerokuclockError(
            f"{record.FILE} names no version: template = {found.version!r}.",
            f"Write the one that made the project, {__version__} for example.",
        ) from None
    return found


def _refuse_changes(root: Path) -> None:
    told = shell.git(root, "status", "--porcelain", "--untracked-files=no", "--", ".")
    if not told.ok:
        raise HerokuclockError(
            "this project is in no git repository, and update merges by git.",
            'git init && git add -A && git commit -m "Begin"',
        )
    if changed := [line[3:] for line in told.out.splitlines()]:
        more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
        raise HerokuclockError(
            f"there are changes that are not committed: {', '.join(changed[:3])}{more}.",
            'git commit -am "Work in progress", or git stash; then again.',
        )


def _plan(root: Path, old: Record, *, pins: bool) -> Plan:
    told = answers.of(root, old)
    with tempfile.TemporaryDirectory() as folder:
        made = scaffold.render(told, Path(folder))
        new = {
            path.relative_to(made).as_posix(): path.read_bytes()
            for path in made.rglob("*")
            if path.is_file()
        }
    labels = (f"herokuclock {old.version}", f"herokuclock {__version__}")
    plan = make(root, old, new, labels, every_pin=pins)
    text = (read(root, record.FILE) or b"").decode()
    after = record.renewed(text.replace("\r\n", "\n"), __version__, plan.files, plan.texts)
    after = after.replace("\n", "\r\n") if "\r\n" in text else after
    if after != text:
        plan.steps.append(Step(record.FILE, RENEWED, after.encode(), text.encode()))
    return plan


def _write(root: Path, plan: Plan) -> None:
    # What goes, goes when its successor is there; until the record is, the project is an old one.
    steps = sorted(plan.steps, key=lambda s: (s.path == record.FILE, s.content is None))
    for step in steps:
        project_files.place(root, step.path)
    for step in steps:
        if step.content is None:
            project_files.delete(root, step.path)
        else:
            project_files.write(root, step.path, step.content)
    for path in plan.files:
        # An update that was killed may have left one behind.
        project_files.hidden(root / path).unlink(missing_ok=True)


def _facts(old: Record, plan: Plan, told: list[str], *, written: bool) -> dict[str, Any]:
    return {
        "from": old.version,
        "to": __version__,
        "files": [{"file": step.path, "what": step.what} for step in plan.steps],
        "notes": plan.notes,
        "news": told,
        "written": written and bool(plan.steps),
    }


def _tell_check(old: Record, plan: Plan) -> None:
    if not plan.steps:
        return screen.say(f"Nothing is newer than this project: {__version__}.", "green")
    screen.say(f"This project is of {old.version}; {__version__} changes {_count(plan)}.")
    screen.say("  herokuclock update")
    return None


def _count(plan: Plan) -> str:
    number = len(plan.steps)
    return "1 file" if number == 1 else f"{number} files"


def _tell(root: Path, old: Record, plan: Plan, told: list[str], *, dry_run: bool) -> None:
    if not plan.steps:
        return screen.say(f"This project is of {__version__} already: nothing to change.")
    if told:
        _tell_news(old, told)
    for step in plan.steps if dry_run else []:
        for line in _diff(step):
            screen.diff_line(line)
    screen.say_lines(screen.table((step.what, step.path) for step in plan.steps))
    for note in plan.notes:
        screen.tell(f"Note: {note}")
    if dry_run:
        return screen.say("Nothing was written.")
    _tell_what_is_left(root, plan)
    return None


def _tell_news(old: Record, told: list[str]) -> None:
    screen.say(f"New since {old.version}:", "bold")
    wide = min(screen.width(), 100)
    lines = [
        line
        for one in told
        for line in textwrap.wrap(one, wide, initial_indent="  ", subsequent_indent="    ")
    ]
    screen.say_lines(lines[:SHOWN])
    if len(lines) > SHOWN:
        screen.say(f"  ... and {len(lines) - SHOWN} more lines: {news.file()}", "dim")
    screen.say()


def _tell_what_is_left(root: Path, plan: Plan) -> None:
    conflicts = [step.path for step in plan.steps if step.what == CONFLICTS]
    beside = [step.path for step in plan.steps if step.what == TOO]
    screen.say()
    if conflicts:
        screen.tell(f"Conflicts, marked <<<<<<< and >>>>>>>: {', '.join(conflicts)}.", "yellow")
    if beside:
        screen.tell(f"Compare, take what you want, and delete: {', '.join(beside)}.", "yellow")
    if not (conflicts or beside):
        screen.say(f"This project is of {__version__} now; nothing is committed yet.", "green")
    new = [step.path for step in plan.steps if step.old is None]
    screen.say("  git diff")
    if any(step.path.startswith("vendor/") for step in plan.steps):
        screen.say(f"  {packages.of(root).set_up}")
    screen.say(f'  git add -A && git commit -m "Update to herokuclock {__version__}"')
    screen.say("Or back to what it was:")
    screen.say(f"  git restore .{' && rm ' * bool(new)}{' '.join(new)}")


def _diff(step: Step) -> list[str]:
    old, new = step.old or b"", step.content or b""
    if b"\0" in old + new:
        return [f"{step.path}: {len(old)} bytes become {len(new)}"]
    names = ("/dev/null" if step.old is None else f"a/{step.path}", f"b/{step.path}")
    before, after = (text.decode("utf-8", "replace").splitlines() for text in (old, new))
    return list(difflib.unified_diff(before, after, *names, lineterm=""))
