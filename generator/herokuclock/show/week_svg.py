"""The same week as an SVG picture that stands alone: for a page, or a README."""

from collections.abc import Sequence
from datetime import datetime
from xml.sax.saxutils import escape

from herokuclock.show.week import LETTERS, Change, Lane, Week

WIDTH, LEFT, RIGHT, TOP = 960, 104, 24, 92
HOUR = (WIDTH - LEFT - RIGHT) / 24
# Starts that are so near to each other, in minutes, are drawn as one bar.
NEAR = 6
COLOURS = 6
STYLE = """\
  svg { --paper: #ffffff; --ink: #1f2328; --quiet: #59636e; --line: #d1d9e0; --rest: #f6f8fa;
    --c0: #0969da; --c1: #bc4c00; --c2: #1a7f37; --c3: #8250df; --c4: #bf3989; --c5: #7d6200; }
  @media (prefers-color-scheme: dark) {
    svg { --paper: #0d1117; --ink: #e6edf3; --quiet: #9198a1; --line: #30363d; --rest: #151b23;
      --c0: #58a6ff; --c1: #f0883e; --c2: #56d364; --c3: #bc8cff; --c4: #ff80bf; --c5: #e3b341; }
  }
  text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: var(--ink); }
  .title { font-size: 18px; font-weight: 600; }
  .quiet { fill: var(--quiet); }
  .hour { font-size: 11px; fill: var(--quiet); text-anchor: middle; }
  .letter { font-size: 10px; text-anchor: end; }
  .line { stroke: var(--line); }
  .run { fill: none; stroke-width: 7; stroke-linecap: round; }
"""


def svg(week: Week) -> str:
    """Return the picture: a row for each day, in it a line for each job, a mark for each start."""
    pitch = 14 if len(week.lanes) <= 6 else 10
    row = max(1, len(week.lanes)) * pitch + 14
    bottom = TOP + 7 * row
    height = bottom + 30 + max(1, len(week.lanes)) * 22 + (22 if week.changes else 0)
    parts = [*_head(week, height), *_grid(week, row, bottom)]
    parts += [_gap(change, week, row) for change in week.changes]
    for n, lane in enumerate(week.lanes):
        parts += _runs(week, lane, n, row, pitch)
    return "\n".join([*parts, *_legend(week, bottom + 30), "</svg>", ""])


def _head(week: Week, height: int) -> list[str]:
    told = [f"{lane.job}: {lane.words}." for lane in week.lanes] or ["No job."]
    told += [f"{change.words}." for change in week.changes]
    return [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"'
            f' width="{WIDTH}" height="{height}" role="img" aria-labelledby="title desc">'
        ),
        f'<title id="title">When the jobs run, {_safe(week.title)}</title>',
        f'<desc id="desc">{_safe(" ".join(told))}</desc>',
        f"<style>\n{STYLE}</style>",
        f'<rect width="{WIDTH}" height="{height}" rx="8" style="fill: var(--paper)"/>',
        '<text class="title" x="24" y="36">When the jobs run</text>',
        f'<text class="quiet" x="24" y="58">{_safe(week.title)}</text>',
    ]


def _grid(week: Week, row: int, bottom: int) -> list[str]:
    parts = []
    for n, day in enumerate(week.days):
        y = TOP + n * row
        if day.weekday() >= 5:
            parts.append(
                f'<rect x="{LEFT}" y="{y}" width="{WIDTH - LEFT - RIGHT}" height="{row}"'
                ' style="fill: var(--rest)"/>'
            )
        parts.append(f'<text x="24" y="{y + row / 2 + 4:g}">{day:%a} {day.day}</text>')
        parts.append(f'<path class="line" d="M{LEFT} {y}H{WIDTH - RIGHT}"/>')
    for hour in range(25):
        x = f"{LEFT + hour * HOUR:g}"
        faint = "" if hour % 6 == 0 else ' opacity=".45"'
        parts.append(f'<path class="line" d="M{x} {TOP}V{bottom}"{faint}/>')
        if hour % 3 == 0:
            parts.append(f'<text class="hour" x="{x}" y="{TOP - 8}">{hour:02}</text>')
    return [*parts, f'<path class="line" d="M{LEFT} {bottom}H{WIDTH - RIGHT}"/>']


def _gap(change: Change, week: Week, row: int) -> str:
    x, y = _x(change.start), TOP + (change.start.date() - week.first).days * row
    width = (change.end - change.start).total_seconds() / 3600 * HOUR
    return (
        f'<rect x="{x:g}" y="{y}" width="{width:g}" height="{row}" style="{_look(change)}">'
        f"<title>{_safe(change.words)}</title></rect>"
    )


def _look(change: Change) -> str:
    return "fill: var(--line)" if change.skipped else "fill: var(--c5); fill-opacity: .25"


def _runs(week: Week, lane: Lane, n: int, row: int, pitch: int) -> list[str]:
    parts = []
    for number, day in enumerate(week.days):
        y = TOP + number * row + 14 + n * pitch
        minutes = lane.on(day)
        if not minutes:
            continue
        marks = "".join(f"M{x:g} {y}h{length:g}" for x, length in _bars(minutes))
        colour = f"var(--c{n % COLOURS})"
        if len(week.lanes) > 1 and n < len(LETTERS):
            parts.append(
                f'<text class="letter" x="{LEFT - 8}" y="{y + 3.5:g}" style="fill: {colour}">'
                f"{LETTERS[n]}</text>"
            )
        parts.append(
            f'<path class="run" style="stroke: {colour}" d="{marks}">'
            f"<title>{_safe(lane.job)}, {day:%A}: {_times(minutes)}</title></path>"
        )
    return parts


def _bars(minutes: Sequence[datetime]) -> list[tuple[float, float]]:
    """Return where each mark begins and how long it is; near starts make one bar."""
    bars: list[list[float]] = []
    for x in sorted({_x(minute) for minute in minutes}):
        if bars and x - bars[-1][1] <= NEAR * HOUR / 60:
            bars[-1][1] = x
        else:
            bars.append([x, x])
    return [(round(start, 1), round(max(end - start, 0.1), 1)) for start, end in bars]


def _legend(week: Week, y: int) -> list[str]:
    parts = []
    for n, lane in enumerate(week.lanes):
        at, words = y + n * 22, f"{lane.job}: {lane.words}"
        letter = f"{LETTERS[n]} · " if len(week.lanes) > 1 and n < len(LETTERS) else ""
        shown = words if len(words) <= 120 else words[:119] + "…"
        parts.append(f'<path class="run" style="stroke: var(--c{n % COLOURS})" d="M28 {at}h14"/>')
        parts.append(f'<text x="56" y="{at + 4.5:g}">{letter}{_safe(shown)}</text>')
    if not week.lanes:
        parts.append(f'<text class="quiet" x="24" y="{y + 4}">No job runs in this week.</text>')
    for change in week.changes:
        at = y + max(1, len(week.lanes)) * 22
        parts.append(f'<rect x="25" y="{at - 7}" width="20" height="14" style="{_look(change)}"/>')
        parts.append(f'<text class="quiet" x="56" y="{at + 4.5:g}">{_safe(change.words)}</text>')
    return parts


def _times(minutes: Sequence[datetime]) -> str:
    shown = ", ".join(f"{minute:%H:%M}" for minute in minutes[:12])
    return shown if len(minutes) <= 12 else f"{shown} and {len(minutes) - 12} more"


def _x(minute: datetime) -> float:
    return LEFT + (minute.hour + minute.minute / 60) * HOUR


def _safe(text: str) -> str:
    return escape("".join(char if char.isprintable() else " " for char in text))
