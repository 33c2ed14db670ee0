"""The next times of a job, as lines for a terminal."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from clockdyno.schedule import listing
from clockdyno.schedule.surprises.fixes import Surprise

TOKYO = ZoneInfo("Asia/Tokyo")


def test_a_time_is_said_in_its_zone_and_in_utc_with_the_day_where_that_is_another() -> None:
    fires = [datetime(2027, 1, 5, hour, tzinfo=TOKYO) for hour in (8, 9)]

    assert listing.entry("Daily", fires, []) == [
        "Daily.",
        "  Tue  5 Jan 2027  08:00 JST        Mon 4 Jan 23:00 UTC",
        "  Tue  5 Jan 2027  09:00 JST        00:00 UTC",
    ]


def test_seconds_are_said_of_all_times_where_one_has_some() -> None:
    fires = [datetime(2027, 1, 5, 9, 0, second, tzinfo=UTC) for second in (0, 30)]

    assert listing.entry("Often", fires, [], rate="2 runs a day")[1:] == [
        "2 runs a day.",
        "  Tue  5 Jan 2027  09:00:00 UTC",
        "  Tue  5 Jan 2027  09:00:30 UTC",
    ]


def test_where_nothing_runs_no_rate_is_said() -> None:
    assert listing.entry("Never", [], [], rate="never") == ["Never.", "  No next run."]


def test_each_line_that_mends_a_surprise_stands_whole_on_one_of_its_own() -> None:
    fix = f"first-{'x' * 90}\nsecond"
    lines = listing.entry("Daily", [], [Surprise("code", "Look out.", fix)], "> ")

    assert lines[-3:] == ["> ! Look out.", f">   first-{'x' * 90}", ">   or second"]
