"""Schedules of all kinds, made by machine: nothing hangs, nothing is lost on the way."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from clockdyno.schedule import ScheduleError
from clockdyno.schedule.refusal import EXAMPLES
from clockdyno.schedule.typed import Schedule, build, parse
from hypothesis import given
from hypothesis import strategies as st
from support.cases import cases, understood
from support.work import calls

NOW = datetime(2027, 1, 1, tzinfo=UTC)
TYPED = [text for text, _ in [*understood(), *cases("refused.txt")]]
WORDS = sorted({word for text in TYPED for word in text.split()})


def read(text: str) -> list[Schedule]:
    try:
        return parse(text)
    except ScheduleError as error:
        assert error.code == 2 and error.message and error.hint
        assert (error.message + error.hint).isprintable()
        return []


def fires(schedule: Schedule) -> list[datetime]:
    trigger = build(schedule, ZoneInfo("America/New_York"))
    found: list[datetime] = []
    fire = trigger.get_next_fire_time(None, NOW)
    while fire is not None and len(found) < 20:
        found.append(fire)
        fire = trigger.get_next_fire_time(fire, fire)
    return found


def mangled(texts: list[str]) -> st.SearchStrategy[str]:
    """A known text with a piece of it cut, doubled or replaced by anything."""

    def change(text: str, at: int, size: int, other: str) -> str:
        at %= len(text) + 1
        return text[:at] + other + text[at + size :]

    sizes = st.integers(0, 6)
    return st.builds(change, st.sampled_from(texts), st.integers(0, 99), sizes, st.text(max_size=5))


anything = st.one_of(
    st.text(max_size=310),
    st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join),
    st.text(alphabet=sorted({c for word in WORDS for c in word} | {" "}), max_size=300),
    mangled(TYPED),
)


@given(anything)
def test_any_text_is_read_or_refused_with_little_work(text: str) -> None:
    # To find the zone that was meant takes a quarter of it: 10 ms.
    assert calls(read, text) < 200_000


@given(st.one_of(anything, st.sampled_from(TYPED), st.sampled_from(EXAMPLES)))
def test_what_is_read_can_be_written_and_read_again(text: str) -> None:
    for schedule in read(text):
        assert read(schedule.source()) == [schedule]
        assert read(str(schedule)) == [schedule]
        assert read(f"@sched.scheduled_job({schedule.source()})") == [schedule]


@given(st.one_of(st.sampled_from(TYPED), mangled(TYPED)))
def test_what_is_read_is_what_the_clock_accepts(text: str) -> None:
    for schedule in read(text):
        (again,) = read(schedule.source())
        found = fires(schedule)
        assert found == fires(again)
        assert found == sorted(set(found))


def numbers(low: int, high: int) -> st.SearchStrategy[str]:
    value = st.integers(low, high)
    span = st.tuples(value, value, st.integers(1, high)).map(lambda t: f"{t[0]}-{t[1]}/{t[2]}")
    pair = st.tuples(value, value).map(lambda t: f"{t[0]}–{t[1]}")
    item = st.one_of(value.map(str), pair, span, st.integers(1, high).map(lambda n: f"*/{n}"))
    return st.lists(item, min_size=1, max_size=3).map(",".join)


fields = st.fixed_dictionaries(
    {"hour": numbers(0, 23)},
    optional={
        "minute": numbers(0, 59),
        "second": numbers(0, 59),
        "month": numbers(1, 12),
        "day": st.integers(1, 31).map(str),
        "day_of_week": numbers(0, 6),
    },
)


@given(fields)
def test_ranges_that_we_write_out_fire_as_the_clock_reads_them(keywords: dict[str, str]) -> None:
    text = "cron " + " ".join(f"{key} = '{value}'," for key, value in keywords.items())
    for schedule in read(text):
        typed = Schedule("cron", dict(keywords))
        assert fires(schedule) == fires(typed)


@given(st.integers(0, 1438), st.integers(1, 1439), st.integers(1, 300), st.booleans())
def test_a_part_of_the_day_fires_from_its_first_to_its_last_minute(
    first: int, length: int, step: int, across_midnight: bool
) -> None:
    last = first + length if across_midnight else min(first + length, 1439)
    times = [f"{minute // 60:02}:{minute % 60:02}" for minute in (first, last % 1440)]
    schedules = read(f"every {step} minutes from {times[0]} to {times[1]}")
    if not schedules:
        return
    found = {fire for schedule in schedules for fire in fires_of_a_day(schedule)}
    assert found == {minute % 1440 for minute in range(first, last + 1, step)}


def fires_of_a_day(schedule: Schedule) -> set[int]:
    trigger = build(schedule, "UTC")
    found: set[int] = set()
    fire = trigger.get_next_fire_time(None, NOW)
    while fire and fire < NOW + timedelta(days=1):
        found.add(fire.hour * 60 + fire.minute)
        fire = trigger.get_next_fire_time(fire, fire)
    return found
