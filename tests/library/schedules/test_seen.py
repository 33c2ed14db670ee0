"""Schedules as people see and steer them: the pages, health, the command line."""

import json
from datetime import timedelta
from typing import Any

import pytest
from clockdyno import __main__ as commands
from clockdyno import schedules
from clockdyno.dashboard import dashboard, health
from clockdyno.ledger import reports, schedule_reports
from clockdyno.ledger import schedules as rows
from flask import Flask
from support.run_time import TASK, RunTime, run_time
from support.site import Site

__all__ = ["run_time"]

HERE = {"Origin": "http://localhost"}


@pytest.fixture
def page(run_time: RunTime, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a client of the dashboard, and let there be some schedules."""
    monkeypatch.delenv("DYNO", raising=False)
    run_time.start("work", "other")
    for number in range(60):
        schedules.put(f"user-{number:02}", "work", "every minute", kwargs={"who": str(number)})
    schedules.put("<b>me</b>", "other", "weekdays at 9", kwargs={"who": "me"})
    app = Flask(__name__)
    app.register_blueprint(dashboard)
    client = app.test_client()
    client.get_text = lambda path: client.get(path).get_data(as_text=True)
    return client


def test_schedules_are_listed_found_and_filtered_a_page_at_a_time(page: Any) -> None:
    first = page.get_text("/clock/schedules")
    second = page.get_text("/clock/schedules?after=user-48")

    assert "61" in first and "user-48" in first and "user-50" not in first
    assert "&lt;b&gt;me&lt;/b&gt;" in first and "<b>me" not in first
    assert "user-59" in second
    assert "user-05" not in page.get_text("/clock/schedules?q=USER-3")
    assert "user-" not in page.get_text("/clock/schedules?task=other")
    assert "61 schedules" in page.get_text("/clock/")


def test_a_schedules_page_is_a_jobs_page(page: Any, run_time: RunTime) -> None:
    job_id = schedules.get("user-07").job_id
    run_time.wait(60)
    shown = page.get_text(f"/clock/jobs/{job_id}")

    assert "Every minute" in shown and "succeeded" in shown and "Delete for good" in shown
    (run,) = [row for row in run_time.rows() if row.job_id == job_id]
    address = f'href="/clock/jobs/{job_id}"'
    assert address in page.get_text(f"/clock/runs/{run.id}")
    schedules.delete("user-07")
    shown = page.get_text(f"/clock/runs/{run.id}")
    assert job_id in shown and address not in shown  # There is no such page any more.


def test_its_buttons_pause_resume_run_and_delete_it(page: Any, run_time: RunTime) -> None:
    job_id = schedules.get("user-07").job_id

    def press(action: str, **headers: str) -> int:
        reply = page.post(f"/clock/jobs/{job_id}/{action}", headers=headers or HERE)
        return int(reply.status_code)

    assert press("delete", Origin="http://evil.example") == 403
    assert press("pause") == 303 and schedules.get("user-07").paused
    assert press("run") == 303
    run_time.look()
    assert [row.kind for row in run_time.rows() if row.job_id == job_id] == ["manual"]
    assert press("resume") == 303 and not schedules.get("user-07").paused
    assert press("delete") == 303 and schedules.get("user-07") is None
    assert press("delete") == 404


def test_health_counts_them_and_says_when_no_clock_sees_to_them(
    page: Any, run_time: RunTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask() -> Any:
        with reports.engine().connect() as db:
            return rows.count(db)

    assert ask() == {"schedules": 61, "paused": 0, "waiting": 0, "overdue": 61}
    monkeypatch.setattr(rows, "UNSEEN", timedelta(days=9999))
    assert ask()["overdue"] == 0
    well = {"state": "up", "reason": None, "counts": {"overdue": 0}}
    facts, code = health.with_schedules(well, 200, {**ask(), "overdue": 2})
    assert (facts["state"], facts["reason"], code) == ("overdue", "Overdue: 2 schedules.", 503)


def test_the_command_line_lists_shows_pauses_resumes_and_deletes(
    page: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    def say(*words: str) -> tuple[int, str]:
        code = commands.main(["schedules", *words])
        return code, "".join(capsys.readouterr())

    code, listed = say("-n", "2", "--task", "work")
    assert code == 0 and "user-01  work" in listed and "--after 'user-01'" in listed
    assert json.loads(say("--json", "--search", "me")[1])["schedules"] == 1
    assert "work(who='7')" in say("show", "user-07")[1]
    assert say("pause", "user-07") == (0, "user-07 is paused.\n")
    assert "paused" in say("show", "user-07")[1]
    assert say("resume", "user-07")[0] == say("delete", "user-07")[0] == 0
    assert say("delete", "user-07")[0] == say("show")[0] == 2


def test_a_page_says_of_a_schedule_whose_task_is_gone_that_it_waits(
    page: Any, run_time: RunTime
) -> None:
    job_id = schedules.get("user-07").job_id
    run_time.stop(run_time.start("other"))

    with reports.engine().connect() as db:
        found = schedule_reports.job(db, job_id)
        counts = rows.count(db)
    assert found and found.doc.startswith("It waits")
    assert counts["waiting"] == 60
    assert "60 of them wait" in page.get_text("/clock/schedules")


def test_next_counts_them_and_setup_lets_the_web_process_name_a_task_before_any_clock(
    on_sqlite: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_sqlite.write(TASK)
    monkeypatch.setenv("DATABASE_URL", on_sqlite.url)
    monkeypatch.setattr(reports, "_engines", {})
    with pytest.raises(schedules.Refused, match="there is no task"):
        schedules.put("k", "work", "hourly", kwargs={"key": "k"})

    assert on_sqlite.command("setup").returncode == 0
    schedules.put("k", "work", "hourly", kwargs={"key": "k"})
    shown = on_sqlite.command("next").stdout

    assert "And 1 schedules in the database" in shown
    on_sqlite.write("")
    assert "1 schedules wait for the task work" in on_sqlite.command("check").stdout
    reports.engine().dispose()
