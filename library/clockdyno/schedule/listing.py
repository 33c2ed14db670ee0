"""When jobs run next, as text: `python -m clockdyno next` and the generator show the same table."""

import shutil
import sys
import textwrap
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

WIDTH = 80
NARROWEST = 24  # columns in which a schedule in words can still be read


def width() -> int:
    """Return the columns of the terminal; 80 where there is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else WIDTH


class Job(NamedTuple):
    """What one line tells of a job; its times are aware, unless nobody knows their zone."""

    name: str
    words: str
    fires: Sequence[datetime]
    is_surprising: bool = False


def summary(jobs: Sequence[Job], now: datetime, program: str, width: int = WIDTH) -> list[str]:
    """Return a line for each job, and how to see more of one."""
    odd = next((job.name for job in jobs if job.is_surprising), None)
    more = f"More of one, and its next five: {program} {odd or jobs[0].name}"
    return [*each(jobs, now, width), "", f"(!) may surprise. {more}" if odd else f"{more}"]


def each(jobs: Sequence[Job], now: datetime, width: int = WIDTH) -> list[str]:
    """Return a line for each job: when it runs next, how far away that is, and its schedule."""
    cells = [(job.name, *_next(job.fires, now)) for job in jobs]
    columns = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = []
    for job, row in zip(jobs, cells, strict=True):
        head = "  ".join(cell.ljust(room) for cell, room in zip(row, columns, strict=True))
        words = f"{job.words} (!)" if job.is_surprising else job.words
        # Below each other where there is no room beside each other.
        beside = width - len(head) - 2 >= min(len(words), NARROWEST)
        lines += [] if beside else [head.rstrip()]
        first = f"{head}  " if beside else "    "
        lines += wrapped(words, first, " " * len(first), width)
    return lines


def _next(fires: Sequence[datetime], now: datetime) -> tuple[str, str]:
    if not fires:
        return "no next run", ""
    at = fires[0]
    return moment(at, now), away(at - now) if at.tzinfo else ""


def entry(
    words: str,
    fires: Sequence[datetime],
    surprises: Iterable[Any],
    indent: str = "",
    rate: str = "",
) -> list[str]:
    """Say a job's schedule, its next times in its own zone and in UTC, and what may surprise."""
    lines = wrapped(f"{words}.", indent, indent)
    lines += [f"{indent}{rate}."] if rate and fires else []
    lines += [f"{indent}  {line}" for line in times(fires)]
    return lines + remarks(surprises, indent)


def remarks(surprises: Iterable[Any], indent: str = "") -> list[str]:
    """Say what may surprise, and below each what mends it."""
    lines = []
    for surprise in surprises:
        lines += [*wrapped(surprise.text, f"{indent}! ", f"{indent}  ")]
        lines += instead(surprise.fix, indent, "or ")
    return lines


def instead(fix: str, indent: str = "", link: str = "") -> list[str]:
    """Return the lines that mend a surprise, each as it can be pasted, with a word between them."""
    margin, lines = f"{indent}  ", []
    for n, line in enumerate(fix.split("\n")):
        lines += wrapped(line, margin + link * bool(n), margin)
    return lines


def wrapped(text: str, first: str, rest: str, width: int = WIDTH) -> list[str]:
    """Break a text into lines, and no word."""
    return textwrap.wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def moment(at: datetime, now: datetime) -> str:
    """Say a time in its own zone, with the weekday; the year only where it is not this one."""
    year = "" if at.year == now.astimezone(at.tzinfo).year else f" {at.year}"
    clock = "%H:%M:%S" if at.second else "%H:%M"
    return f"{at:%a} {at.day:2} {at:%b}{year} {at:{clock}} {at.tzname() or ''}".rstrip()


def away(span: timedelta) -> str:
    """Say how far away a time is: in the largest unit of which there are two."""
    seconds = abs(span.total_seconds())
    for unit, length in (("days", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        if seconds >= 2 * length or unit == "s":
            shown = f"{seconds / length:.0f} {unit}"
            break
    return f"in {shown}" if span >= timedelta() else f"{shown} ago"


def times(fires: Sequence[datetime]) -> list[str]:
    """Each fire in its own zone and in UTC; without a zone it is a time on some clock's wall."""
    if not fires:
        return ["No next run."]
    clock = "%H:%M:%S" if any(fire.second for fire in fires) else "%H:%M"
    lines = []
    for fire in fires:
        if fire.tzinfo is None:
            lines.append(f"{fire:%a} {fire.day:2} {fire:%b %Y}  {fire:{clock}}")
            continue
        utc = fire.astimezone(UTC)
        line = f"{fire:%a} {fire.day:2} {fire:%b %Y}  {fire:{clock}} {fire.tzname()}"
        day = "" if utc.date() == fire.date() else f"{utc:%a} {utc.day} {utc:%b} "
        lines.append(line if fire.tzname() == "UTC" else f"{line:32}  {day}{utc:{clock}} UTC")
    return lines
