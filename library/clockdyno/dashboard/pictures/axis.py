"""What lies behind the lanes of a timeline: the hours, the days and the now line."""

from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo

from markupsafe import Markup

from clockdyno.dashboard import formats
from clockdyno.dashboard.pictures.span import Span

AXIS = Markup('<svg class="axis" width="100%" height="100%" aria-hidden="true">{}</svg>')
LINE = Markup('<line class="{0}" x1="{1:.2f}%" x2="{1:.2f}%" y1="{2}" y2="100%"/>')
LABEL = Markup('<text class="{}" x="{:.2f}%" y="{}" dx="{}">{}</text>')
# In percent of the width: what a label needs beside that of the now line, on a narrow screen, too.
BESIDE, NEAR = 4.2, 8.4


def axis(now: datetime, zone: str, span: Span) -> Markup:
    """Return the ticks of a span in a zone, to lie behind the lanes."""
    parts, midnights = [], []
    middle = span.place(now, now)
    for at, here, new_day in _grid(now, formats.zone(zone), span):
        x, minute = span.place(at, now), here.hour * 60 + here.minute
        ticks, gap = minute % span.tick == 0, abs(x - middle)
        kind = "odd" if minute % span.main else "even"
        if new_day:
            midnights.append((x, here))
        if new_day or ticks:
            parts.append(LINE.format("day" if new_day else kind, x, 34))
        if ticks and gap > BESIDE and 1 < x < 99:
            near = " near" if gap < NEAR else ""
            parts.append(LABEL.format(kind + near, x, 28, 0, f"{here:%H:%M}"))
    start = (now - span.back).astimezone(formats.zone(zone))
    parts += _days(midnights, start)
    parts += [LINE.format("now", middle, 33), LABEL.format("now", middle, 28, 0, "now")]
    return AXIS.format(Markup("").join(parts))


def _grid(now: datetime, local: tzinfo, span: Span) -> Iterator[tuple[datetime, datetime, bool]]:
    """Yield each point of the grid, also as local time, and whether a day begins there."""
    step = span.grid.total_seconds()
    at = datetime.fromtimestamp((now - span.back).timestamp() // step * step, UTC)
    day = at.astimezone(local).date()
    while (at := at + span.grid) < now + span.ahead:
        here = at.astimezone(local)
        yield at, here, here.date() != day
        day = here.date()


def _days(midnights: list[tuple[float, datetime]], start: datetime) -> list[Markup]:
    found = [(x, here, -14) for x, here in midnights if x < 87.5]
    if not midnights or midnights[0][0] > 18.75:
        found.insert(0, (0.0, start, 0))
    return [LABEL.format("date", x, 12, dx, f"{here:%a} {here.day}") for x, here, dx in found]
