"""What is told outside of a run is told after its row, and a failure only when it is final."""

import threading
from types import SimpleNamespace

import pytest
from clockdyno.clock.run import runner
from clockdyno.ledger.settling import Owed
from support.runs import FIRE, clock_on, raising
from support.site import Site

URL = "https://hc-ping.com/6fbb5c04-3c8a-4f4e-9a8e-0c7a2d1e9f10"


class Heard:
    """A clock and one job of it, whose pings and alerts are kept with the state of the row."""

    def __init__(self, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        self.site, self.clock = site, clock_on(site)
        self.pings, self.alerts = list[tuple](), list[str]()
        monkeypatch.setattr(self.clock.pings, "run", self._ping)
        monkeypatch.setattr(self.clock.alerts, "tell", lambda event: self.alerts.append(event.line))
        monkeypatch.setattr(
            self.clock.alerts, "worked", lambda job, at, run: self.alerts.append(f"{job} {run}")
        )

    def _ping(self, url, job, state, run, error="") -> None:
        assert (url, job) == (URL, "job")
        states = [row.state for row in self.site.rows()]
        self.pings.append((state, *states, run, error.rpartition("\n")[2]))

    def run(self, function, owed=None, **options) -> None:
        clock = self.clock
        job = clock.add_job(
            function, "interval", hours=1, id="job", ping=URL, replace_existing=True, **options
        )
        clock.ledger.arrive({"job": "trigger"}, FIRE)
        claim = clock.ledger.claim("job", FIRE, 1, (), owed)
        runner.run(clock, job, clock.options_of(job), claim, FIRE, threading.Event())


@pytest.fixture
def heard(on_sqlite: Site, monkeypatch: pytest.MonkeyPatch) -> Heard:
    return Heard(on_sqlite, monkeypatch)


def test_start_and_success_are_told_of_one_run_after_its_row_says_so(heard: Heard) -> None:
    heard.run(lambda: None)

    start, success = heard.pings
    assert start[:2] == ("start", "running") and success[:2] == ("success", "succeeded")
    assert start[2] == success[2] and len(start[2]) == 36
    assert heard.alerts == ["job 1"]


def test_a_failure_is_told_when_no_attempt_follows_and_the_whole_run_has_one_name(
    heard: Heard,
) -> None:
    heard.run(raising(ValueError("no luck")), retries=1)
    assert [one[0] for one in heard.pings] == ["start"] and heard.alerts == []
    (row,) = heard.site.rows()
    heard.run(raising(ValueError("no luck")), Owed(row.id, "job", FIRE, "scheduled", 1), retries=1)

    assert [one[0] for one in heard.pings] == ["start", "start", "fail"]
    assert len({one[2] for one in heard.pings}) == 1
    assert heard.pings[-1][1::2] == ("failed", "ValueError: no luck")
    assert heard.alerts == [
        "job failed: ValueError: no luck (scheduled at 2027-01-04 00:00:00 UTC)"
    ]


def test_a_run_whose_end_is_no_longer_wanted_tells_nothing_of_it(heard: Heard) -> None:
    def job() -> None:
        heard.site.execute("UPDATE clockdyno.runs SET state = 'lost'")

    heard.run(job)

    assert [one[0] for one in heard.pings] == ["start"] and heard.alerts == []


@pytest.mark.parametrize("is_tried_again", [True, False])
def test_a_lost_run_has_failed_unless_it_is_tried_again(heard: Heard, is_tried_again) -> None:
    heard.run(lambda: None)
    heard.pings.clear()
    due = FIRE if is_tried_again else None
    row = {"id": 1, "job_id": "job", "scheduled_at": FIRE, "attempt": 1, "due_at": due}
    runner.report_lost(heard.clock, [SimpleNamespace(**row, reason="silent")])

    assert [one[0] for one in heard.pings] == ([] if is_tried_again else ["fail"])


def test_a_run_that_cannot_begin_has_failed(heard: Heard) -> None:
    heard.run(lambda: None)
    heard.pings.clear()
    error = ValueError("no such column")
    runner.report_unclaimed(heard.clock, heard.clock.find("job"), FIRE, error, 1)

    assert [(one[0], one[-1]) for one in heard.pings] == [
        ("fail", "job could not begin: no such column")
    ]
