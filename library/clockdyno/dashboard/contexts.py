"""What each page is made of: the names that its template knows."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from clockdyno import procfile
from clockdyno.dashboard import attention, choosing, formats, times
from clockdyno.dashboard.choosing import Choice
from clockdyno.dashboard.pictures import days, recent_runs, timeline
from clockdyno.dashboard.pictures.axis import axis
from clockdyno.dashboard.pictures.span import SPANS
from clockdyno.ledger import durations, tables

RUNS_NOW = ("up", "two")  # The clock fires what is due, and somebody does it.


def overview(
    status: Any,
    jobs: Sequence[Any],
    runs: Sequence[Any],
    seen: Collection[tuple[int, int]],
    choice: Choice,
    span: str,
    now: datetime,
    base: str,
) -> dict[str, Any]:
    """Return what overview.html shows; `runs` are those of the span, or bands of them."""
    zone = formats.common_zone(jobs)
    is_compact = len(jobs) >= choosing.COMPACT
    view = timeline.View(SPANS[span], now, base, zone, is_compact)
    to_look_at = attention.of(jobs, seen, now, status.state in RUNS_NOW)
    return {
        **common(now, zone),
        "status": status,
        "runs_now": status.state in RUNS_NOW,
        "jobs": jobs,
        "choice": choice,
        "is_compact": is_compact,
        "sorts": choosing.SORTS,
        "lanes": timeline.lanes(choice.jobs, runs, view),
        "axis": axis(now, zone, SPANS[span]),
        "span": span,
        "spans": SPANS,
        "tally": formats.tally(runs),
        "sampled": formats.sampled(runs),
        "strip": lambda job: recent_runs.strip(job, now, base, zone),
        "troubles": to_look_at,
        "all_well": not (to_look_at or attention.to_ask(jobs)) and any(map(attention.ended, jobs)),
        "steered": (steered := [job for job in jobs if not job.gone_at]),
        "all_paused": attention.last_paused(steered),
    }


def job(
    status: Any, job: Any, runs: Sequence[Any], now: datetime, base: str, **paging: Any
) -> dict[str, Any]:
    """Return what job.html shows; `paging` is state, before (this page) and older (the next)."""
    begun = [run.took for run in runs if run.took is not None]
    return {
        **common(now, job.zone),
        "status": status,
        "runs_now": status.state in RUNS_NOW,
        "job": job,
        "runs": runs,
        "state": None,
        "before": None,
        "older": None,
        **paging,
        "plot": recent_runs.durations(job, runs, now, base) if begun else "",
        "goes_on": len(job.fires) >= tables.MOST_TOLD,
        "slowest": max(begun, default=None),
    }


def month(job: Any, found: Sequence[durations.Day], now: datetime) -> dict[str, Any]:
    """Return what job.html shows of the last days, in which `found` are those with runs."""
    today = now.astimezone(formats.zone(job.zone)).date()
    return {
        "days": found,
        "month": days.month(job.job_id, found, today) if found else "",
        "slowest_day": max((day.longest for day in found), default=None),
    }


def schedules(status: Any, now: datetime, page: dict[str, Any]) -> dict[str, Any]:
    """Return what schedules.html shows."""
    return {**common(now, "UTC"), "status": status, "runs_now": status.state in RUNS_NOW, **page}


def run(run: Any, facts: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Return what run.html shows; facts: job, and newest first said, attempts, asked."""
    job, asked = facts["job"], facts["asked"]
    is_here = job and not job.gone_at
    is_over = run.state not in ("running", "requested") and not run.due_at
    return {
        **common(now, job.zone if job else "UTC"),
        **facts,
        "run": run,
        "seen": next((one for one in asked if attention.is_seen(one, run)), None),
        "can_begin_again": is_here and is_over and run.count == 1,
        "is_bad": run.state in attention.BAD and is_over,
        "can_stop": run.state == "running" and (job is None or job.can_stop),
        "stopping": next((one for one in asked if attention.is_stop(one, run)), None),
    }


def common(now: datetime, zone: str | None) -> dict[str, Any]:
    """Return what every page shows."""
    about = {"formats": formats, "program": procfile.clock(), "app": formats.app_name()}
    there = times.chosen()
    return {**about, "now": now, "zone": there or zone, "there": there}
