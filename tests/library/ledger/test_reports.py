"""What the dashboard reads: the state of the clock, jobs and their figures, runs page by page."""

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa
from clockdyno.ledger import activity, reports, run_reports, tables
from clockdyno.ledger.run_reports import Run
from support.pages import NOW, Ledger

MARKUP = "<script>alert('x')</script>\"&{{7*7}}"
S, M, H = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


def read(what: Any, *args: Any, **more: Any) -> Any:
    with reports.engine().connect() as db:
        return what(db, *args, **more)


def test_a_jobs_figures_come_from_its_last_runs(ledger: Ledger) -> None:
    ledger.job(fires=["2031-01-05T09:00:00+00:00"], words="daily", grace=60.0)
    ledger.job("idle")
    for n in range(40):
        start = NOW - (n + 1) * M
        state = ("failed", "running", *["succeeded"] * 38)[n]
        end = None if state == "running" else start + (n + 1) * S
        error = "Traceback\n  line\nValueError: no\n" if state == "failed" else None
        ledger.run(start, state=state, started_at=start + S, finished_at=end, error=error)

    job, idle = read(reports.job, "report"), read(reports.job, "idle")

    assert [run.scheduled_at for run in job.last] == [NOW - n * M for n in range(1, 21)]
    assert job.last[0].error == "ValueError: no"
    assert (job.last[2].late, job.last[2].took) == (S, 2 * S)
    assert job.last[1].took is None
    assert job.success_rate == pytest.approx(18 / 19)
    assert (job.usual, job.longest) == (10.5, 19.0)
    assert job.fires == [datetime(2031, 1, 5, 9, tzinfo=UTC)]
    assert (idle.last, idle.success_rate, idle.usual, idle.doc) == ([], None, None, "")
    assert read(reports.job, "nobody") is None


def test_jobs_that_are_gone_come_last_and_one_day_not_at_all(ledger: Ledger) -> None:
    ledger.job("b")
    ledger.job("a", gone_at=NOW - H)
    ledger.job("old", gone_at=NOW - 31 * 24 * H)

    assert [job.job_id for job in read(reports.jobs)] == ["b", "a"]
    assert read(reports.job, "old").gone_at


@pytest.mark.parametrize("job_id", [None, "report"])
@pytest.mark.parametrize("state", [None, "failed"])
def test_every_run_is_on_exactly_one_page(
    ledger: Ledger, job_id: str | None, state: str | None
) -> None:
    for name in ("report", "other"):
        ledger.job(name)
        for n in range(13):
            for kind in ("scheduled", "manual"):  # Two may have the same time.
                ledger.run(NOW - n * M, name, kind=kind, state=("failed", "lost")[n % 2])
    ids = sorted(run.id for run in read(run_reports.runs, limit=100))

    seen: list[Run] = []
    before = None
    while page := read(run_reports.runs, job_id, state, before, limit=5):
        seen += page
        before = (page[-1].scheduled_at, page[-1].id)

    times = [(run.scheduled_at, run.id) for run in seen]
    assert times == sorted(times, reverse=True)
    wanted = read(run_reports.runs, limit=100)
    wanted = [r for r in wanted if job_id in (None, r.job_id) and state in (None, r.state)]
    assert sorted(run.id for run in seen) == sorted(run.id for run in wanted)
    assert len(ids) == 52


def test_a_run_says_which_clock_ran_it_and_the_whole_error(ledger: Ledger) -> None:
    clock = ledger.clock(dyno="clock.1", release="v12")
    text = "Traceback\n" + "  line\n" * 200 + "ValueError: no"
    number = ledger.run(NOW, state="failed", error=text, clock_id=clock)

    run = read(run_reports.run, number)

    assert (run.error, run.dyno, run.release) == (text, "clock.1", "v12")
    for odd in (0, -1, number + 1, 2**63, 10**30):
        assert read(run_reports.run, odd) is None


def test_neighbours_of_a_picture_are_one_run_with_a_count(ledger: Ledger) -> None:
    ledger.job()
    start = NOW - 24 * H
    for n in range(60):
        at = start + 6 * H + n * M
        ledger.run(
            at, state="failed" if n == 30 else "succeeded", started_at=at, finished_at=at + S
        )
    ledger.run(start + 12 * H, state="missed", count=40)
    alone = ledger.run(start + 20 * H, started_at=start + 20 * H, finished_at=start + 21 * H)
    ledger.run(start - S)

    found = sorted(
        read(activity.between, start, NOW), key=lambda run: (run.scheduled_at, run.state)
    )

    assert [(run.state, run.count) for run in found] == [
        ("succeeded", 59),
        ("failed", 1),
        ("missed", 40),
        ("succeeded", 1),
    ]
    assert found[0].started_at == start + 6 * H
    assert found[0].finished_at == start + 7 * H - 59 * S
    assert (found[3].id, found[3].took) == (alone, H)


