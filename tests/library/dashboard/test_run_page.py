"""A run's page: what happened, what went wrong, what the run said."""

import re
from datetime import timedelta
from typing import Any

from clockdyno.ledger import outputs, reports, tables
from support.pages import LOGIN, NOW, PASSWORD, ROUTER, Ledger


def test_what_a_run_said_stands_on_its_page_for_each_attempt(client: Any, ledger: Ledger) -> None:
    ledger.job(zone="Europe/Berlin")
    run = ledger.run(NOW, attempt=2)
    ledger.output(run, "first try")
    ledger.output(run, "<b>second</b> try", attempt=2, said=1234)
    page = client.get(f"/clock/runs/{run}").text
    assert page.index("attempt 2") < page.index("attempt 1")
    assert "the last 1 of 1,234 lines" in page
    assert "&lt;b&gt;second&lt;/b&gt; try" in page

    facts = client.get(f"/clock/api/runs/{run}").json
    assert facts["run"]["id"] == run
    assert [one["lines"][0]["text"] for one in facts["outputs"]] == [
        "<b>second</b> try",
        "first try",
    ]
    assert client.get(f"/clock/api/runs/{run + 1}").status_code == 404


def test_a_run_that_goes_on_says_that_it_said_nothing_yet(client: Any, ledger: Ledger) -> None:
    page = client.get(f"/clock/runs/{ledger.run(NOW, state='running')}").text
    assert "Nothing so far" in page


def test_the_line_that_matters_stands_alone(client: Any, ledger: Ledger) -> None:
    error = 'Traceback (most recent call last):\n  File "jobs.py", line 1\nValueError: no luck'
    page = client.get(f"/clock/runs/{ledger.run(NOW, state='failed', error=error)}").text
    assert '<p class="last-words">ValueError: no luck</p>' in page


def test_beyond_the_room_of_all_each_job_loses_what_is_beyond_its_part(
    ledger: Ledger, client: Any
) -> None:
    part = outputs.MOST // 2
    for run, (job, size) in enumerate([("a", part), ("a", part), ("b", 1), ("b", part - 1)]):
        ledger.output(run, "text", size=size, job_id=job)
    with ledger.engine.execution_options(writes=True).begin() as db:
        assert outputs.make_room(db) == 1
        assert [run for run in range(4) if outputs.of_run(db, run)] == [1, 2, 3]


def post(client: Any, path: str, **form: Any) -> Any:
    headers = {"Sec-Fetch-Site": "same-origin"}
    return client.post("/clock/" + path, headers=headers, data=form)


def test_a_failure_that_somebody_has_seen_no_longer_heads_the_page(
    client: Any, ledger: Ledger
) -> None:
    ledger.job()
    ledger.clock()
    run = ledger.run(NOW, state="failed", error="no luck")
    assert "needs a look" in client.get("/clock/").text
    assert post(client, f"runs/{run}/see").status_code == 303
    page = client.get("/clock/").text
    assert "needs a look" not in page and "Every job's last run went well" not in page
    assert "somebody has seen how it ended" in client.get(f"/clock/runs/{run}").text

    with ledger.engine.execution_options(writes=True).begin() as db:
        db.execute(tables.runs.update().values(attempt=2))
    assert "needs a look" in client.get("/clock/").text


def test_the_buttons_of_a_run_are_those_that_can_do_something(client: Any, ledger: Ledger) -> None:
    ledger.job(timeout=60)
    ledger.job("shared")
    running, shared = (ledger.run(NOW, job, state="running") for job in ("report", "shared"))
    failed = ledger.run(NOW - timedelta(hours=1), state="failed", error="no luck")
    assert buttons(client, running) == ["Stop"]
    assert buttons(client, shared) == []
    assert buttons(client, failed) == ["Run again", "Seen"]

    assert post(client, f"runs/{running}/stop").status_code == 303
    assert post(client, f"runs/{failed}/again").status_code == 303
    assert buttons(client, failed) == []
    refused = post(client, f"runs/{shared}/stop")
    assert refused.status_code == 409 and "shares its process" in refused.text


def buttons(client: Any, run: int) -> list[str]:
    return re.findall("<button class.*>(.+)</button>", client.get(f"/clock/runs/{run}").text)


def test_several_jobs_are_steered_at_once(client: Any, ledger: Ledger, dyno: Any) -> None:
    for name in ("a", "b", "c"):
        ledger.job(name)
    own = {**ROUTER, "Origin": "https://localhost"}

    def steer(**form: Any) -> int:
        login = ("ann correct horse", PASSWORD)
        reply = client.post("/clock/jobs/", data=form, headers=own, auth=login)
        return int(reply.status_code)

    assert steer(action="run", job=["a", "c"]) == 303
    assert steer(action="pause-all") == 303
    assert steer(action="resume", job="b") == 303
    assert [steer(action="run"), steer(action="other")] == [400, 400]
    with ledger.engine.connect() as db:
        jobs = {job.job_id: job for job in reports.jobs(db)}
    assert [bool(jobs[name].last) for name in "abc"] == [True, False, True]
    # Some type their password where a name is asked for.
    assert [jobs[name].paused_by for name in "abc"] == ["ann ***", None, "ann ***"]
    page = client.get("/clock/", headers=own, auth=LOGIN).text
    assert "by ann ***" in page
