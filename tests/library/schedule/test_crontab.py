"""Crontab lines fire when crontab would run them: cronsim, an independent reading, decides."""

import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice, repeat, takewhile

import pytest
from clockdyno.schedule import ScheduleError
from clockdyno.schedule.typed import build, parse
from cronsim import CronSim
from support.rows import rows

YEAR = 2027
MONTH_NAMES = "jan feb mar apr may jun jul aug sep oct nov dec".split()
DAY_NAMES = "sun mon tue wed thu fri sat".split()
END = datetime(YEAR + 1, 1, 1, tzinfo=UTC)


def fires(text: str, start: datetime) -> Iterator[datetime]:
    """The fires of all triggers of one line, an instant once, as the clock joins them."""
    triggers = [build(schedule, "UTC") for schedule in parse(text)]
    last = None
    while True:
        nexts = [trigger.get_next_fire_time(last, last or start) for trigger in triggers]
        last = min((fire for fire in nexts if fire), default=None)
        if last is None:
            return
        yield last


def item(chance: random.Random, low: int, high: int, names: list[str] | None = None) -> str:
    first, last = sorted((chance.randint(low, high), chance.randint(low, high)))
    shown = (lambda n: names[(n - low) % len(names)]) if names and chance.random() < 0.4 else str
    step = chance.randint(1, max(1, (last - first)))
    kinds = {
        "value": shown(first),
        "range": f"{first}-{last}",
        "stepped": f"{first}-{last}/{step}" if last > first else shown(first),
        "open": f"*/{chance.randint(1, min(12, high - low))}",
        "from": f"{first}/{chance.randint(1, high - first)}" if first < high else shown(first),
    }
    return kinds[chance.choice(list(kinds))]


def field(chance: random.Random, low: int, high: int, names: list[str] | None = None) -> str:
    if chance.random() < 0.35:
        return "*"
    return ",".join(item(chance, low, high, names) for _ in range(chance.choice((1, 1, 1, 2, 3))))


def weekday(chance: random.Random) -> str:
    special = f"{chance.randint(0, 7)}#{chance.randint(1, 5)}", f"{chance.randint(0, 7)}L"
    if chance.random() < 0.2:
        return ",".join(chance.sample([*special, chance.choice(DAY_NAMES)], chance.randint(1, 2)))
    return field(chance, 0, 7, DAY_NAMES)


def line(chance: random.Random) -> str:
    day = field(chance, 1, 31) if chance.random() < 0.9 else chance.choice(("L", "1,L", "L,15"))
    parts = [field(chance, 0, 59), field(chance, 0, 23), day]
    return " ".join([*parts, field(chance, 1, 12, MONTH_NAMES), weekday(chance)])


def lines(count: int) -> list[str]:
    """Lines that say something different: cronsim and crontab refuse none of them."""
    chance = random.Random(20270105)
    found: dict[str, None] = {}
    while len(found) < count:
        found[line(chance)] = None
    return list(found)


def differences(
    text: str, starts: list[datetime], limit: int, ends: Iterable[datetime] = repeat(END)
) -> list[str]:
    """Compare the fires from each start to its end, so many of them at most."""
    found = []
    for start, end in zip(starts, ends, strict=False):
        expected = list(islice(takewhile(end.__gt__, CronSim(text, start)), limit))
        own = (fire for fire in fires(text, start) if fire > start)
        actual = list(islice(takewhile(end.__gt__, own), limit))
        if actual != expected:
            first = next(
                (pair for pair in zip(actual, expected, strict=False) if len({*pair}) > 1), ""
            )
            found.append(f"{text}: from {start}: {first}, {len(actual)} and {len(expected)} fires")
    return found


def readable(texts: list[str]) -> list[str]:
    return [text for text in texts if not refusal(text)]


def refusal(text: str) -> str:
    try:
        CronSim(text, END)
        parse(text)
    except ScheduleError as error:
        return error.message
    except Exception as error:
        return str(error)
    return ""


def test_50_lines_fire_as_in_crontab() -> None:
    starts = [datetime(YEAR, month, 1, tzinfo=UTC) for month in (1, 3, 6, 9, 12)]
    texts = readable(lines(60))[:50]
    assert len(texts) == 50
    assert [found for text in texts for found in differences(text, starts, 25)] == []


@pytest.mark.slow
def test_400_lines_fire_as_in_crontab_in_each_month_of_a_year() -> None:
    """A line that fires up to twice a day is looked at whole; of others, the first of a month."""
    firsts = [datetime(YEAR, month, 1, tzinfo=UTC) for month in range(1, 13)]
    starts = [first - timedelta(minutes=1) for first in firsts]
    texts = readable(lines(440))[:400]
    ends = [*firsts[1:], END]
    assert [found for text in texts for found in differences(text, starts, 62, ends)] == []


@pytest.mark.parametrize("count", rows((1000, 2000), (1000,)))
def test_only_two_kinds_of_lines_are_refused_that_crontab_takes(count: int) -> None:
    reasons = {refusal(text) for text in lines(count)} - {""}
    known = ("need two triggers", "Bad day-of-month", "the step", "leads nowhere")
    assert [reason for reason in reasons if not any(word in reason for word in known)] == []
