"""The dashboard at /clock. To do without it, take its two lines out of app.py."""

import re
from datetime import UTC, datetime
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    jsonify,
    make_response,
    render_template,
    request,
    url_for,
)
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException
from werkzeug.routing import PathConverter
from werkzeug.wrappers import Response as AnyResponse

from clockdyno import texts
from clockdyno.dashboard import (
    access,
    actions,
    api,
    attention,
    choosing,
    contexts,
    finding,
    formats,
    times,
)
from clockdyno.dashboard.addresses import number, text
from clockdyno.dashboard.pictures.span import SPANS, usual
from clockdyno.ledger import (
    activity,
    attempts,
    durations,
    outputs,
    reports,
    run_reports,
    schedule_reports,
)
from clockdyno.ledger.finding import errors

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


actions.add_to(dashboard)  # Their addresses have texts, too.
finding.add_to(dashboard)
times.add_to(dashboard)


@dashboard.get("/")
def overview() -> str:
    """Show the clock and all jobs."""
    now, asked = datetime.now(UTC), request.args
    with reports.engine().connect() as db:
        status = reports.status(db)
        jobs = times.as_read(reports.jobs(db, choosing.MOST))
        choice = choosing.choose(jobs, asked.get("q", "")[:100], asked.get("sort", ""), now)
        if len(jobs) > choosing.MOST:
            choice = choice._replace(jobs=reports.in_full(db, choice.jobs))
        span = asked.get("span", usual(jobs, now))
        back = (
            SPANS[span].back if span in SPANS else abort(400, f"span is one of {', '.join(SPANS)}.")
        )
        runs = activity.between(db, now - back, now, len(jobs))
        seen, counts = run_reports.seen(db, attention.to_ask(jobs)), schedule_reports.count(db)
    base = url_for(".overview")
    facts = contexts.overview(status, jobs, runs, seen, choice, span, now, base)
    return render_template(
        "clockdyno/overview.html", **facts, counts=counts, asked_span=asked.get("span")
    )


@dashboard.get("/jobs/<text:job_id>")
def job(job_id: str) -> str:
    """Show a job and its runs, a page at a time."""
    now, base = datetime.now(UTC), url_for(".overview")
    with reports.engine().connect() as db:
        of_jobs = reports.job(db, text(job_id))
        known = of_jobs or schedule_reports.job(db, job_id) or abort(404)
        (found,) = times.as_read([known])
        looked_for = finding.wanted(now, found.zone, job_id)
        status, (runs, paging) = reports.status(db), finding.page(db, looked_for, finding.PAGE)
        zone = formats.zone(found.zone)
        days = durations.of_job(db, job_id, zone, now.astimezone(zone).date())
    facts = contexts.job(status, found, runs, now, base, state=looked_for.state, **paging)
    facts |= contexts.month(found, days, now)
    return render_template("clockdyno/job.html", **facts, is_schedule=of_jobs is None)


@dashboard.get("/schedules")
def schedules() -> str:
    """Show the schedules that were put at run time, a page at a time, by key and by task."""
    named = ("task", "q", "after")
    task, search, after = (text(request.args.get(name, "")) for name in named)
    with reports.engine().connect() as db:
        status, page = reports.status(db), schedule_reports.page(db, task, search, after)
    facts = {"task": task, "search": search, "after": after, **page._asdict()}
    now = datetime.now(UTC)
    return render_template("clockdyno/schedules.html", **contexts.schedules(status, now, facts))


@dashboard.get("/runs/<run_id>")
def run(run_id: str) -> str:
    """Show a run."""
    one = number(run_id)
    with reports.engine().connect() as db:
        found = run_reports.run(db, one) or abort(404)
        known = reports.job(db, found.job_id) or schedule_reports.job(db, found.job_id)
        facts = {
            "job": next(iter(times.as_read([known] if known else [])), None),
            "said": outputs.of_run(db, one),
            "attempts": attempts.of_run(db, one),
            "asked": attempts.asked(db, one),
        }
    facts = contexts.run(found, facts, datetime.now(UTC))
    return render_template("clockdyno/run.html", **facts)


@dashboard.get("/health")
def health() -> tuple[Response, int]:
    """Say whether all is well; which jobs there are is for whoever knows the password."""
    from clockdyno.dashboard import health

    facts, code = health.report()
    return jsonify(facts if access.knows_password() else health.for_all(facts)), code


@dashboard.get("/metrics")
def metrics() -> Response:
    """Say it to Prometheus, in the form that it asks for."""
    from clockdyno.dashboard import metrics

    with reports.engine().connect() as db:
        status, jobs = reports.status(db), reports.jobs(db)
        counts = {"schedules": schedule_reports.count(db), "outputs": outputs.count(db)}
    now, accept = datetime.now(UTC), request.headers.get("Accept", "")
    text, content_type = metrics.scrape(status, jobs, counts, now, accept)
    return Response(text, content_type=content_type, headers={"Vary": "Accept"})


@dashboard.get("/api/jobs")
def api_jobs() -> Response:
    """Return the clock and its jobs."""
    with reports.engine().connect() as db:
        status, jobs = reports.status(db), reports.jobs(db)
    return jsonify(status=api.status(status), jobs=[api.job(job) for job in jobs])


@dashboard.get("/api/runs")
def api_runs() -> Response:
    """Return runs, newest first; `older` is the `before` of the next page."""
    limit = request.args.get("limit", str(finding.PAGE))
    if not (re.fullmatch(r"[0-9]{1,3}", limit) and 1 <= int(limit) <= 200):
        abort(400, "limit is a number from 1 to 200.")
    looked_for = finding.wanted(datetime.now(UTC), "UTC")
    with reports.engine().connect() as db:
        runs, paging = finding.page(db, looked_for, int(limit))
    return jsonify(runs=[api.run(run) for run in runs], older=paging["older"])


@dashboard.get("/api/errors")
def api_errors() -> Response:
    """Return how runs failed: each last line of an error once, the newest first."""
    with reports.engine().connect() as db:
        groups, is_cut = errors(db, finding.wanted(datetime.now(UTC), "UTC"))
    return jsonify(errors=[api.plain(group) for group in groups], is_cut=is_cut)


@dashboard.get("/api/runs/<run_id>")
def api_run(run_id: str) -> Response:
    """Return a run with the whole of its error, and what its attempts said last."""
    one = number(run_id)
    with reports.engine().connect() as db:
        found, said = run_reports.run(db, one) or abort(404), outputs.of_run(db, one)
        earlier, asked = attempts.of_run(db, one), attempts.asked(db, one)
    return jsonify(
        run=api.run(found),
        outputs=[api.output(each) for each in said],
        attempts=[api.plain(each) for each in earlier],
        orders=[api.plain(each) for each in asked],
    )


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
