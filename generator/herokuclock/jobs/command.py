"""`add` and `remove`: show what a job will do, then write it; or take it out."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from clockdyno.schedule import listing
from clockdyno.schedule.typed import understand

from herokuclock import offers, project, screen
from herokuclock.errors import HerokuclockError
from herokuclock.jobs import file as jobs_file
from herokuclock.jobs import renames
from herokuclock.jobs.clock_call import refuse_without
from herokuclock.jobs.writer import add_to_project, remove_from_project
from herokuclock.jobs.zone import zone_of
from herokuclock.preview import preview

FEW, MOST = 3, 5  # next runs that a person is shown, and a program


def add(name: str, when: str, doc: str | None, *, dry_run: bool, json: bool) -> None:
    """Add a job to the project that we stand in."""
    # `new --job` takes both in one word, and so does this.
    name, _, rest = name.partition(":")
    when = f"{rest.strip()} {when}".strip()
    if not when:
        problem = f"When does {name} run?"
        raise HerokuclockError(problem, f"herokuclock add {name} weekdays at 17:00", code=2)
    found = project.find()
    refuse_without(found.source(), found.jobs_name)
    zone = zone_of(found)
    with offers.shown(zone.name):
        schedules, notes = understand(when)
    now, count = datetime.now(UTC), MOST if json else FEW
    shown = preview(schedules, zone.name, now, count, name, notes=notes, surprises=zone.surprises)
    jobs_file.add(found.source(), name, schedules, doc, found.jobs_name)
    if not json:
        screen.say_lines(shown.lines())
    files = [] if dry_run else add_to_project(found.root, name, schedules, doc)
    if json:
        screen.as_json({**shown.to_json(), "files": _relative(files, found.root)})
    else:
        _say_files(files, found.root, f"Added {name}", dry_run)
        for each in [] if dry_run else renames.since_the_last_push(found, found.source()):
            screen.note(f"Note: {each.problem} {each.remedy}")


def remove(name: str, *, force: bool, dry_run: bool, json: bool) -> None:
    """Take a job out of the project that we stand in."""
    found = project.find()
    jobs_file.remove(found.source(), name, force=force, filename=found.jobs_name)
    files = [] if dry_run else remove_from_project(found.root, name, force=force)
    if json:
        screen.as_json({"job": name, "files": _relative(files, found.root)})
    else:
        _say_files(files, found.root, f"Removed {name}", dry_run)


def _say_files(files: Sequence[Path], root: Path, done: str, dry_run: bool) -> None:
    if dry_run:
        screen.say("Nothing was written.")
    else:
        text = f"{done}: {' and '.join(_relative(files, root))}."
        for line in listing.wrapped(text, "", "  ", screen.width()):
            screen.say(line, "green")


def _relative(files: Sequence[Path], root: Path) -> list[str]:
    return [file.relative_to(root).as_posix() for file in files]
