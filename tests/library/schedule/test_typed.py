"""What people type for a schedule, case by case: cases/*.txt, one file a dialect."""

import ast
import subprocess
import sys

import pytest
from clockdyno.schedule import ScheduleError
from clockdyno.schedule.refusal import EXAMPLES
from clockdyno.schedule.typed import Schedule, parse
from support.cases import UNDERSTOOD, cases


def refused(text: str, timezone: str | None = None) -> ScheduleError:
    with pytest.raises(ScheduleError) as error:
        parse(text, timezone)
    return error.value


def read(text: str) -> str | ScheduleError:
    """Return what a text is taken for, or how it is refused."""
    try:
        return " ;; ".join(schedule.source() for schedule in parse(text))
    except ScheduleError as error:
        return error


@pytest.mark.parametrize("dialect", UNDERSTOOD)
def test_what_people_type_becomes_plain_keywords(dialect: str) -> None:
    found = [(text, read(text), expected) for text, expected in cases(dialect)]
    assert found and [each for each in found if each[1] != each[2]] == []


def test_what_cannot_be_meant_is_refused_with_the_reason() -> None:
    found = [(text, read(text), expected) for text, expected in cases("refused.txt")]
    assert found and [each for each in found if not is_refused(*each[1:])] == []


def is_refused(found: str | ScheduleError, expected: str) -> bool:
    """Say whether a text is refused with this reason and this hint, each whole or a part of it."""
    reason, _, hint = (part.strip() for part in expected.partition("|"))
    return (
        isinstance(found, ScheduleError)
        and reason in found.message
        and hint in found.hint
        and found.message.endswith((".", "?"))
        and found.hint != ""
        and found.code == 2
    )


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_in_a_hint_can_be_typed(example: str) -> None:
    assert parse(example)


def test_the_keywords_stand_in_apschedulers_order() -> None:
    (schedule,) = parse("cron timezone=UTC second=1 hour=3 minute=2 month=5 jitter=9")
    assert list(schedule.keywords) == ["month", "hour", "minute", "second", "timezone", "jitter"]
    assert schedule == Schedule("cron", dict(schedule.keywords))


def test_a_given_time_zone_is_for_texts_that_name_none() -> None:
    (schedule,) = parse("weekdays at 9", timezone="new york")
    assert schedule.keywords["timezone"] == "America/New_York"
    (schedule,) = parse("weekdays at 9 in Berlin", timezone="UTC")
    assert schedule.keywords["timezone"] == "Europe/Berlin"
    assert refused("weekdays at 9", "Berln").message == 'timezone: "Berln" is not a time zone.'


def test_nothing_and_spaces_are_refused_with_examples() -> None:
    for text in ("", " ", "\n", "''"):
        assert refused(text).message == "there is no schedule."
        assert "every 15 minutes" in refused(text).hint


def test_more_than_300_characters_are_refused() -> None:
    assert parse("every 15 minutes".ljust(300))
    error = refused("every 15 minutes".ljust(301))
    assert error.message == "a schedule of 301 characters is too long: at most 300 are read."


@pytest.mark.parametrize("text", ["\x1b[31mred", "a\x00b", "\ud800", "every \u202eday", "a\nb"])
def test_a_message_shows_no_control_characters(text: str) -> None:
    error = refused(text)
    assert (error.message + error.hint).isprintable()


def test_source_is_python_for_any_text() -> None:
    for text in ('"', "\\", "'\"", "\n", "\ud800", "é💥", '\\"', "{}%s"):
        source = Schedule("cron", {"hour": text}).source()
        assert source.isascii()
        call = ast.parse(f"job({source})", mode="eval").body
        assert isinstance(call, ast.Call)
        assert ast.literal_eval(call.keywords[0].value) == text


def test_the_parser_loads_nothing_heavy() -> None:
    heavy = "apscheduler", "hypothesis", "rich", "questionary", "difflib", "zoneinfo"
    code = f"import sys, clockdyno.schedule.typed; print([m for m in {heavy} if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout == "[]\n", result.stderr
