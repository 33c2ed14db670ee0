"""A week of runs as a picture made of text: a line for each day, a column for each hour."""

import string
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from clockdyno.schedule import listing, zones

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
LETTERS = string.ascii_letters
WIDTH = 80


@dataclass(frozen=True)
class Change:
    """A change of the clocks: the wall times from `start` to `end` are skipped or come twice."""

    start: datetime
    end: datetime
    skipped: bool

    @property
    def words(self) -> str:
        day = f"{self.start:%A} {self.start.day} {self.start:%B}"
        hours = f"{self.start:%H:%M} to {self.end:%H:%M}"
        return f"{day}: {hours} {'is skipped' if self.skipped else 'comes twice'}"


@dataclass(frozen=True)
class Lane:
    """One job's week: the minutes in which it starts, as wall times; `often` if more than once."""

    job: str
    words: str
    minutes: list[datetime] = field(default_factory=list)
    often: bool = False

    def on(self, day: date) -> list[datetime]:
        return [minute for minute in self.minutes if minute.date() == day]


@dataclass(frozen=True)
class Week:
    """Seven days in one zone."""

    zone: str
    first: date
    lanes: list[Lane]

    @property
    def days(self) -> list[date]:
        return [self.first + n * DAY for n in range(7)]

    @property
    def title(self) -> str:
        first, last = self.days[0], self.days[-1]
        start = f"{first.day}" if first.month == last.month else f"{first.day} {first:%B}"
        if first.year != last.year:
            start += f" {first.year}"
        zone = zones.words(ZoneInfo(self.zone))
        return f"{start} to {last.day} {last:%B} {last.year}, {zone}"

    @property
    def changes(self) -> list[Change]:
        return [change for day in self.days if (change := _change(day, ZoneInfo(self.zone)))]


def lane(job: str, words: str, trigger: Any, zone: str, first: date) -> Lane:
    """Follow a trigger through the week, from minute to minute."""
    place = ZoneInfo(zone)
    at = datetime.combine(first, time(), place).astimezone(UTC)
    end = datetime.combine(first + 7 * DAY, time(), place).astimezone(UTC)
    minutes, often = [], False
    while (fire := trigger.get_next_fire_time(None, at)) and fire < end:
        at = fire.astimezone(UTC).replace(second=0, microsecond=0) + MINUTE
        minutes.append(_wall(fire, place))
        if not often:
            after = trigger.get_next_fire_time(fire, fire)
            often = bool(after and after < at)
    return Lane(job, words, minutes, often)


def lane_of(job: str, words: str, fires: Iterable[datetime], zone: str, first: date) -> Lane:
    """Return the lane of fires that somebody else found."""
    place = ZoneInfo(zone)
    walls = [_wall(fire, place) for fire in fires]
    seen = [wall for wall in walls if first <= wall.date() < first + 7 * DAY]
    minutes = sorted(set(seen), key=lambda wall: wall.replace(tzinfo=place).astimezone(UTC))
    return Lane(job, words, minutes, len(minutes) < len(seen))


def text(week: Week, width: int = WIDTH) -> list[str]:
    """Return the lines of the picture; all meaning is in its characters.

    Where the day does not fit, its parts stand one below the other.
    """
    steady = [one for one in week.lanes if len(week.lanes) > 1 and _is_steady(one, week)]
    shown = [one for one in week.lanes if one not in steady]
    letters = dict(zip((one.job for one in shown), LETTERS, strict=False))
    if len(week.lanes) == 1:
        letters = {}
    starts = _starts(shown)
    changes = {change.start.date(): change for change in week.changes}
    rows: list[tuple[str, list[str]]] = []
    for day in week.days:
        cells = [_cell(starts[day, hour], letters) for hour in range(24)]
        change = changes.get(day)
        for hour in _whole_hours(change) if change and change.skipped else ():
            cells[hour] = "--"
        rows.append((f"{day:%a} {day.day:2}{'*' if change else ' '}", cells))
    counted = any(cell.isdigit() for _, cells in rows for cell in cells)
    lines = [week.title, "", *_grid(rows, width)]
    lines += [f"* {change.words}." for change in week.changes]
    return lines + _legend(shown, letters, steady, counted, width)


def _grid(rows: Sequence[tuple[str, list[str]]], width: int) -> list[str]:
    hours = next((n for n in (24, 12, 8) if 7 + 3 * n <= width), 6)
    lines = []
    for first in range(0, 24, hours):
        part = range(first, first + hours)
        lines.append("        " + " ".join(f"{hour:2}" for hour in part))
        for day, cells in rows:
            lines.append(f"{day} " + " ".join(f"{cells[hour]:>2}" for hour in part))
        lines.append("")
    return lines


def _legend(
    shown: Sequence[Lane],
    letters: dict[str, str],
    steady: Sequence[Lane],
    counted: bool,
    space: int,
) -> list[str]:
    if not shown and not steady:
        return ["No job runs in this week."]
    if not letters and shown:
        lines = [f"{shown[0].job}: {shown[0].words}.", "A number is the runs in that hour."]
        return [*lines, "++ is more than one run a minute."] if shown[0].often else lines
    width = max(len(one.job) for one in (*shown, *steady))
    told = [(f"{letters.get(s.job, '?')}  {s.job:{width}}  ", s.words) for s in shown]
    told += [(f"   {s.job:{width}}  ", f"every hour: {s.words}") for s in steady]
    lines = []
    for head, words in told:
        rest = " " * min(len(head), space // 3)
        lines += listing.wrapped(words, head, rest, space)
    return [*lines, "A number is so many jobs in that hour."] if counted else lines


def _starts(lanes: Sequence[Lane]) -> dict[tuple[date, int], Counter[str]]:
    """Return for each hour the jobs that start in it and how often; 0 is too often to count."""
    found: dict[tuple[date, int], Counter[str]] = defaultdict(Counter)
    for one in lanes:
        for minute in one.minutes:
            found[minute.date(), minute.hour][one.job] += 0 if one.often else 1
    return found


def _cell(starts: Counter[str], letters: dict[str, str]) -> str:
    if not starts:
        return "."
    if not letters:
        return str(starts.total() or "++")
    return "".join(letters.get(job, "?") for job in starts) if len(starts) < 3 else str(len(starts))


def _is_steady(one: Lane, week: Week) -> bool:
    hours = {(minute.date(), minute.hour) for minute in one.minutes}
    return len(hours) >= 7 * 24 - sum(
        len(_whole_hours(change)) for change in week.changes if change.skipped
    )


def _whole_hours(change: Change) -> list[int]:
    hours = (change.start + n * 60 * MINUTE for n in range(24))
    return [hour.hour for hour in hours if not hour.minute and hour + 60 * MINUTE <= change.end]


def _wall(fire: datetime, place: ZoneInfo) -> datetime:
    return fire.astimezone(place).replace(second=0, microsecond=0, tzinfo=None)


def _change(day: date, place: ZoneInfo) -> Change | None:
    """Find the change of the clocks on a day, minute by minute in real time."""
    start = datetime.combine(day, time(), place).astimezone(UTC)
    end = datetime.combine(day + DAY, time(), place).astimezone(UTC)
    if end - start == DAY:
        return None
    # From the minute before, for in some zones midnight itself is skipped.
    at = start - MINUTE
    while at + MINUTE < end:
        before, after = _wall(at, place), _wall(at + MINUTE, place)
        if after - before != MINUTE:
            then = before + MINUTE
            return Change(min(then, after), max(then, after), skipped=after > then)
        at += MINUTE
    return None
