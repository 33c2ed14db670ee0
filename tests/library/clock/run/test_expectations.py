"""A run that takes longer than its job expects is marked and told, once, and goes on."""

import threading
from typing import Any

import pytest
from clockdyno import Clock, logs
from clockdyno.clock.run import expectations
from support.runs import FIRE, clock_on, run_once
from support.site import Site


def test_it_is_marked_and_told_once_while_it_goes_on(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []
    monkeypatch.setattr(logs, "event", lambda at, *_, **facts: told.append((at, facts)))
    clock = clock_on(site)
    monkeypatch.setattr(clock.alerts, "tell", lambda event: told.append((event.text,)))
    clock.ledger.arrive({"job": "trigger"}, FIRE)
    claim = clock.ledger.claim("job", FIRE, 1)
    watch = clock.expectations
    watch.begin(claim, "job", FIRE, 60)
    watch.look(clock)
    assert told == []

    now = expectations.time.monotonic()
    monkeypatch.setattr(expectations.time, "monotonic", lambda: now + 61)
    for _ in range(2):
        watch.look(clock)
    watch.end(claim)
    watch.look(clock)
    assert [what for what, *_ in told] == [
        "slow",
        "takes longer than the 60 s that it should",
    ]
    (row,) = site.rows()
    assert (row.state, row.exceeded) == ("running", 60)


def test_one_that_ends_too_late_between_two_looks_is_marked_too(on_sqlite: Site) -> None:
    row = run_once(on_sqlite, lambda: threading.Event().wait(0.01), expected=0.001)
    assert (row.state, row.exceeded) == ("succeeded", 0.001)


def test_what_is_expected_is_a_number_of_seconds() -> None:
    with pytest.raises(ValueError, match="expected: 0 is not a number of seconds above 0"):
        Clock(timezone="UTC").add_job(print, "interval", hours=1, expected=0)
