"""Where jobs run: with a PostgreSQL on worker dynos, else on the clock's own."""

import pytest

from clockdyno import where


@pytest.mark.parametrize(
    ("url", "name"),
    [("sqlite:///clock.sqlite3", "RunExecutor"), ("postgres://db.example/x", "QueueExecutor")],
)
def test_the_database_decides_where_jobs_run(url, name, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", url)

    assert type(where.executor()).__name__ == name


def test_with_no_worker_up_it_says_so():
    assert where.problem({"workers": {"up": 1, "waiting": 5}}) == ""
    assert "Start one" in where.problem({"workers": {"up": 0, "waiting": 5}})


def test_a_job_may_name_its_queue_or_stay_on_the_clock():
    from clockdyno import Clock

    sched = Clock(timezone="UTC")
    named = sched.add_job(print, "interval", hours=1, id="named", queue="reports")
    tiny = sched.add_job(print, "interval", hours=1, id="tiny", executor="clock")

    assert sched.options_of(named).queue == "reports"
    assert tiny.executor == "clock"
