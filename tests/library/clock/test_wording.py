"""No line and no alert says what did not happen, or what nobody knows."""

from types import SimpleNamespace

import pytest
from clockdyno.clock.process import lifecycle
from clockdyno.clock.run import runner
from sqlalchemy.exc import OperationalError
from support.runs import FIRE, clock_on
from support.site import Site


def test_at_a_stop_without_a_database_nobody_knows_what_is_lost(
    on_sqlite: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(rerun: object) -> None:
        raise OperationalError("", {}, Exception("away"))

    clock = clock_on(on_sqlite)
    monkeypatch.setattr(clock.ledger, "leave", away)
    with caplog.at_level("INFO", "clockdyno"):
        lifecycle.sign_off(clock)

    assert "at=stop lost=unknown" in caplog.text


@pytest.mark.parametrize(
    ("reason", "said"),
    [("silent", "nothing more was heard of it"), ("stopped", "its process stopped before")],
)
def test_an_alert_says_of_a_lost_run_what_is_known(
    on_sqlite: Site, monkeypatch: pytest.MonkeyPatch, reason: str, said: str
) -> None:
    told = list[str]()
    clock = clock_on(on_sqlite)
    monkeypatch.setattr(clock.alerts, "tell", lambda event: told.append(event.line))
    row = {"job_id": "job", "scheduled_at": FIRE, "attempt": 1, "due_at": None}
    runner.report_lost(clock, [SimpleNamespace(**row, id=1, reason=reason)])

    assert said in told[0] and "gone" not in told[0]
