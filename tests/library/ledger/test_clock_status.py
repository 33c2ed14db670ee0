"""How the clock is, and the workers where it has some."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from clockdyno import host
from clockdyno.ledger import clock_status, reports
from clockdyno.ledger.clock_status import Status
from support.pages import NOW, Ledger

S, H = timedelta(seconds=1), timedelta(hours=1)
WORKERS: dict[str, dict[str, Any]] = {
    "up": {"role": "worker"},
    "stopped": {"role": "worker", "stopped_at": NOW},
    "silent": {"role": "worker", "heartbeat_at": NOW - 40 * S},
}


def now() -> Status:
    with reports.engine().connect() as db:
        return clock_status.status(db)


@pytest.mark.parametrize(
    ("clocks", "state", "words"),
    [
        ([], "absent", "python jobs.py"),
        ([{}], "up", ""),
        ([{}, {"heartbeat_at": NOW - H, "lost_at": NOW}], "up", ""),
        ([{}, {"dyno": "clock.1"}], "two", "Two are up"),
        ([{"paused": True}], "paused", "CLOCK_PAUSED"),
        ([{"paused": True}, {}], "two", "Two are up"),
        ([{"heartbeat_at": NOW - 40 * S}], "silent", "no heartbeat"),
        ([{"heartbeat_at": NOW - H, "lost_at": NOW}], "silent", "no heartbeat"),
        ([{"stopped_at": NOW}], "absent", "has stopped"),
    ],
)
def test_the_state_of_the_clock_is_told_from_its_heartbeats(
    ledger: Ledger, clocks: list[dict[str, Any]], state: str, words: str
) -> None:
    for clock in clocks:
        ledger.clock(**clock)

    status = now()

    assert status.state == state
    assert words in status.reason and bool(words) == bool(status.reason)
    assert (status.since is None) == (clocks == [])


@pytest.mark.parametrize("site", ["postgresql"], indirect=True)
def test_an_age_is_by_the_databases_clock(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger.clock()

    class Later(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime.now(tz) + H

    monkeypatch.setattr(clock_status, "datetime", Later)

    assert now().clocks[0].age < H.total_seconds() / 2


def test_a_dyno_without_a_database_is_told_what_mends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DYNO", "web.1")
    monkeypatch.delenv("DATABASE_URL", raising=False)

    assert clock_status.status(None).state == "unshared"  # type: ignore[arg-type]
    assert host.ADD_DATABASE in clock_status.status(None).reason  # type: ignore[arg-type]


@pytest.mark.parametrize("site", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("workers", "state", "up"),
    [
        ([], "stuck", 0),
        (["stopped", "silent"], "stuck", 0),
        (["up"], "up", 1),
        (["up", "silent", "up"], "up", 2),
    ],
)
def test_while_runs_wait_for_a_worker_it_says_how_many_there_are(
    ledger: Ledger, workers: list[str], state: str, up: int
) -> None:
    ledger.clock(workers=True)
    for worker in workers:
        ledger.clock(**WORKERS[worker])
    for n, facts in enumerate(({}, {}, {"due_at": NOW}, {"state": "running"})):
        ledger.run(NOW - n * H, **{"state": "requested", **facts})

    status = now()

    assert (status.state, status.besides) == (state, {"workers": {"up": up, "waiting": 2}})
    assert ("No worker is up" in status.reason) is (up == 0)


def test_without_workers_none_are_counted(ledger: Ledger) -> None:
    ledger.clock()

    assert now().besides == {}
