"""Read, add and remove jobs in the text of a project's jobs.py; every other byte stays as it is."""

from collections.abc import Sequence

from herokuclock.errors import HerokuclockError
from herokuclock.jobs.anchors import logger_call, scheduler_name, start_of
from herokuclock.jobs.block import (
    LONGEST_DOC,
    Schedule,
    decorators,
    function,
    one_line,
    test_path,
    test_source,
)
from herokuclock.jobs.clock_call import has_workers, set_timezone, set_workers
from herokuclock.jobs.reader import read, timezone
from herokuclock.jobs.removal import remove
from herokuclock.jobs.source import PythonSource, parse
from herokuclock.names import job_name_problem, nearest_job_name, shown

__all__ = [
    "add",
    "has_workers",
    "read",
    "remove",
    "set_timezone",
    "set_workers",
    "test_path",
    "test_source",
    "timezone",
]


def add(
    source: str,
    name: str,
    schedules: Sequence[Schedule],
    doc: str | None = None,
    filename: str = "jobs.py",
) -> str:
    """Write a function for the job below the others, above the line that starts the clock."""
    file = parse(source, filename)
    _refuse_name(file, name)
    _refuse_doc(doc)
    scheduler, log = scheduler_name(file), logger_call(file)
    at = start_of(file, scheduler)
    room = 2 if at is None else _room_above(file, at)
    block = [
        *decorators(scheduler, schedules, file.indent),
        *function(name, doc, log, file.indent, room),
    ]
    if at is None:
        return _checked(_appended(file, ["", "", *block]))
    new = [*[""] * (2 - room), *block, "", ""]
    return _checked(file.replaced(at, at, [f"{line}{file.newline_at(at)}" for line in new]))


def _refuse_name(file: PythonSource, name: str) -> None:
    ids = {job.id for job in read(file.text)}
    taken = file.names | ids
    problem = job_name_problem(name, taken)
    # The files of two tests must differ on a Mac, too.
    if not problem and name.lower() in {job_id.lower() for job_id in ids}:
        problem = f"{shown(name)} differs from another job in its capitals only."
    if problem:
        raise HerokuclockError(problem, f"Use another name, as {nearest_job_name(name, taken)}.")


def _refuse_doc(doc: str | None) -> None:
    if len(one_line(doc or "")) > LONGEST_DOC:
        raise HerokuclockError(
            f"The description is longer than {LONGEST_DOC} characters.",
            "Use one short sentence; the function itself has room for more.",
        )


def _room_above(file: PythonSource, at: int) -> int:
    """Return 0 or 1 where add has to fill up to two blank lines, 2 where it leaves things."""
    blank = 0
    while file.is_blank(at - 1 - blank):
        if file.lines[at - 1 - blank].strip("\r\n"):
            return 2
        blank += 1
    return min(blank, 2)


def _appended(file: PythonSource, new: list[str]) -> str:
    at = len(file.lines)
    while file.is_blank(at - 1):
        at -= 1
    newline = file.newline_at(at)
    text = newline.join(new)
    if file.lines[at - 1].endswith(("\r", "\n")):
        return file.replaced(at, at, [text + newline])
    return file.replaced(at, at, [newline + text])


def _checked(result: str) -> str:
    parse(result)
    return result
