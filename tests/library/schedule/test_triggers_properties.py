"""Whatever the trigger, the zone and the moment: one sequence of fires, seen by every clock."""

import pickle
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from clockdyno.schedule import description, triggers
from clockdyno.schedule.surprises.report import surprises
from hypothesis import given
from hypothesis import strategies as st

ZONES = ("America/New_York", "Africa/Cairo", "America/Havana", "Australia/Lord_Howe", "UTC")
SECOND = timedelta(seconds=1)

zones = st.sampled_from(ZONES).map(ZoneInfo)
# Half of all moments lie near a change of some zone's clocks.
changes = st.sampled_from(["2026-03-08T06:00", "2026-11-01T05:00", "2026-04-04T14:00"])
near_changes = st.builds(
    lambda text, minutes: datetime.fromisoformat(text) + timedelta(minutes=minutes),
    changes,
    st.integers(-300, 300),
)
moments = st.one_of(near_changes, st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1))).map(
    lambda at: at.replace(tzinfo=UTC)
)

FIELDS = {
    "second": st.sampled_from(["0", "*/20", "59", "5-10"]),
    "minute": st.sampled_from(["*", "*/15", "0", "30", "0,30", "0-59/20", "7", "50-10"]),
    "hour": st.sampled_from(["*", "*/6", "0", "1", "2", "23", "1-3", "22-2"]),
    "day": st.sampled_from(["*", "last", "1", "31", "2nd sun", "last fri", "*/2"]),
    "week": st.sampled_from(["*", "*/2", "50-3"]),
    "month": st.sampled_from(["*", "3", "nov-feb", "*/3"]),
    "day_of_week": st.sampled_from(["*", "sun", "fri-mon", "mon-fri/2"]),
}
cron = st.fixed_dictionaries({}, optional=FIELDS).map(lambda keywords: ("cron", keywords))
lengths = st.sampled_from(
    [
        {"seconds": 7},
        {"minutes": 15},
        {"minutes": 90},
        {"hours": 6},
        {"hours": 36},
        {"days": 1},
        {"days": 3},
        {"weeks": 2},
    ]
)
starts = st.sampled_from(
    [{}, {"start_date": "2026-03-07 02:30"}, {"start_date": "2026-03-08 02:30"}]
)
interval = st.builds(lambda length, start: ("interval", {**length, **start}), lengths, starts)
date = moments.map(lambda at: ("date", {"run_date": f"{at:%Y-%m-%d %H:%M}"}))
one = st.builds(
    lambda said, zone: triggers.make(*said, zone), st.one_of(cron, interval, date), zones
)
several = st.lists(one, min_size=2, max_size=3)
any_trigger = st.one_of(one, several.map(triggers.AnyOf), several.map(triggers.AllOf))


@given(any_trigger, moments)
def test_a_clock_that_starts_at_any_moment_meets_the_same_fires(
    trigger: Any, start: datetime
) -> None:
    first = trigger.get_next_fire_time(None, start)
    if first is None:
        return
    second = trigger.get_next_fire_time(first, first)

    assert first.timestamp() >= start.timestamp()
    assert trigger.get_next_fire_time(None, first) == first
    assert trigger.get_next_fire_time(first, start) == second
    if second is not None:
        gap = second.astimezone(UTC) - first.astimezone(UTC)
        assert gap > timedelta(0)
        for cold_start in (first.astimezone(UTC) + gap / 2, second.astimezone(UTC) - SECOND / 3):
            assert trigger.get_next_fire_time(None, cold_start) == second


@given(any_trigger, moments)
def test_a_pickled_trigger_fires_alike(trigger: Any, start: datetime) -> None:
    twin = pickle.loads(pickle.dumps(trigger))

    assert twin.get_next_fire_time(None, start) == trigger.get_next_fire_time(None, start)
    assert repr(twin) == repr(trigger)


@given(several, moments)
def test_stacked_triggers_fire_whenever_one_of_them_does(parts: list[Any], start: datetime) -> None:
    together = description.fires(triggers.AnyOf(parts), start, 5)

    apart = {fire.timestamp() for part in parts for fire in description.fires(part, start, 5)}

    assert [fire.timestamp() for fire in together] == sorted(apart)[: len(together)]
    assert len(together) == min(5, len(apart))


@given(any_trigger, moments)
def test_every_trigger_has_words_and_a_fixed_list_of_remarks(trigger: Any, now: datetime) -> None:
    assert description.describe(trigger)[0].isupper()
    found = surprises(trigger, now)
    assert found == surprises(trigger, now)
    assert len(set(found)) == len(found)
    assert all(surprise.text.endswith(".") and surprise.fix for surprise in found)
    if trigger.get_next_fire_time(None, now) is None:
        assert {surprise.code for surprise in found} == {"never"}


@given(
    st.sampled_from(sorted(triggers.KINDS)),
    st.dictionaries(
        st.sampled_from(["hour", "day", "year", "minutes", "weeks", "run_date", "jitter", "x"]),
        st.one_of(st.none(), st.integers(), st.floats(), st.booleans(), st.text(max_size=20)),
        max_size=3,
    ),
)
def test_any_keywords_make_a_trigger_or_a_value_error(kind: str, keywords: dict[str, Any]) -> None:
    try:
        trigger = triggers.make(kind, keywords, ZoneInfo("America/New_York"))
    except ValueError as error:
        assert "\n" not in str(error) and len(str(error)) < 300
    else:
        description.fires(trigger, datetime(2026, 1, 1, tzinfo=UTC), 3)
        description.describe(trigger)
