"""A run's page: what happened, what went wrong, what the run said."""

from typing import Any

from clockdyno.ledger import outputs
from support.pages import NOW, Ledger


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
