"""The picture of a month: how long a job's runs took each day, usually, mostly and at most."""

from collections.abc import Sequence
from datetime import date, timedelta

from markupsafe import Markup

from clockdyno.dashboard import formats
from clockdyno.ledger.durations import DAYS, Day

HEIGHT, FLOOR, TOP = 90, 89, 14
MONTH = Markup(
    '<svg class="plot" width="100%" height="{}" role="img"><title>{}</title>'
    '<line class="rail" x1="0" x2="100%" y1="{}" y2="{}"/>{}</svg>'
)
BAR = Markup('<rect class="{}" x="{:.2f}%" y="{:.1f}" width="{:.2f}%" height="{:.1f}"/>')
MOST = Markup('<line class="most" x1="{:.2f}%" x2="{:.2f}%" y1="{:.1f}" y2="{:.1f}"/>')
DAY = Markup("<g><title>{}</title>{}{}{}</g>")


def month(job_id: str, days: Sequence[Day], today: date) -> Markup:
    """Return a bar for each day: solid up to the median, pale up to p95, a line at the longest."""
    longest = max((day.longest for day in days), default=0) or 1
    pitch = 100 / DAYS
    drawn = []
    for day in days:
        x = (DAYS - 1 - (today - day.day) / timedelta(days=1)) * pitch
        usual, p95, most = (FLOOR - (FLOOR - TOP) * took / longest for took in day[2:5])
        bars = [
            BAR.format(k, x, y, pitch * 0.7, FLOOR - y)
            for k, y in (("p95", p95), ("succeeded", usual))
        ]
        drawn.append(DAY.format(told(day), *bars, MOST.format(x, x + pitch * 0.7, most, most)))
    title = f"Durations of {job_id} on {len(days)} of the last {DAYS} days"
    return MONTH.format(HEIGHT, title, FLOOR, FLOOR, Markup("").join(drawn))


def told(day: Day) -> str:
    """Say what a day was like."""
    usual, p95, longest = map(formats.duration, day[2:5])
    figures = f"usually {usual}, 95 % within {p95}, longest {longest}"
    return f"{day.day:%a} {day.day.day} {day.day:%b}: {figures}"
