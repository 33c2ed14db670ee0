"""How the pages put things: times, durations, what a state means."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from clockdyno import host, logs

STATES = "succeeded failed running requested missed skipped lost".split()
FEWEST_TOLD = 5  # fires that a clock tells of a job, where there are any
MEANINGS = {
    "requested": "It is asked for, and has not begun yet.",
    "running": "It has started and not ended yet.",
    "succeeded": "The job ended without an error.",
    "failed error": "The job raised an error, or could not begin.",
    "failed timeout": "The job took longer than its timeout, so it was ended.",
    "failed died": "Its process ended before the job did, perhaps for want of memory.",
    "failed ended": "Somebody ended it by hand.",
    "missed late": "It had not begun in time, and its grace allowed no later start.",
    "missed coalesced": "It had not begun in time, and a later fire took its place.",
    "skipped overlap": "The run before was still going on, so this one was left out.",
    "skipped waiting": "The run before had not even begun, so this one was left out.",
    "skipped deleted": "Its schedule was deleted before it had begun.",
    "lost stopped": "It was still going on when its process stopped.",
    "lost silent": "It had begun, and then nothing more was heard of it.",
}

DEEDS = {
    "run": "asked for this run.",
    "again": "asked for a further attempt.",
    "stop": "asked it to stop.",
    "see": "has seen how it ended.",
}


@cache
def zone(name: str | None) -> tzinfo:
    """Return the zone of that name; UTC where there is none."""
    try:
        return ZoneInfo(name or "UTC")
    except (KeyError, ValueError, OSError):
        return UTC


def common_zone(jobs: Iterable[Any]) -> str:
    """Return the zone that most jobs live by: the project's."""
    zones = Counter(job.zone for job in jobs if job.zone)
    return zones.most_common(1)[0][0] if zones else "UTC"


def moment(at: datetime, name: str | None, now: datetime, home: str | None = None) -> str:
    """Write a time as people in that zone do, seen from now: "tomorrow 05:00".

    It names the zone where that is not the one of the page, its home.
    """
    here, today = at.astimezone(zone(name)), _day(now, name)
    days = (here.date() - today).days
    # Six times as fast as by its format, and a page has thousands.
    clock = here.time().isoformat("seconds" if here.second else "minutes")
    if home and home != name and at.astimezone(zone(home)).utcoffset() != here.utcoffset():
        clock += f" {abbreviation(at, name)}"
    if days in (-1, 0, 1):
        return f"{('yesterday ', '', 'tomorrow ')[days + 1]}{clock}"
    year = "" if here.year == today.year else f" {here.year}"
    return f"{here:%a} {here.day} {here:%b}{year} {clock}"


@lru_cache
def _day(now: datetime, name: str | None) -> date:
    return now.astimezone(zone(name)).date()


def abbreviation(at: datetime, name: str | None) -> str:
    """Name a zone as its people do at that time of the year: "CET", "EST", "UTC-03"."""
    short = at.astimezone(zone(name)).tzname() or ""
    return short if short.isalpha() else f"UTC{short}"


def utc(at: datetime) -> str:
    """Write a time in UTC, to the second."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def relative(at: datetime, now: datetime) -> str:
    """Say how long ago that was, or how soon it will be."""
    seconds = round((at - now).total_seconds())
    if seconds == 0:
        return "now"
    words = roughly(abs(seconds))
    return f"in {words}" if seconds > 0 else f"{words} ago"


def roughly(seconds: float) -> str:
    """Say a span of time as people do."""
    minutes = int(seconds // 60)
    if seconds < 100:
        return f"{int(seconds)} s"
    if minutes < 100:
        return f"{minutes} min"
    if minutes < 600:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{round(minutes / 60)} h" if minutes < 36 * 60 else f"{round(minutes / 1440)} days"


def duration(value: float | timedelta | None) -> str:
    """Write how long something took."""
    if value is None:
        return "–"
    seconds = value.total_seconds() if isinstance(value, timedelta) else float(value)
    if seconds < 0.9995:
        return f"{max(seconds, 0) * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def percent(rate: float | None) -> str:
    """Write a share; 100 % only where nothing failed."""
    if rate is None:
        return "–"
    return f"{int(rate * 1000) / 10:g} %"


def meaning(run: Any) -> str:
    """Say what a run's state and its reason mean."""
    return MEANINGS.get(f"{run.state} {run.reason}") or MEANINGS.get(run.state, run.state)


def last_line(text: str) -> str:
    """Return the line of a traceback that says most."""
    return text.rstrip().rpartition("\n")[2]


def how_much(output: Any) -> str:
    """Say how much of what an attempt said is shown."""
    shown = len(output.lines)
    return f"the last {shown} of {output.said:,} lines" if output.said > shown else ""


def to_the_second(at: datetime, name: str | None) -> str:
    """Write the time of day in that zone."""
    return at.astimezone(zone(name)).time().isoformat("seconds")


def why(run: Any) -> str:
    """Say in one line why a run did not go well: its error, if it left one."""
    return run.error or meaning(run)


def app_name() -> str:
    """Return what the app is called: on a laptop that is its folder."""
    name = host.app_name()
    return name if name != "clock" or host.is_hosted() else host.project().name


def soonest(jobs: Iterable[Any], now: datetime, count: int) -> list[tuple[datetime, Any]]:
    """Return the jobs that fire next, each with its fire."""
    fires = [(fire, job) for job in jobs if (fire := next_fire(job, now))]
    return sorted(fires, key=lambda pair: (pair[0], pair[1].job_id))[:count]


def next_fire(job: Any, now: datetime) -> datetime | None:
    """Return a job's next fire, if it has one."""
    return next(iter(ahead(job, now)), None) if fires_still(job) else None


def fires_still(job: Any) -> bool:
    """Say whether a job's fires lead to runs: it is neither paused nor gone."""
    return not (job.paused_at or job.gone_at)


def ahead(job: Any, now: datetime) -> list[datetime]:
    """Return the fires of a job that are still to come, as far as its clock has written them."""
    fires: list[datetime] = job.fires
    return fires[bisect_left(fires, now) :]


def is_over(job: Any) -> bool:
    """Say whether a schedule has come to its end: of any other its clock tells five fires."""
    return bool(job.words) and len(job.fires) < FEWEST_TOLD


def process_type(run: Any) -> str:
    """Return the kind of dyno that a run was on: the one whose log tells of it."""
    kind = (run.dyno or "").partition(".")[0]
    return kind if kind.isidentifier() else "clock"


def log_words(run: Any) -> str:
    """Return what the clock's log lines about a run have in common."""
    return logs.line(job=run.job_id, scheduled_at=run.scheduled_at)


def tally(runs: Iterable[Any]) -> Counter[str]:
    """Count runs by their state; one may stand for several fires."""
    counts: Counter[str] = Counter()
    for run in runs:
        counts[run.state] += run.count
    return counts


def counted(runs: Iterable[Any]) -> str:
    """Say which runs a success rate stands on: "17 of 20; 2 failed, 1 missed"."""
    over = [run for run in runs if run.state not in ("running", "requested")]
    states = Counter(run.state for run in over)
    good = states.pop("succeeded", 0)
    return f"{good} of {len(over)}" + (f"; {summary(states)}" if states else "")


def sampled(runs: Iterable[Any]) -> bool:
    """Say whether runs are only a sample, so that their count is the least there can have been."""
    return any(run.reason == "sampled" for run in runs)


def summary(states: Counter[str]) -> str:
    """Count runs in words: "23 succeeded, 1 failed"."""
    return ", ".join(f"{states[state]:,} {state}" for state in STATES if states[state])
