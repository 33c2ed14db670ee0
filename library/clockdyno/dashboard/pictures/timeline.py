"""The picture of the overview: what ran in the last 24 hours, and what fires in the next 24."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from clockdyno.dashboard import formats
from clockdyno.dashboard.pictures.marks import bar, link, sign
from clockdyno.ledger import tables

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
# Neighbours that are nearer than this become one band, so a lane has 120 marks a side at most.
NEAR, NEAR_OF_MANY = timedelta(minutes=12), timedelta(hours=1)
ROOM = 4 * HOUR  # A band has to be that long for its count to stand in it.
QUARTER = timedelta(minutes=15)  # No zone is off by less.
MIDDLE = 13  # of a lane's height, 26

PAUSED = '<text class="off" x="50%" y="17" dx="8">paused</text>'
GOES_ON = '<text class="off" x="{:.2f}%" y="15" dx="5">…</text>'  # Its clock tells no more.
LANE = Markup(
    '<svg class="lane" width="100%" height="26" role="group"><title>{}</title>'
    '<g aria-hidden="true">{}{}</g></svg>'
)
AXIS = Markup('<svg class="axis" width="100%" height="100%" aria-hidden="true">{}</svg>')
HOUR_LINE = Markup('<line class="{0}" x1="{1:.2f}%" x2="{1:.2f}%" y1="{2}" y2="100%"/>')
LABEL = Markup('<text class="{}" x="{:.2f}%" y="{}" dx="{}">{}</text>')


@dataclass
class Band:
    """A mark in a lane: one run, or neighbours of one state."""

    state: str
    start: datetime
    end: datetime
    count: int
    run: Any
    sampled: bool


def lanes(
    jobs: Sequence[Any],
    runs: Iterable[Any],
    now: datetime,
    base: str,
    home: str | None = None,
    *,
    many: bool = False,
) -> list[tuple[Any, Markup]]:
    """Return each job with its lane; `base` is the address below which jobs/ and runs/ are.

    A run may stand for its neighbours: then it has their count, first start and last end.
    """
    near = NEAR_OF_MANY if many else NEAR
    by_job: dict[str, list[Any]] = {}
    for run in runs:
        by_job.setdefault(run.job_id, []).append(run)
    drawn = []
    for job in jobs:
        runs = by_job.get(job.job_id, [])
        bands = _bands(runs, now, near)
        # What went well is drawn first, so that nothing hides what did not.
        bands.sort(key=lambda band: (band.state != "succeeded", band.start))
        # Of many jobs each mark says no more than its place: a page of all has its limit.
        shapes = (_plain(band, now) for band in bands)
        full = (_mark(job, band, now, base, home) for band in bands)
        past = Markup("".join(shapes if many else full))
        lane = LANE.format(_title(job, runs, now), past, Markup(_future(job, now, near)))
        drawn.append((job, lane))
    return drawn


def _title(job: Any, runs: list[Any], now: datetime) -> str:
    past = formats.summary(formats.tally(runs)) or "no run"
    past = f"at least {past}" if formats.sampled(runs) else past
    fire = formats.next_fire(job, now)
    soon = f"next {formats.relative(fire, now)}" if fire else "no fire ahead"
    return f"{job.job_id}: {past} in the last 24 hours; {'paused' if job.paused_at else soon}."


def _bands(runs: list[Any], now: datetime, near: timedelta) -> list[Band]:
    last: dict[str, Band] = {}
    bands: list[Band] = []
    for run in sorted(runs, key=_start):
        start = max(_start(run), now - DAY)
        end = now if run.state == "running" else max(start, min(run.finished_at or start, now))
        band = last.get(run.state)
        if band and start - band.end < near:
            band.end, band.count = max(band.end, end), band.count + run.count
            band.sampled |= formats.sampled([run])
        else:
            last[run.state] = Band(run.state, start, end, run.count, run, formats.sampled([run]))
            bands.append(last[run.state])
    return bands


def _start(run: Any) -> datetime:
    return run.started_at or run.scheduled_at


def _plain(band: Band, now: datetime) -> str:
    x, width = _place(band.start, now), _place(band.end, now) - _place(band.start, now)
    if band.state != "succeeded":
        return sign(band.state, f"{x + width / 2:.1f}%", MIDDLE)
    return f'<rect class="succeeded" x="{x:.1f}%" width="{max(width, 0.1):.1f}%"/>'


def _shape(band: Band, now: datetime) -> str:
    x, width = _place(band.start, now), _place(band.end, now) - _place(band.start, now)
    # A rectangle without any width is not drawn at all, not even its border.
    size = (f"{x:.2f}%", 8, f"{max(width, 0.01):.2f}%", 10)
    shape = bar(band.state, *size) if band.run.started_at else ""
    if band.state != "succeeded":
        shape += sign(band.state, f"{x + width / 2:.2f}%" if band.count > 1 else size[0], MIDDLE)
    elif band.count > 1 and band.end - band.start >= ROOM:
        count = f"{band.count:,}" + "+" * band.sampled
        shape += f'<text class="count" x="{x:.2f}%" y="16.5" dx="5">{count}</text>'
    return shape


def _mark(job: Any, band: Band, now: datetime, base: str, home: str | None) -> str:
    shape = _shape(band, now)
    first, last = (formats.moment(at, job.zone, now, home) for at in (band.start, band.end))
    if band.count == 1:
        took = f", {formats.duration(band.end - band.start)}" if band.end > band.start else ""
        return link(f"{base}runs/{band.run.id}", f"{band.state}, {first}{took}", shape)
    many = f"{base}jobs/{quote(job.job_id, safe='')}?state={band.state}"
    least = "at least " if band.sampled else ""
    return link(many, f"{least}{band.count:,} {band.state}, {first} to {last}", shape)


def _future(job: Any, now: datetime, near: timedelta) -> str:
    if not formats.fires_still(job):
        return PAUSED if job.paused_at else ""
    spans: list[list[datetime]] = []
    for fire in job.fires[bisect_left(job.fires, now) : bisect_left(job.fires, now + DAY)]:
        if spans and fire - spans[-1][-1] < near:
            spans[-1][1:] = [fire]
        else:
            spans.append([fire])
    marks = "".join(_ahead(_place(span[0], now), _place(span[-1], now)) for span in spans)
    goes_on = len(job.fires) >= tables.MOST_TOLD and job.fires[-1] < now + DAY
    return marks + GOES_ON.format(_place(job.fires[-1], now)) if goes_on else marks


def _ahead(first: float, last: float) -> str:
    if first == last:
        return f'<line class="fire" x1="{first:.2f}%" x2="{first:.2f}%" y1="9.5" y2="16.5"/>'
    return f'<line class="often" x1="{first:.2f}%" x2="{last:.2f}%" y1="13" y2="13"/>'


def axis(now: datetime, zone: str) -> Markup:
    """Return the hours, the days and the now line, to lie behind the lanes."""
    parts, midnights = [], []
    for at, here, new_day in _quarters(now, formats.zone(zone)):
        third = here.hour % 3 == 0 and here.minute == 0
        kind = "odd" if here.hour % 6 else "even"
        if new_day:
            midnights.append((at, here))
        if new_day or third:
            parts.append(HOUR_LINE.format("day" if new_day else kind, _place(at, now), 34))
        if third and 2 * HOUR < abs(at - now) < DAY - HOUR / 2:
            near = " near" if abs(at - now) < 4 * HOUR else ""
            parts.append(LABEL.format(kind + near, _place(at, now), 28, 0, f"{here:%H}:00"))
    parts += _days(midnights, now, formats.zone(zone))
    parts += [HOUR_LINE.format("now", 50, 33), LABEL.format("now", 50, 28, 0, "now")]
    return AXIS.format(Markup("").join(parts))


def _quarters(now: datetime, local: tzinfo) -> Iterator[tuple[datetime, datetime, bool]]:
    """Yield each quarter of an hour, also as local time, and whether a day begins there."""
    at = datetime.fromtimestamp((now - DAY).timestamp() // 900 * 900, UTC)
    day = at.astimezone(local).date()
    while (at := at + QUARTER) < now + DAY:
        here = at.astimezone(local)
        yield at, here, here.date() != day
        day = here.date()


def _days(midnights: list[tuple[datetime, datetime]], now: datetime, local: Any) -> list[Markup]:
    found = [(at, here) for at, here in midnights if at < now + 18 * HOUR]
    start = now - DAY
    if not midnights or midnights[0][0] - start > 9 * HOUR:
        found.insert(0, (start, start.astimezone(local)))
    return [
        LABEL.format("date", _place(at, now), 12, -14 if at > start else 0, f"{here:%a} {here.day}")
        for at, here in found
    ]


def _place(at: datetime, now: datetime) -> float:
    """Return where a time lies between 24 hours ago and in 24 hours, in percent."""
    return max(0.0, min(100.0, (at - now) / DAY * 50 + 50))
