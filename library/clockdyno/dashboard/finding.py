"""The pages that find: runs of all jobs by what is asked for in the address, and their errors."""

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for

from clockdyno.dashboard import contexts, formats, times
from clockdyno.dashboard.addresses import place, text
from clockdyno.ledger import finding, reports, run_reports

PAGE = 50
SPANS = {"1h": "the last hour", "24h": "the last 24 hours", "7d": "the last 7 days"}
LENGTHS = {"1h": timedelta(hours=1), "24h": timedelta(days=1), "7d": timedelta(days=7)}
ASKED = ("job", "state", "within", "since", "until", "text")


def add_to(dashboard: Blueprint) -> None:
    """Give the dashboard these addresses."""
    dashboard.get("/runs/")(all_runs)
    dashboard.get("/errors/")(all_errors)


def all_runs() -> str:
    """Show the runs of all jobs, or those that are looked for, a page at a time."""
    with reports.engine().connect() as db:
        jobs = times.as_read(reports.names(db))
        zone, now = formats.common_zone(jobs), datetime.now(UTC)
        runs, paging = page(db, wanted(now, zone), PAGE)
    return _render("runs", jobs, zone, now, runs=runs, **paging)


def all_errors() -> str:
    """Show how runs failed: each last line of an error once."""
    with reports.engine().connect() as db:
        jobs = times.as_read(reports.names(db))
        zone, now = formats.common_zone(jobs), datetime.now(UTC)
        groups, is_cut = finding.errors(db, wanted(now, zone))
    return _render("errors", jobs, zone, now, groups=groups, is_cut=is_cut)


def page(
    db: Any, looked_for: finding.Wanted, size: int
) -> tuple[list[run_reports.Run], dict[str, Any]]:
    """Return a page of runs, and where the next one begins."""
    before = request.args.get("before")
    runs, last = finding.find(db, looked_for, place(before) if before else None, size)
    older = last and f"{last[0]:%Y-%m-%dT%H:%M:%S.%fZ}_{last[1]}"
    is_cut = last is not None and len(runs) < size
    return runs, {"before": before, "older": older, "is_cut": is_cut}


def wanted(now: datetime, zone: str, job_id: str | None = None) -> finding.Wanted:
    """Return what the address asks for; times without an offset are in the zone."""
    asked = request.args
    state, within = asked.get("state") or None, asked.get("within") or None
    if state and state not in formats.STATES:
        abort(400, f"A state is one of {', '.join(formats.STATES)}.")
    if within and within not in LENGTHS:
        abort(400, f"within is one of {', '.join(LENGTHS)}.")
    since = now - LENGTHS[within] if within else _moment("since", zone)
    job = text(job_id or asked.get("job") or "") or None
    said = text(asked.get("text") or "").strip()[:300] or None
    return finding.Wanted(job, state, since, _moment("until", zone), said)


def _moment(name: str, zone: str) -> datetime | None:
    given = request.args.get(name) or ""
    try:
        at = datetime.fromisoformat(given) if given else None
        local = at.replace(tzinfo=formats.zone(zone)) if at and at.tzinfo is None else at
        return local and local.astimezone(UTC)
    except (ValueError, OverflowError):
        abort(400, f"{name} is a time, written as 2027-03-08T14:00.")


def _render(name: str, jobs: Any, zone: str, now: datetime, **facts: Any) -> str:
    kept = {key: value for key in ASKED if (value := request.args.get(key))}
    zones = {job.job_id: job.zone for job in jobs}

    def link(endpoint: str, **changed: Any) -> str:
        return url_for(endpoint, **{**kept, **changed})

    facts |= {"kept": kept, "jobs": jobs, "zones": zones, "link": link, "spans": SPANS}
    return render_template(f"clockdyno/{name}.html", **contexts.common(now, zone), **facts)
