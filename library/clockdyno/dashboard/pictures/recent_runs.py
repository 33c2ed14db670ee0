"""Small pictures of a job's last runs: a strip for its row, a plot of durations for its page."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from markupsafe import Markup

from clockdyno.dashboard import formats
from clockdyno.dashboard.pictures.marks import bar, link, sign

PITCH, HEIGHT, FLOOR = 8, 24, 23
PLOT, PLOT_FLOOR, TOP = 120, 119, 20
STRIP = Markup(
    '<svg class="strip" width="{}" height="{}" role="group"><title>{}</title>'
    '<g aria-hidden="true">{}</g></svg>'
)
PLOTTED = Markup(
    '<svg class="plot" width="100%" height="{}" role="group"><title>{}</title>'
    '<g aria-hidden="true">{}{}</g></svg>'
)
RULE = Markup('<line class="{0}" x1="0" x2="100%" y1="{1:.1f}" y2="{1:.1f}"/>')


def strip(job: Any, now: datetime, base: str, home: str | None = None) -> Markup:
    """Return the last runs, oldest first: a bar as high as the run was long, and a sign."""
    runs, marks = job.last[::-1], []
    tooks, longest = _tooks(runs)
    for n, (run, took) in enumerate(zip(runs, tooks, strict=True)):
        height = max(2.0, FLOOR * took / longest)
        shape = bar(run.state, str(n * PITCH), FLOOR - height, "6", height) if took else ""
        if run.state != "succeeded":
            shape += sign(run.state, str(n * PITCH), FLOOR - 6, 3)
        marks.append(link(f"{base}runs/{run.id}", _told(run, job.zone, now, home), shape))
    states = formats.summary(formats.tally(runs))
    title = f"Last {len(runs)} runs of {job.job_id}: {states}"
    return STRIP.format(max(len(runs), 1) * PITCH, HEIGHT, title, Markup("".join(marks)))


def durations(job: Any, runs: Sequence[Any], now: datetime, base: str) -> Markup:
    """Return how long the runs took, oldest first, with the usual duration as a line."""
    begun = [run for run in runs if run.started_at][::-1]
    tooks, longest = _tooks(begun)
    marks, pitch = [], 100 / max(len(begun), 20)
    for n, (run, took) in enumerate(zip(begun, tooks, strict=True)):
        x, height = f"{n * pitch:.2f}%", max(2.0, (PLOT_FLOOR - TOP) * took / longest)
        y = PLOT_FLOOR - height
        shape = bar(run.state, x, y, f"{pitch * 0.7:.2f}%", height) if run.took else ""
        if run.state != "succeeded":
            shape += sign(run.state, x, max(6.0, y - 9), 4)
        marks.append(link(f"{base}runs/{run.id}", _told(run, job.zone, now), shape))
    title, lines = _scale(job, len(begun), longest)
    return PLOTTED.format(PLOT, title, lines, Markup("".join(marks)))


def _scale(job: Any, count: int, longest: float) -> tuple[str, Markup]:
    title = f"Durations of {count} runs of {job.job_id}"
    lines = RULE.format("rail", PLOT_FLOOR)
    if job.usual is not None:
        title += f": usually {formats.duration(job.usual)}, at most {formats.duration(longest)}"
        share = min(1.0, job.usual / longest)
        lines += RULE.format("usual", PLOT_FLOOR - (PLOT_FLOOR - TOP) * share)
    return title, lines


def _told(run: Any, zone: str, now: datetime, home: str | None = None) -> str:
    took = f", {formats.duration(took)}" if (took := run.took) is not None else ""
    many = f"{run.count:,} " if run.count > 1 else ""
    return f"{many}{run.state}, {formats.moment(run.scheduled_at, zone, now, home)}{took}"


def _tooks(runs: Sequence[Any]) -> tuple[list[float], float]:
    """Return how many seconds each run took, and the most of them."""
    tooks = [took.total_seconds() if (took := run.took) is not None else 0.0 for run in runs]
    return tooks, max(tooks, default=0) or 1
