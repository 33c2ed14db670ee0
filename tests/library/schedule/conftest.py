"""What the tests of schedules stand on: a time zone, as texts and times are all they are about."""

import pytest


@pytest.fixture(autouse=True)
def lonely(monkeypatch: pytest.MonkeyPatch) -> None:
    """Need neither a folder nor a HOME: to make them takes longer than most tests here."""
    monkeypatch.setenv("TZ", "UTC")
