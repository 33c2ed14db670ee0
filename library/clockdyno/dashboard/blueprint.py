"""The dashboard at /clock. To do without it, take its two lines out of app.py."""

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException
from werkzeug.routing import PathConverter
from werkzeug.wrappers import Response as AnyResponse

from clockdyno import texts
from clockdyno.dashboard import access, api, contexts, formats
from clockdyno.ledger import activity, orders, reports, schedule_reports

PAGE = 50
ACTIONS = {"run": orders.run_now, "pause": orders.pause, "resume": orders.resume}
ACTIONS |= {"delete": orders.delete}

dashboard = Blueprint(
    "clock", __name__, url_prefix="/clock", template_folder="templates", static_folder="static"
)
dashboard.before_request(access.check)
# Of the app: where no route takes a method, Flask knows of no blueprint.
dashboard.after_app_request(access.protect)


class Text(PathConverter):
    """Any text in an address: the id of a job may have slashes and lines."""

    regex, part_isolating = "(?s:.+?)", False


@dashboard.record
def registered(state: Any) -> None:
    """Remember below which address the dashboard is."""
    state.app.extensions["clock"] = state.url_prefix
    state.app.url_map.converters["text"] = Text


@dashboard.get("/")
def overview() -> str:
    """Show the clock and all jobs."""
    now = datetime.now(UTC)
    with reports.engine().connect() as db:
        status, jobs = reports.status(db), reports.jobs(db)
        runs = activity.between(db, now - timedelta(days=1), now, len(jobs))
        counts = schedule_reports.count(db)
    facts = contexts.overview(status, jobs, runs, now, url_for(".overview"))
    return render_template("clockdyno/overview.html", **facts, counts=counts)


@dashboard.get("/jobs/<text:job_id>")
def job(job_id: str) -> str:
    """Show a job and its runs, a page at a time."""
    now, base = datetime.now(UTC), url_for(".overview")
    with reports.engine().connect() as db:
        of_jobs = reports.job(db, _text(job_id))
        found = of_jobs or schedule_reports.job(db, job_id) or abort(404)
        status, (runs, paging) = reports.status(db), _page(db, job_id, PAGE)
    facts = contexts.job(status, found, runs, now, base, **paging)
    return render_template("clockdyno/job.html", **facts, is_schedule=of_jobs is None)


@dashboard.get("/schedules")
def schedules() -> str:
    """Show the schedules that were put at run time, a page at a time, by key and by task."""
    named = ("task", "q", "after")
    task, search, after = (_text(request.args.get(name, "")) for name in named)
    with reports.engine().connect() as db:
        status, page = reports.status(db), schedule_reports.page(db, task, search, after)
    facts = {"task": task, "search": search, "after": after, **page._asdict()}
    now = datetime.now(UTC)
    return render_template("clockdyno/schedules.html", **contexts.schedules(status, now, facts))


@dashboard.get("/runs/<run_id>")
def run(run_id: str) -> str:
    """Show a run."""
    number = int(run_id) if re.fullmatch(r"[0-9]{1,19}", run_id) else abort(404)
    with reports.engine().connect() as db:
        found = reports.run(db, number) or abort(404)
        its_job = reports.job(db, found.job_id) or schedule_reports.job(db, found.job_id)
    facts = contexts.run(found, its_job.zone if its_job else "UTC", datetime.now(UTC))
    return render_template("clockdyno/run.html", **facts, is_there=its_job is not None)


@dashboard.post("/jobs/<text:job_id>/<any(run, pause, resume, delete):action>")
def act(job_id: str, action: str) -> AnyResponse:
    """Run a job now, pause, resume or delete it; then go back to where the button was."""
    if not ACTIONS[action](reports.engine(), _text(job_id)):
        abort(404)
    if action == "delete":
        return redirect(url_for(".schedules"), 303)
    return redirect(_came_from() or url_for(".job", job_id=job_id), 303)


@dashboard.get("/health")
def health() -> tuple[Response, int]:
    """Say whether all is well; which jobs there are is for whoever knows the password."""
    from clockdyno.dashboard import health

    facts, code = health.report()
    return jsonify(facts if access.knows_password() else health.for_all(facts)), code


