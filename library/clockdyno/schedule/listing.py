"""When jobs run next, as text: `python -m clockdyno next` and the generator show the same table."""

import textwrap
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

WIDTH = 80


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


def wrapped(text: str, first: str, rest: str) -> list[str]:
    """Break a text into lines, and no word."""
    return textwrap.wrap(
        text,
        WIDTH,
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