def test_a_day_with_too_many_runs_has_no_blank_in_its_picture(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activity, "LOOKED_AT", 100)
    ledger.job()
    ledger.job("rare")
    start = NOW - 24 * H
    rows = [
        {
            "job_id": "report",
            "scheduled_at": start + n * M,
            "kind": "scheduled",
            "state": "succeeded",
        }
        for n in range(24 * 60)
    ]
    with ledger.engine.execution_options(writes=True).begin() as db:
        db.execute(tables.runs.insert(), rows)
    ledger.run(start + 3 * H, "rare", state="failed")

    found = read(activity.between, start, NOW)

    mine = sorted((run.scheduled_at, run.finished_at) for run in found if run.job_id == "report")
    gaps = [later[0] - earlier[1] for earlier, later in pairwise(mine)]
    assert mine[0][0] < start + H and mine[-1][1] == NOW - M
    assert max(gaps, default=M) <= H
    assert [run.state for run in found if run.job_id == "rare"] == ["failed"]
    assert len(found) < 20


def test_whatever_a_text_says_it_stays_text(client: Any, ledger: Ledger) -> None:
    surprise = {"code": MARKUP, "text": MARKUP, "fix": MARKUP}
    texts = {"doc": MARKUP, "words": MARKUP, "zone": MARKUP, "trigger": MARKUP}
    fires = [(datetime.now(UTC) + n * M).isoformat() for n in range(1, 9)]
    ledger.job(MARKUP, surprises=[surprise], fires=fires, **texts)
    clock = ledger.clock(dyno=MARKUP, release=MARKUP)
    odd = {"state": MARKUP, "reason": MARKUP, "error": MARKUP, "kind": MARKUP, "clock_id": clock}
    number = ledger.run(NOW - M, MARKUP, started_at=NOW - M, finished_at=NOW, **odd)
    ledger.run(NOW, MARKUP, **{**odd, "state": "failed"})
    with client.application.test_request_context():
        from flask import url_for

        page = url_for("clock.job", job_id=MARKUP)

    for path in ("/clock/", page, page + "?state=failed", f"/clock/runs/{number}"):
        reply = client.get(path)

        assert reply.status_code == 200, path
        assert "<script>alert" not in reply.text
        assert "{{7*7}}" in reply.text
        tags = re.findall(r"<[^>]*", reply.text)
        assert not [tag for tag in tags if "alert('x')" in tag], path
    metrics = client.get("/clock/metrics").text
    assert 'job="<script>alert(\'x\')</script>\\"&{{7*7}}"' in metrics
    assert client.get("/clock/api/jobs").json["jobs"][0]["doc"] == MARKUP


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("jobs/nobody", 404),
        ("jobs/a%00b", 404),
        ("jobs/%ff%fe", 404),
        ("jobs/report%27%20OR%201=1--", 404),
        ("jobs/..%2f..%2fapp.py", 404),
        ("jobs/report?before=1", 400),
        ("jobs/report?before=2026-11-23T00:00:00.000000Z_-5", 200),
        ("jobs/report?before=0001-01-01T00:00:00.000000Z_1", 200),
        ("jobs/report?before=9999-12-31T23:59:59.999999Z_99999999999999999999999", 200),
        ("jobs/report?before=%00_%00", 400),
        ("jobs/report?state=nonsense", 400),
        ("jobs/report?state=failed%00", 400),
        ("runs/0", 404),
        ("runs/-1", 404),
        ("runs/1.5", 404),
        ("runs/99999999999999999999999999", 404),
        ("runs/abc", 404),
        ("api/runs?limit=0", 400),
        ("api/runs?limit=-1", 400),
        ("api/runs?limit=1e9", 400),
        ("api/runs?limit=%C2%B2", 400),
        ("api/runs?limit=99999", 400),
        ("api/runs?job=a%00b", 404),
        ("api/runs?job=nobody", 200),
        ("api/runs?state=%27", 400),
        ("api/runs?job=&state=", 200),
        ("api/nothing", 404),
    ],
)
def test_an_odd_address_is_answered_in_words(
    client: Any, ledger: Ledger, path: str, code: int
) -> None:
    ledger.job()
    ledger.run(NOW)

    reply = client.get("/clock/" + path)

    assert reply.status_code == code
    if code != 200:
        assert (
            ("error" in reply.json) if path.startswith("api/") else "To the overview" in reply.text
        )


