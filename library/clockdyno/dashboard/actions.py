"""What the dashboard's buttons do: each writes an order for the clock, with who gave it."""

from typing import Any

from flask import Blueprint, abort, redirect, request, url_for
from werkzeug.wrappers import Response

from clockdyno import masks, texts
from clockdyno.dashboard import access
from clockdyno.dashboard.addresses import came_from, number, text
from clockdyno.ledger import orders, reports

OF_JOB = {"run": orders.run_now, "pause": orders.pause, "resume": orders.resume}
OF_SCHEDULE = {**OF_JOB, "delete": orders.delete}
OF_ALL = {"pause-all": orders.pause_all, "resume-all": orders.resume_all}
OF_RUN = {"again": orders.again, "stop": orders.stop, "see": orders.see}


def add_to(dashboard: Blueprint) -> None:
    """Give the dashboard these addresses."""
    dashboard.post("/jobs/<text:job_id>/<any(run, pause, resume, delete):action>")(act)
    dashboard.post("/jobs/")(act_on_several)
    dashboard.post("/runs/<run_id>/<any(again, stop, see):deed>")(act_on_run)


def act(job_id: str, action: str) -> Response:
    """Run a job now, pause, resume or delete it; then go back to where the button was."""
    if not OF_SCHEDULE[action](reports.engine(), text(job_id), _who()):
        abort(404)
    if action == "delete":
        return redirect(url_for(".schedules"), 303)
    return redirect(came_from() or url_for(".job", job_id=job_id), 303)


def act_on_several() -> Response:
    """Do so with the jobs that were chosen, or with all."""
    action, engine = request.form.get("action", ""), reports.engine()
    if action in OF_ALL:
        OF_ALL[action](engine, _who())
    elif action in OF_JOB:
        chosen = request.form.getlist("job") or abort(400, "Choose the jobs first.")
        for job_id in chosen:
            OF_JOB[action](engine, text(job_id), _who())
    else:
        abort(400, f"An action is one of {', '.join([*OF_JOB, *OF_ALL])}.")
    return redirect(came_from() or url_for(".overview"), 303)


def act_on_run(run_id: str, deed: str) -> Any:
    """Run a run once more, end it, or note that somebody knows of it."""
    if why_not := OF_RUN[deed](reports.engine(), number(run_id), _who()):
        return access.refuse(409, "That cannot be done", f"{why_not[0].upper()}{why_not[1:]}.")
    return redirect(came_from() or url_for(".run", run_id=run_id), 303)


def _who() -> str | None:
    """Return the name that somebody has logged in with; some type their password there."""
    given = request.authorization
    name = (given and given.type == "basic" and given.username) or ""
    return texts.line(masks.masked(name)[:60]) or None
