"""The clock among the other files of a project: app.py, a second module, gunicorn, a full log."""

import json
import shlex
import shutil
import socket
import subprocess
import sys
import urllib.request

import pytest
from support.files import TEMPLATE
from support.site import GUARD, Site, Webhook

DAILY = '"interval", days=365, next_run_time=datetime.now()'


def test_a_second_module_finds_the_same_clock_and_adds_jobs_to_it(on_sqlite: Site) -> None:
    site = on_sqlite
    site.write("import more")
    (site.folder / "more.py").write_text(
        """
from datetime import datetime
from jobs import note, sched

@sched.scheduled_job("interval", days=365, next_run_time=datetime.now())
def more():
    import __main__
    import jobs
    note(jobs is __main__, sched is jobs.sched, [job.id for job in sched.get_jobs()])
"""
    )
    site.start()
    site.until(site.effects)

    assert site.effects() == ["True True ['more']"]
    assert [row["job"] for row in json.loads(site.command("next", "--json").stdout)] == ["more"]


@pytest.mark.parametrize("timeout", [None, 30])
def test_a_job_uses_the_flask_app_in_its_context(on_sqlite: Site, timeout: int | None) -> None:
    site = on_sqlite
    shutil.copy(TEMPLATE / "app.py", site.folder)
    site.write(
        f"""
from flask import current_app, render_template_string

@sched.scheduled_job({DAILY}, timeout={timeout})
def report():
    from app import create_app

    with create_app().app_context():
        note(render_template_string("from {{{{ app }}}}", app=current_app.name))
"""
    )
    site.start()
    site.until(site.effects)

    assert site.effects() == ["from app"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "settings",
    [
        "-w 1 --threads 8 --max-requests 2",
        "",
        "-w 4 -k sync --preload",
    ],
)
def test_gunicorn_never_loads_apscheduler_or_starts_a_clock(on_sqlite: Site, settings: str) -> None:
    for name in ("app.py", "jobs.py", "gunicorn.conf.py"):
        shutil.copy(TEMPLATE / name, on_sqlite.folder)
    (on_sqlite.folder / "probe.py").write_text(
        """
import os, sys, threading
from app import app

@app.get("/probe")
def probe():
    heavy = {"apscheduler", "clockdyno.clock.process.scheduler", "jobs"} & set(sys.modules)
    threads = {thread.name for thread in threading.enumerate()} & {"APScheduler", "heartbeat"}
    return {"found": sorted(heavy | threads)}
"""
    )
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "probe:app", "-b", f"127.0.0.1:{port}"]
    web = subprocess.Popen([*command, *shlex.split(settings)], cwd=on_sqlite.folder)
    on_sqlite.processes.append(web)
    probe = f"http://127.0.0.1:{port}/probe"
    answers = on_sqlite.until(lambda: _ask(f"http://127.0.0.1:{port}/")) and [
        json.loads(on_sqlite.until(lambda: _ask(probe))) for _ in range(4)
    ]
    web.terminate()

    assert web.wait(GUARD) == 0
    assert answers == [{"found": []}] * 4


def _ask(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=GUARD) as answer:
            return str(answer.read().decode())
    except OSError:
        return ""


def fields(line: str) -> dict[str, str]:
    """Read a logfmt line."""
    return dict(part.split("=", 1) for part in shlex.split(line))


def test_each_change_of_state_is_one_line_that_a_machine_can_read(
    on_sqlite: Site, webhook: Webhook
) -> None:
    site = on_sqlite
    site.write(
        f"""
@sched.scheduled_job({DAILY})
def good():
    pass

@sched.scheduled_job({DAILY}, id="with \\"quotes\\" and = signs")
def bad():
    raise ValueError("of no use")

@sched.scheduled_job("interval", days=1)
def later():
    pass
"""
    )
    clock = site.start(DYNO="clock.1", HEROKU_RELEASE_VERSION="v7", ALERT_WEBHOOK_URL=webhook.url)
    site.until(lambda: len(site.rows("finished_at IS NOT NULL")) == 2)
    assert site.stop(clock) == 0
    lines = [fields(line) for line in site.log().splitlines() if line.startswith("at=")]

    assert {(line["dyno"], line["release"]) for line in lines} == {("clock.1", "v7")}
    start, *jobs = lines[:4]
    assert (start["at"], start["jobs"]) == ("start", "3")
    assert [line["at"] for line in jobs] == ["job"] * 3 and all(line["next"] for line in jobs)
    runs = [line for line in lines if line["at"] == "run"]
    assert sorted((line["job"], line["state"]) for line in runs) == [
        ("good", "running"),
        ("good", "succeeded"),
        ('with "quotes" and = signs', "failed"),
        ('with "quotes" and = signs', "running"),
    ]
    for line in runs:
        assert {"scheduled_at", "attempt", "late"} <= set(line)
        assert ("took" in line) == (line["state"] != "running")
    assert (lines[-1]["at"], lines[-1]["lost"]) == ("stop", "0")
    (post,) = webhook.posts
    assert "failed: ValueError: of no use" in post