@dashboard.get("/metrics")
def metrics() -> Response:
    """Say it to Prometheus."""
    from clockdyno.dashboard import metrics

    with reports.engine().connect() as db:
        status, jobs = reports.status(db), reports.jobs(db)
    text = metrics.text(status, jobs, datetime.now(UTC))
    return Response(text, content_type=metrics.CONTENT_TYPE)


@dashboard.get("/api/jobs")
def api_jobs() -> Response:
    """Return the clock and its jobs."""
    with reports.engine().connect() as db:
        status, jobs = reports.status(db), reports.jobs(db)
    return jsonify(status=api.status(status), jobs=[api.job(job) for job in jobs])


@dashboard.get("/api/runs")
def api_runs() -> Response:
    """Return runs, newest first; `older` is the `before` of the next page."""
    limit = request.args.get("limit", str(PAGE))
    if not (re.fullmatch(r"[0-9]{1,3}", limit) and 1 <= int(limit) <= 200):
        abort(400, "limit is a number from 1 to 200.")
    job_id = request.args.get("job")
    with reports.engine().connect() as db:
        runs, paging = _page(db, job_id and _text(job_id), int(limit))
    return jsonify(runs=[api.run(run) for run in runs], older=paging["older"])


@dashboard.route("/<text:rest>")
def nothing(rest: str) -> str:
    """Keep to the same rules and looks where there is no page."""
    return abort(404)


@dashboard.errorhandler(HTTPException)
def refused(error: HTTPException) -> AnyResponse:
    """Say in words what is not there."""
    code, text = error.code or 500, error.description or ""
    if code == 404:
        text = "There is no such page, job or run; old runs are deleted in time."
    return _refuse(code, error.name, text)


@dashboard.errorhandler(SQLAlchemyError)
def away(error: SQLAlchemyError) -> AnyResponse:
    """Say that the database does not answer; its own words are for the log alone."""
    current_app.logger.error("the database is away: %s", texts.brief(error))
    text = "The clock tries again by itself, as often as it takes. Reload this page in a minute."
    return _refuse(503, "The database does not answer", text, "heroku pg:info")


def _refuse(code: int, title: str, text: str, command: str = "") -> AnyResponse:
    """Return the page that says why not, or the same as JSON."""
    if request.path.startswith(current_app.extensions["clock"] + "/api/"):
        return make_response(jsonify(error=text), code)
    return access.refuse(code, title, text, command)


def _page(db: Any, job_id: str | None, size: int) -> tuple[list[reports.Run], dict[str, Any]]:
    """Return the page of runs that the address asks for, and how to ask for the next one."""
    state, before = request.args.get("state"), request.args.get("before")
    if state and state not in formats.STATES:
        abort(400, f"A state is one of {', '.join(formats.STATES)}.")
    runs = reports.runs(db, job_id, state, _place(before) if before else None, size + 1)
    last = runs[size - 1] if len(runs) > size else None
    older = last and f"{last.scheduled_at:%Y-%m-%dT%H:%M:%S.%fZ}_{last.id}"
    return runs[:size], {"state": state, "before": before, "older": older}


def _place(text: str) -> tuple[datetime, int]:
    at, _, number = text.partition("_")
    if re.fullmatch(r"-?[0-9]{1,99}", number):
        with suppress(ValueError):
            moment = datetime.strptime(at, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
            return moment, max(-(2**63), min(int(number), 2**63 - 1))
    abort(400, "`before` is what `older` said on the page before.")


def _came_from() -> str:
    """Return the page of the dashboard on which a button was pressed, empty where that is unknown.

    What is not an address at all comes from no page of ours either.
    """
    try:
        came = urlsplit(request.referrer or "")
    except ValueError:
        return ""
    here = came.netloc == request.host and came.path.startswith(url_for(".overview"))
    return came._replace(scheme="", netloc="").geturl() if here else ""


def _text(job_id: str) -> str:
    # PostgreSQL refuses a text with NUL in it.
    return abort(404) if "\0" in job_id else job_id
