"""What stands in an address: data from outside, read and refused in words."""

import re
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import urlsplit

from flask import abort, request, url_for


def number(run_id: str) -> int:
    """Return the number of a run."""
    return min(int(run_id), 2**63 - 1) if re.fullmatch(r"[0-9]{1,19}", run_id) else abort(404)


def text(job_id: str) -> str:
    """Return a text that a database takes: PostgreSQL refuses one with NUL in it."""
    return abort(404) if "\0" in job_id else job_id


def place(before: str) -> tuple[datetime, int]:
    """Return the time and the number of the run that a page of runs begins before."""
    at, _, run = before.partition("_")
    if re.fullmatch(r"-?[0-9]{1,99}", run):
        with suppress(ValueError):
            moment = datetime.strptime(at, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
            return moment, max(-(2**63), min(int(run), 2**63 - 1))
    abort(400, "`before` is what `older` said on the page before.")


def came_from() -> str:
    """Return the page of the dashboard on which a button was pressed, empty where that is unknown.

    What is not an address at all comes from no page of ours either.
    """
    try:
        came = urlsplit(request.referrer or "")
    except ValueError:
        return ""
    here = came.netloc == request.host and came.path.startswith(url_for(".overview"))
    return came._replace(scheme="", netloc="").geturl() if here else ""
