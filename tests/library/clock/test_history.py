"""`python -m clockdyno history`: what ran, in which zone, and what it said."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

import clockdyno.__main__ as command
import pytest
from clockdyno.ledger import database
from support.pages import Ledger
from support.site import Site


@pytest.fixture
def site(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Give a ledger with one run, which said something, and be in its folder."""
    database.set_up(site.engine)
    ledger = Ledger(site.engine)
    ledger.job(zone="Europe/Berlin")
    run = ledger.run(datetime(2027, 1, 4, 9, tzinfo=UTC), state="missed", reason="late")
    ledger.output(run, "hello\x1b")
    monkeypatch.setenv("DATABASE_URL", site.url)
    monkeypatch.chdir(site.folder)
    return site


def shown(capsys: pytest.CaptureFixture[str], *words: str) -> Sequence[str]:
    assert command.main(["history", *words]) == 0
    return capsys.readouterr().out.splitlines()


def test_each_time_is_in_its_jobs_zone_or_in_the_one_that_is_asked_for(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    rest = "  report  missed (late)"
    assert shown(capsys) == ["2027-01-04 10:00:00 CET" + rest]
    assert shown(capsys, "--zone", "utc") == ["2027-01-04 09:00:00 UTC" + rest]
    assert shown(capsys, "--zone", "mine") == ["2027-01-04 09:00:00 UTC" + rest]
    assert shown(capsys, "--zone", "tokyo") == ["2027-01-04 18:00:00 JST" + rest]
    with pytest.raises(SystemExit):
        shown(capsys, "--zone", "../etc/passwd")
    assert "is not a time zone" in capsys.readouterr().err


def test_what_runs_said_is_shown_with_them(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    (_, said) = shown(capsys, "report", "--output")
    assert said.endswith(r"  INFO     hello\x1b")
    (row,) = json.loads("\n".join(shown(capsys, "--output", "--json")))
    assert row["output"][0]["text"] == "hello\x1b"
    assert (row["zone"], row["scheduled_at"]) == ("Europe/Berlin", "2027-01-04T09:00:00+00:00")
