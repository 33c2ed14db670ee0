"""What Prometheus reads, in both of its forms, each parsed by its own parser."""

from datetime import timedelta
from typing import Any

import pytest
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families
from support.pages import NOW, Ledger

OPEN = {"Accept": "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.3"}


def fill(ledger: Ledger) -> None:
    ledger.clock()
    ledger.job('re"port\n{x}', zone="UTC", fires=[(NOW + timedelta(hours=1)).isoformat()])
    for n, state in enumerate(("succeeded", "succeeded", "failed", "missed")):
        at = NOW - n * timedelta(minutes=1)
        ledger.run(at, 're"port\n{x}', state=state, started_at=at, finished_at=at)
    ledger.output(1, "one", "two")
    ledger.output(2, "three")


@pytest.mark.parametrize(
    ("headers", "parse", "kind"),
    [
        (OPEN, openmetrics.text_string_to_metric_families, "application/openmetrics-text"),
        ({}, text_string_to_metric_families, "text/plain"),
        ({"Accept": "*/*"}, text_string_to_metric_families, "text/plain"),
    ],
)
def test_each_form_is_valid_and_says_the_same(
    client: Any, ledger: Ledger, headers: dict[str, str], parse: Any, kind: str
) -> None:
    fill(ledger)
    reply = client.get("/clock/metrics", headers=headers)
    assert reply.content_type.startswith(kind) and reply.headers["Vary"] == "Accept"
    found = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in parse(reply.text)
        for sample in family.samples
    }
    job = ("job", 're"port\n{x}')
    assert found["clock_job_last_runs", job, ("state", "succeeded")] == 2
    assert found["clock_job_last_runs", job, ("state", "failed")] == 1
    assert found["clock_outputs_kept",] == 2
    assert found["clock_outputs_characters",] == 20
    assert found["clock_schedules_overdue",] == 0
    assert found["clock_up",] == 1


def test_without_anything_it_is_valid_too(client: Any, ledger: Ledger) -> None:
    text = client.get("/clock/metrics", headers=OPEN).text
    families = {one.name: one for one in openmetrics.text_string_to_metric_families(text)}
    assert families["clock_outputs_characters"].samples[0].value == 0
