"""Small pictures of a job's last runs: a strip for its row, a plot of durations for its page."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from clock import looks

PITCH, HEIGHT, PLOT, TOP = 8, 24, 120, 20

BAR = Markup('<rect class="{}" x="{:.2f}{}" y="{:.1f}" width="{}" height="{:.1f}" rx="1"/>')
SIGN = Markup(
    '<svg x="{1:.2f}{2}" overflow="visible">'
    '<use class="{0}" href="#mark-{0}" x="3" y="{3:.1f}"/></svg>'
)
MARK = Markup('<a href="{}" tabindex="-1"><title>{}</title>{}</a>')
STRIP = Markup('<svg class="strip" width="{}" height="{}" role="group"><title>{}</title>{}</svg>')
PLOTTED = Markup(
    '<svg class="plot" width="100%" height="{}" role="group"><title>{}</title>{}{}</svg>'
)
RULE = Markup('<line class="{}" x1="0" x2="100%" y1="{:.1f}" y2="{:.1f}"/>')


def strip(job: Any, now: Any, base: str) -> Markup:
    """Return the last runs, oldest first: a bar as high as the run was long, and a sign."""
    runs = job.last[::-1]
    longest = max((_took(run) for run in runs), default=0) or 1
    marks = Markup("").join(
        MARK.format(
            f"{base}runs/{run.id}",
            _told(run, job, now),
            _shape(run, n * PITCH, "", 6, _took(run) / longest, HEIGHT - 1),
        )
        for n, run in enumerate(runs)
    )
    states = Counter(run.state for run in runs)
    told = f"Last {len(runs)} runs of {job.job_id}: {looks.summary(states)}"
    return STRIP.format(max(len(runs), 1) * PITCH, HEIGHT, told, marks)


def durations(job: Any, runs: Sequence[Any], now: Any, base: str) -> Markup:
    """Return how long the runs took, oldest first, with the usual duration as a line."""
    begun = [run for run in runs if run.started_at][::-1]
    longest = max((_took(run) for run in begun), default=0) or 1
    pitch, floor = 100 / max(len(begun), 20), PLOT - 1
    marks = Markup("").join(
        MARK.format(
            f"{base}runs/{run.id}",
            _told(run, job, now),
            _shape(run, n * pitch, "%", f"{pitch * 0.7:.2f}%", _took(run) / longest, floor),
        )
        for n, run in enumerate(begun)
    )
    told = f"Durations of the last {len(begun)} runs of {job.job_id}"
    if job.usual is not None:
        told += f": usually {looks.duration(job.usual)}, at most {looks.duration(longest)}"
    return PLOTTED.format(PLOT, told, _rules(job, longest, floor), marks)


def _rules(job: Any, longest: float, floor: float) -> Markup:
    lines = RULE.format("rail", floor, floor)
    if job.usual is not None and job.usual <= longest:
        y = floor - (floor - TOP) * job.usual / longest
        lines += RULE.format("usual", y, y)
    return lines


def _shape(run: Any, x: float, unit: str, width: Any, share: float, floor: float) -> Markup:
    height = max(2.0, (floor - TOP) * share) if unit else max(2.0, floor * share)
    shape = BAR.format(run.state, x, unit, floor - height, width, height) if run.took else ""
    if run.state != "succeeded":
        sign_y = max(6.0, floor - height - 9) if unit else floor - 6
        shape += SIGN.format(run.state, x, unit, sign_y)
    return Markup(shape)


def _told(run: Any, job: Any, now: Any) -> str:
    took = f", {looks.duration(run.took)}" if run.took is not None else ""
    many = f"{run.count:,} " if run.count > 1 else ""
    return f"{many}{run.state}, {looks.moment(run.scheduled_at, job.zone, now)}{took}"


def _took(run: Any) -> float:
    return run.took.total_seconds() if run.took is not None else 0.0
