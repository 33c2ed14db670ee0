"""In which zone the pages write times: each job's own, UTC or the reader's, as a cookie says."""

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, redirect, request, url_for
from werkzeug.wrappers import Response

from clockdyno.dashboard import access
from clockdyno.dashboard.addresses import came_from

COOKIE, A_YEAR = "clock-times", 365 * 86_400
JOBS = "job"


def add_to(dashboard: Blueprint) -> None:
    """Give the dashboard the address of its switch."""
    dashboard.post("/times")(choose)


def choose() -> Response:
    """Remember a zone, or that each job's own is wanted; then go back to where the button was."""
    chosen = request.form.get("times", "")
    if chosen != JOBS and not _is_zone(chosen):
        abort(400, "Times are those of the job, or of a zone as Europe/Paris.")
    reply = redirect(came_from() or url_for(".overview"), 303)
    about: Any = {"path": url_for(".overview"), "samesite": "Lax", "httponly": True}
    reply.set_cookie(COOKIE, chosen, A_YEAR, secure=access.is_secure(), **about)
    return reply


def chosen() -> str | None:
    """Return the zone that the reader has chosen, if it is not that of each job."""
    name = request.cookies.get(COOKIE, JOBS)
    return name if name != JOBS and _is_zone(name) else None


def as_read(jobs: Iterable[Any]) -> list[Any]:
    """Return jobs, or names of them, in the zone that the reader has chosen."""
    there = chosen()
    return [_moved(job, there) for job in jobs] if there else list(jobs)


def _moved(job: Any, there: str) -> Any:
    return job if job.zone == there else job._replace(zone=there)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return False
    return True