@pytest.mark.parametrize("job_id", ["a/b", "a/run", "ä b?#", "x" * 500, "50%"])
def test_a_job_may_have_any_id(client: Any, ledger: Ledger, job_id: str) -> None:
    ledger.job(job_id)
    overview = client.get("/clock/").text
    here = {"Sec-Fetch-Site": "same-origin"}

    for action in ("run", "pause", "resume"):
        actions = re.findall(r'action="([^"]+)"', overview)
        address = next(a for a in actions if a.endswith("/run")).removesuffix("run") + action
        reply = client.post(address, headers=here)

        assert reply.status_code == 303
        assert client.get(reply.location).status_code == 200
    run = client.get("/clock/api/runs").json["runs"][0]
    assert (run["job_id"], run["state"], run["kind"]) == (job_id, "requested", "manual")


def test_the_pages_of_a_job_lead_to_its_oldest_run(client: Any, ledger: Ledger) -> None:
    ledger.job()
    for n in range(120):
        ledger.run(NOW - n * M)

    path, seen = "/clock/jobs/report", list[str]()
    while path:
        text = client.get(path).text
        seen += re.findall(r'<td><a href="/clock/runs/(\d+)"', text)
        older = re.search(r'<a href="([^"]+)">Older', text)
        path = older[1].replace("&amp;", "&") if older else ""
    assert len(seen) == len(set(seen)) == 120
    first = client.get("/clock/api/runs?limit=100").json
    second = client.get(f"/clock/api/runs?limit=100&before={first['older']}").json
    assert (len(first["runs"]), len(second["runs"]), second["older"]) == (100, 20, None)


def test_each_page_asks_the_database_at_most_ten_times(client: Any, ledger: Ledger) -> None:
    ledger.clock()
    for n in range(50):
        ledger.job(f"job{n}")
        ledger.run(NOW, f"job{n}")
    asked = list[str]()

    @sa.event.listens_for(reports.engine(), "before_cursor_execute")
    def count(db: Any, cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    for path in (
        "",
        "jobs/job7",
        "jobs/job7?state=lost",
        "runs/7",
        "metrics",
        "api/jobs",
        "health",
    ):
        asked.clear()
        client.get("/clock/" + path)

        assert 1 <= len(asked) <= 10, path


def test_the_overview_says_first_which_jobs_need_a_look_and_why(
    client: Any, ledger: Ledger
) -> None:
    ledger.clock()
    start = NOW - M
    for name in ("bad", "good", "tried-again", "paused"):
        ledger.job(name, paused_at=NOW if name == "paused" else None)
        state = "succeeded" if name == "good" else "failed"
        due = NOW + H if name == "tried-again" else None
        ledger.run(start, name, state=state, error="Traceback\nKeyError: 'x'", due_at=due)
    late = [(NOW - H).isoformat(), (NOW + H).isoformat()]
    ledger.job("late", known_since=NOW - 24 * H, grace=60.0, fires=late)

    text = client.get("/clock/").text
    section = text.partition('class="troubles"')[2].partition("</section>")[0]

    assert re.findall(r'href="/clock/jobs/([^"]+)"', section) == ["late", "bad"]
    assert "2 jobs need a look" in section and "KeyError: &#39;x&#39;" in section
    assert "overdue" in section
    assert "KeyError" in client.get("/clock/jobs/bad").text


def test_a_run_that_was_skipped_never_began(client: Any, ledger: Ledger) -> None:
    ledger.job()
    number = ledger.run(NOW - M, state="skipped", reason="overlap", started_at=NOW - M)

    assert read(run_reports.run, number).started_at is None
    assert read(activity.between, NOW - H, NOW)[0].started_at is None
    assert "Started" not in client.get(f"/clock/runs/{number}").text


def test_a_schedule_is_over_only_where_its_clock_has_told_too_few_fires(
    client: Any, ledger: Ledger
) -> None:
    past = [(NOW - n * H).isoformat() for n in range(5, 0, -1)]
    ledger.job("over", words="Once", fires=past[:1])
    ledger.job("unknown", words="Hourly", fires=past)

    assert "come to its end" in client.get("/clock/jobs/over").text
    assert "Not known until a clock is up" in client.get("/clock/jobs/unknown").text
