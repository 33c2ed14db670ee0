"""Time zones as people type them, and what a zone's clock does in a year."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import tzlocal
from clockdyno.schedule import local_time, zones

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(("letters", "zone"), zones.ABBREVIATIONS.items())
def test_letters_are_refused_and_the_place_that_they_may_stand_for_is_named(
    letters: str, zone: str
) -> None:
    with pytest.raises(zones.UnknownZone, match="an abbreviation, not the time zone") as refused:
        zones.find(letters.upper())

    assert refused.value.hint.startswith(f'Did you mean "{zone}"')
    assert zones.known(zone) == zone


@pytest.mark.parametrize(
    ("named", "zone"),
    [("Europe/Berlin", "Europe/Berlin"), ("Etc/Zulu", "UTC"), ("Etc/UCT", "UTC"), ("x", "UTC")],
)
def test_a_machine_without_a_zone_of_a_place_is_in_utc(
    named: str, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tzlocal, "get_localzone_name", lambda: named)

    assert zones.of_this_machine() == zone


def test_all_zones_are_listed_in_order_and_none_that_is_no_place() -> None:
    listed = zones.everywhere()

    assert listed == sorted(set(listed)) and "Asia/Kolkata" in listed
    assert not zones.NOT_PLACES & {zone.lower() for zone in listed}


def test_the_changes_of_a_year_come_with_their_very_moment_and_how_far_they_go() -> None:
    start = datetime(2027, 1, 1, 12, 0, 0, 5, tzinfo=UTC)
    found = list(local_time.changes(ZoneInfo("Europe/Berlin"), start, start + timedelta(days=365)))

    spring, autumn = datetime(2027, 3, 28, 1, tzinfo=UTC), datetime(2027, 10, 31, 1, tzinfo=UTC)
    assert found == [(spring, HOUR), (autumn, -HOUR)]
