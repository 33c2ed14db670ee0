"""What is understood, or offered, fires as its author meant, in any dialect."""

import random

import pytest
from clockdyno.schedule import ScheduleError
from clockdyno.schedule.typed import parse
from support.dialects import DIALECTS, Case, fires
from support.fire_times import fires_of

# What may be refused: crontab joins a place or a list of days in ways that need more triggers.
UNDERSTOOD = {"five_with_question_mark": 0.2, "six": 0.0, "seven": 0.0, "english": 0.85}


def wrong(case: Case, most: int) -> list[str]:
    """Return what was understood or offered otherwise than it was meant, by its first fires."""
    text, meanings = case
    meant = fires(meanings, most)
    try:
        found = fires_of(parse(text), most)
        return [] if found == meant else [f"{text}: {found[:3]} instead of {meant[:3]}"]
    except ScheduleError as error:
        offered = [fires_of(parse(reading), most) for reading in error.readings]
        if not offered or (meant in offered and len(offered) > 1) or offered == [meant]:
            return []
        return [f"{text}: offers {list(error.readings)}"]


def is_understood(text: str) -> bool:
    try:
        return bool(parse(text))
    except ScheduleError:
        return False


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.__name__)
def test_20_texts_of_a_dialect_mean_what_they_mean_there(dialect) -> None:
    chance = random.Random(dialect.__name__)
    cases = [dialect(chance) for _ in range(20)]
    assert [found for case in cases for found in wrong(case, 300)] == []
    share = sum(is_understood(text) for text, _ in cases) / len(cases)
    assert share >= UNDERSTOOD.get(dialect.__name__, 1.0)


@pytest.mark.slow
@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.__name__)
def test_1000_texts_of_a_dialect_mean_what_they_mean_there(dialect) -> None:
    chance = random.Random(f"{dialect.__name__} 2")
    cases = [dialect(chance) for _ in range(1000)]
    assert [found for case in cases for found in wrong(case, 100)] == []
