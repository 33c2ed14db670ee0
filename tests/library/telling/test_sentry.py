"""Where the owner's Sentry is on, what a run tells it is the envelopes that it documents."""

import logging
import re
import sys
from datetime import UTC, datetime

import pytest
import sentry_sdk
from clockdyno.telling import sentry
from clockdyno.telling.run import RunFacts
from sentry_sdk.integrations.dedupe import DedupeIntegration
from sentry_sdk.transport import Transport
from support.fake_time import MINUTE, World, world  # noqa: F401

UNITS = {"year", "month", "week", "day", "hour", "minute"}


class Kept(Transport):
    """A transport that keeps the envelopes."""

    def __init__(self) -> None:
        super().__init__()
        self.items: list[tuple[str, dict]] = []

    def capture_envelope(self, envelope):
        self.items += [(item.headers["type"], item.payload.json) for item in envelope.items]

    def of(self, kind):
        return [payload for type_, payload in self.items if type_ == kind]


@pytest.fixture
def kept():
    transport = Kept()
    scope = sentry_sdk.get_global_scope()
    before = scope.client
    facts = {"transport": transport, "release": "v7", "environment": "e"}
    # It would hide that an exception is told twice.
    facts["disabled_integrations"] = [DedupeIntegration()]
    sentry_sdk.init("http://key@127.0.0.1:9/1", **facts)
    yield transport
    sentry_sdk.get_client().close()
    scope.set_client(before)


@pytest.fixture
def two_runs(world: World, monkeypatch):  # noqa: F811
    """Give a clock whose jobs, one good and one bad, ran once at 12:15."""
    monkeypatch.setenv("DASHBOARD_URL", "https://app.example/clock")

    def run(**bad):
        def work(name, scheduled_at):
            logging.getLogger("job").warning("%s at work", name)
            if name == "the bad one":
                raise ValueError("no luck")

        world.note = work
        good = {"trigger": "interval", "minutes": 15}
        clock = world.start({"good": good, "the bad one": {"trigger": "cron", "minute": 15, **bad}})
        world.pass_until(world.now + 16 * MINUTE)
        return clock

    return run


def test_an_exception_arrives_once_with_its_stack_its_job_its_run_and_its_link(kept, two_runs):
    two_runs()

    (event,) = kept.of("event")
    (value,) = event["exception"]["values"]
    assert (value["type"], value["value"]) == ("ValueError", "no luck")
    assert value["stacktrace"]["frames"][-1]["function"] == "work"
    assert event["tags"]["clock.job"] == "the bad one" and event["tags"]["clock.attempt"] == "1"
    run = event["contexts"]["run"]
    assert (run["job"], run["scheduled_at"]) == ("the bad one", "2026-01-01T12:15:00+00:00")
    assert run["link"] == f"https://app.example/clock/runs/{run['run']}"
    assert event["transaction"] == "the bad one" and event["release"] == "v7"
    told = [crumb["message"] for crumb in event["breadcrumbs"]["values"]]
    assert "the bad one at work" in told and "good at work" not in told


def test_check_ins_are_what_sentry_documents_and_make_a_monitor_of_the_schedule(kept, two_runs):
    two_runs(catch_up=120)

    found = kept.of("check_in")
    for one in found:
        assert re.fullmatch("[0-9a-f]{32}", one["check_in_id"])
        assert one["status"] in ("in_progress", "ok", "error")
        assert (one["release"], one["environment"]) == ("v7", "e")
        assert one["monitor_config"]["schedule"].get("unit", "minute") in UNITS
        assert one["monitor_config"]["timezone"] == "UTC"
    good = [one for one in found if one["monitor_slug"] == "good"]
    bad = [one for one in found if one["monitor_slug"] != "good"]
    assert [one["status"] for one in good] == ["in_progress", "ok"]
    assert [one["status"] for one in bad] == ["in_progress", "error"]
    for pair in (good, bad):
        assert pair[0]["check_in_id"] == pair[1]["check_in_id"]
        assert pair[1]["duration"] >= 0 and pair[0]["duration"] is None
    assert good[0]["monitor_config"] == {
        "schedule": {"type": "interval", "value": 15, "unit": "minute"},
        "timezone": "UTC",
        "checkin_margin": 15,
    }
    assert bad[0]["monitor_config"]["schedule"] == {"type": "crontab", "value": "15 * * * *"}
    assert bad[0]["monitor_config"]["checkin_margin"] == 2


def test_a_failure_that_is_tried_again_is_an_exception_but_no_failed_check_in(kept, two_runs):
    two_runs(retries=2)

    assert len(kept.of("event")) == 1
    bad = [one for one in kept.of("check_in") if one["monitor_slug"] != "good"]
    assert [one["status"] for one in bad] == ["in_progress"]


def test_what_the_sdk_does_wrong_changes_nothing_about_a_run(kept, two_runs, caplog):
    caplog.set_level("INFO")

    def breaks(*_):
        raise RuntimeError("hush")

    kept.capture_envelope = breaks
    clock = two_runs()

    with clock.ledger.engine.connect() as db:
        states = db.exec_driver_sql("SELECT job_id, state FROM clockdyno.runs").all()
    assert sorted(states) == [("good", "succeeded"), ("the bad one", "failed")]
    assert "at=sentry state=failed error=RuntimeError" in caplog.text and "hush" not in caplog.text


def test_where_nobody_has_initialised_it_nothing_is_told_or_imported(monkeypatch):
    monkeypatch.setitem(sys.modules, "sentry_sdk", None)
    run = RunFacts("job", 1, 1, datetime(2027, 1, 1, tzinfo=UTC))
    with sentry.Scope(run):
        assert not sentry.capture(ValueError("no luck"))
        sentry.check_in(run, sentry.OK, lambda: pytest.fail("asked for a monitor"))
    sentry.flush()
    monkeypatch.delitem(sys.modules, "sentry_sdk")
    assert sentry.sdk() is None and "sentry_sdk" not in sys.modules
