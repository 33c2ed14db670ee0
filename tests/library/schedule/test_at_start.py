"""Dates that are now: the moment at which the clock starts."""

from datetime import UTC, datetime, timedelta

import pytest
from apscheduler.triggers.combining import OrTrigger
from clockdyno.schedule import at_start
from clockdyno.schedule.at_start import AtStart
from clockdyno.schedule.triggers import AnyOf, OnDate, WallCron

NOW = datetime(2026, 11, 28, 5, 0, 59, 250_000, UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let it be one moment."""
    monkeypatch.setattr(at_start, "now", lambda: NOW)


@pytest.mark.parametrize(
    ("at", "is_now"),
    [
        (NOW, True),
        (NOW - 60 * SECOND, True),  # jobs.py takes that long.
        (NOW - 60 * SECOND - timedelta(microseconds=1), False),
        (NOW + timedelta(microseconds=1), False),
        (NOW.replace(microsecond=0), True),
        (NOW.replace(microsecond=0) - SECOND, True),
        (NOW.replace(microsecond=0) - 2 * SECOND, False),  # Somebody wrote it.
        (NOW.replace(microsecond=0) + SECOND, False),
    ],
)
def test_a_time_is_that_of_this_moment_or_was_written(at: datetime, is_now: bool) -> None:
    assert at_start.is_now(at) is is_now
    assert at_start.is_trigger_of_now(OnDate(at)) is is_now


def test_a_date_that_is_now_means_the_start_also_as_a_part_and_can_be_written_again() -> None:
    nightly, past = WallCron(hour=2, timezone=UTC), OnDate(NOW - 3600 * SECOND)
    trigger = AnyOf([OnDate(NOW), nightly, past], 7)
    read = at_start.read(trigger)

    assert isinstance(read, AnyOf) and read.jitter == 7
    assert [type(part) for part in read.triggers] == [AtStart, WallCron, OnDate]
    assert isinstance(at_start.read(OnDate(NOW)), AtStart) and at_start.read(past) is past
    again = at_start.as_written(read)
    assert isinstance(again, AnyOf) and again.jitter == 7
    assert str(again) == str(trigger) and AtStart not in map(type, again.triggers)
    assert at_start.as_written(nightly) is nightly


def test_the_triggers_of_which_any_one_makes_a_job_fire() -> None:
    nightly, date = WallCron(hour=2, timezone=UTC), OnDate(NOW)

    assert at_start.triggers_of(OrTrigger([nightly, date])) == [nightly, date]
    assert at_start.triggers_of(nightly) == [nightly]
