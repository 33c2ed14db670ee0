"""The picture of the overview: what ran in a span of time, and what fires in the next."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import quote

from markupsafe import Markup, escape

from clockdyno.dashboard import formats
from clockdyno.dashboard.pictures.marks import bar, link, sign
from clockdyno.dashboard.pictures.span import Span
from clockdyno.ledger import tables

# Neighbours that are nearer than such a part of the whole become one band, so a lane has 120
# marks a side at most.
NEAR, NEAR_OF_MANY = 240, 48
ROOM = 12  # A band has to be such a part of the whole for its count to stand in it.
MIDDLE = 13  # of a lane's height, 26

PAUSED = '<text class="off" x="50%" y="17" dx="8">paused</text>'
GOES_ON = '<text class="off" x="{:.2f}%" y="15" dx="5">…</text>'  # Its clock tells no more.
LANE = Markup(
    '<svg class="lane" width="100%" height="26" role="group"><title>{}</title>'
    '<g aria-hidden="true">{}{}</g></svg>'
)


@dataclass
class Band:
    """A mark in a lane: one run, or neighbours of one state."""

    state: str
    start: datetime
    end: datetime
    count: int
    run: Any
    sampled: bool


class View(NamedTuple):
    """What the lanes have in common: `base` is the address below which jobs/ and runs/ are."""

    span: Span
    now: datetime
    base: str
    home: str | None = None
    many: bool = False

    @property
    def near(self) -> timedelta:
        """Return how near neighbours are one."""
        return self.span.length / (NEAR_OF_MANY if self.many else NEAR)

    def place(self, at: datetime) -> float:
        """Return where a time lies, in percent."""
        return self.span.place(at, self.now)


def lanes(jobs: Sequence[Any], runs: Iterable[Any], view: View) -> list[tuple[Any, Markup]]:
    """Return each job with its lane.

    A run may stand for its neighbours: then it has their count, first start and last end.
    """
    by_job: dict[str, list[Any]] = {}
    for run in runs:
        by_job.setdefault(run.job_id, []).append(run)
    drawn = []
    for job in jobs:
        runs = by_job.get(job.job_id, [])
        bands = _bands(runs, view)
        # What went well is drawn first, so that nothing hides what did not.
        bands.sort(key=lambda band: (band.state != "succeeded", band.start))
        # Of many jobs each mark says no more than its place: a page of all has its limit.
        full = (_mark(job, band, view) for band in bands)
        past = Markup(_plain(bands, view) if view.many else "".join(full))
        lane = LANE.format(_title(job, runs, view), past, Markup(_future(job, view)))
        drawn.append((job, lane))
    return drawn


def _title(job: Any, runs: list[Any], view: View) -> str:
    past = formats.summary(formats.tally(runs)) or "no run"
    past = f"at least {past}" if formats.sampled(runs) else past
    fire = formats.next_fire(job, view.now)
    soon = f"next {formats.relative(fire, view.now)}" if fire else "no fire ahead"
    soon = "paused" if job.paused_at else soon
    return f"{job.job_id}: {past} in the last {view.span.words}; {soon}."


def _bands(runs: list[Any], view: View) -> list[Band]:
    now, near = view.now, view.near
    last: dict[str, Band] = {}
    bands: list[Band] = []
    for run in sorted(runs, key=_start):
        start = max(_start(run), now - view.span.back)
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


def _plain(bands: Iterable[Band], view: View) -> str:
    """Return the marks of a lane by their state, without what all of a state have in common."""
    shapes: dict[str, str] = {}
    for band in bands:
        shapes[band.state] = shapes.get(band.state, "") + _bare(band, view)
    return "".join(f'<g class="{escape(state)}">{marks}</g>' for state, marks in shapes.items())


def _bare(band: Band, view: View) -> str:
    x = view.place(band.start)
    width = view.place(band.end) - x
    if band.state != "succeeded":
        return f'<use href="#mark-{escape(band.state)}" x="{x + width / 2:.1f}%"/>'
    return f'<rect x="{x:.1f}%" width="{max(width, 0.1):.1f}%"/>'


def _shape(band: Band, view: View) -> str:
    x = view.place(band.start)
    width = view.place(band.end) - x
    # A rectangle without any width is not drawn at all, not even its border.
    size = (f"{x:.2f}%", 8, f"{max(width, 0.01):.2f}%", 10)
    shape = bar(band.state, *size) if band.run.started_at else ""
    if band.state != "succeeded":
        shape += sign(band.state, f"{x + width / 2:.2f}%" if band.count > 1 else size[0], MIDDLE)
    elif band.count > 1 and width >= 100 / ROOM:
        count = f"{band.count:,}" + "+" * band.sampled
        shape += f'<text class="count" x="{x:.2f}%" y="16.5" dx="5">{count}</text>'
    return shape


def _mark(job: Any, band: Band, view: View) -> str:
    _, now, base, home, _ = view
    shape = _shape(band, view)
    first, last = (formats.moment(at, job.zone, now, home) for at in (band.start, band.end))
    if band.count == 1:
        took = f", {formats.duration(band.end - band.start)}" if band.end > band.start else ""
        return link(f"{base}runs/{band.run.id}", f"{band.state}, {first}{took}", shape)
    many = f"{base}jobs/{quote(job.job_id, safe='')}?state={band.state}"
    least = "at least " if band.sampled else ""
    return link(many, f"{least}{band.count:,} {band.state}, {first} to {last}", shape)


def _future(job: Any, view: View) -> str:
    if not formats.fires_still(job):
        return PAUSED if job.paused_at else ""
    end, spans = view.now + view.span.ahead, list[list[datetime]]()
    for fire in job.fires[bisect_left(job.fires, view.now) : bisect_left(job.fires, end)]:
        if spans and fire - spans[-1][-1] < view.near:
            spans[-1][1:] = [fire]
        else:
            spans.append([fire])
    places = [(view.place(span[0]), view.place(span[-1])) for span in spans]
    marks = _ticks(places) if view.many else "".join(_ahead(*place) for place in places)
    goes_on = len(job.fires) >= tables.MOST_TOLD and job.fires[-1] < end
    return marks + GOES_ON.format(view.place(job.fires[-1])) if goes_on else marks


def _ticks(places: Sequence[tuple[float, float]]) -> str:
    """Return fires, as _plain returns runs."""
    ticks = "".join(f'<rect x="{x:.1f}%"/>' for x, end in places if x == end)
    spans = "".join(_ahead(x, end) for x, end in places if x != end)
    return (f'<g class="ticks">{ticks}</g>' if ticks else "") + spans


def _ahead(first: float, last: float) -> str:
    if first == last:
        return f'<line class="fire" x1="{first:.2f}%" x2="{first:.2f}%" y1="9.5" y2="16.5"/>'
    return f'<line class="often" x1="{first:.2f}%" x2="{last:.2f}%" y1="13" y2="13"/>'
