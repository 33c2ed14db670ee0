"""When jobs run next, as a table: a line a job, and how far away a time is."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from clockdyno.schedule import listing

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def job(name: str, words: str, *fires: datetime, surprising: bool = False) -> listing.Job:
    return listing.Job(name, words, fires, surprising)


def test_each_job_is_a_line_with_its_next_run_how_far_away_it_is_and_its_schedule() -> None:
    at = datetime(2026, 11, 27, 17, tzinfo=BERLIN)

    assert listing.summary([job("a", "At 17:00", at), job("longer", "Over")], NOW, "next") == [
        "a       Fri 27 Nov 17:00 CET  in 4 h  At 17:00",
        "longer  no next run                   Over",
        "",
        "More of one, and its next five: next a",
    ]


def test_what_may_surprise_is_marked_and_leads_to_more() -> None:
    told = listing.summary([job("a", "At 1", NOW), job("b", "At 2", surprising=True)], NOW, "next")

    assert told[1].endswith("At 2 (!)")
    assert told[-1] == "(!) may surprise. More of one, and its next five: next b"


def test_long_words_go_on_below_their_column_and_in_a_narrow_terminal_below_the_line() -> None:
    words = "At 17:00, on the first Monday of January"

    beside = listing.summary([job("a", words, NOW)], NOW, "next", 60)
    below = listing.summary([job("a" * 30, words, NOW)], NOW, "next", 60)

    assert all(len(line) <= 60 for line in [*beside[:-1], *below[:-1]])
    assert beside[1].startswith(" " * 20)
    assert below[1] == f"    {words}"


def test_a_time_on_a_wall_of_nobody_knows_which_zone_is_no_distance_away() -> None:
    wall = datetime(2027, 1, 4, 17)

    assert listing.summary([job("a", "At 17:00", wall)], NOW, "next")[0] == (
        "a  Mon  4 Jan 2027 17:00    At 17:00"
    )


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "in 0 s"),
        (119, "in 119 s"),
        (120, "in 2 min"),
        (7199, "in 120 min"),
        (7200, "in 2 h"),
        (-86400, "24 h ago"),
        (-172800, "2 days ago"),
    ],
)
def test_how_far_away_is_said_in_the_largest_unit_of_which_there_are_two(
    seconds: int, told: str
) -> None:
    assert listing.away(timedelta(seconds=seconds)) == told
