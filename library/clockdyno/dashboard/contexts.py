"""What each page is made of: the names that its template knows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from clockdyno import procfile
from clockdyno.dashboard import attention, formats
from clockdyno.dashboard.pictures import recent_runs, timeline
from clockdyno.ledger import tables


def overview(
    status: Any, jobs: Sequence[Any], runs: Sequence[Any], now: datetime, base: str
) -> dict[str, Any]:
    """Return what overview.html shows; `runs` are those of the last day, or bands of them."""
    zone = formats.common_zone(jobs)
    to_look_at = attention.of(jobs, now, status.state in ("up", "two"))
    return {
        **_common(now, zone),
        "status": status,
        "jobs": jobs,
        "lanes": timeline.lanes(jobs, runs, now, base, zone),
        "axis": timeline.axis(now, zone),
        "tally": formats.tally(runs),
        "sampled": formats.sampled(runs),
        "strip": lambda job: recent_runs.strip(job, now, base, zone),
        "troubles": to_look_at,
        "all_well": not to_look_at and any(map(attention.ended, jobs)),
    }


def job(
    status: Any, job: Any, runs: Sequence[Any], now: datetime, base: str, **paging: Any
) -> dict[str, Any]:
    """Return what job.html shows; `paging` is state, before (this page) and older (the next)."""
    begun = [run.took for run in runs if run.took is not None]
    return {
        **_common(now, job.zone),
        "status": status,
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


def schedules(status: Any, now: datetime, page: dict[str, Any]) -> dict[str, Any]:
    """Return what schedules.html shows."""
    return {**_common(now, "UTC"), "status": status, **page}


def run(run: Any, zone: str | None, now: datetime) -> dict[str, Any]:
    """Return what run.html shows."""
    return {**_common(now, zone), "run": run}


def _common(now: datetime, zone: str | None) -> dict[str, Any]:
    return {"formats": formats, "program": procfile.clock(), "now": now, "zone": zone}
