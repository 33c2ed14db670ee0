"""jobs.py as text: what add and remove do to it, byte for byte; its time zone."""

import ast
import os
import warnings

import pytest
from herokuclock.errors import HerokuclockError
from herokuclock.jobs import file as jobs_file
from hypothesis import given
from hypothesis import strategies as st
from support.jobs_files import (
    ARTICLE,
    EVERY_DAY,
    FEW,
    FILES,
    FORMATTED,
    LONG,
    unformatted,
)


@pytest.mark.parametrize("schedules", [EVERY_DAY, [FEW], [LONG], [FEW, ARTICLE, LONG]])
@pytest.mark.parametrize("source", FILES.values(), ids=FILES)
def test_add_then_remove_gives_back_the_same_bytes(source, schedules):
    added = jobs_file.add(source, "report", schedules)
    assert jobs_file.remove(added, "report") == source


@pytest.mark.parametrize("source", FILES.values(), ids=FILES)
def test_jobs_added_one_after_the_other_come_out_again_in_turn(source):
    once = jobs_file.add(source, "report", EVERY_DAY)
    twice = jobs_file.add(once, "mail", [FEW], doc='Send O\'Brien "the" mail \\o/')
    assert jobs_file.remove(twice, "mail") == once
    assert jobs_file.remove(jobs_file.remove(twice, "mail"), "report") == source


def test_formatted_files_stay_formatted():
    assert unformatted(["x  = 1\n", "x = 1\n"]) == ["x  = 1\n"]
    texts = list(FORMATTED.values())
    for source in FORMATTED.values():
        for schedules in (EVERY_DAY, [ARTICLE], [LONG], [FEW, ARTICLE, LONG]):
            added = jobs_file.add(source, "report", schedules)
            more = jobs_file.add(added, "mail", [FEW])
            # Also when they come out in the other order.
            texts += [added, more, jobs_file.remove(more, "report")]

    assert unformatted(texts) == []


@pytest.mark.parametrize("source", FILES.values(), ids=FILES)
def test_every_line_that_was_there_is_still_there(source):
    added = jobs_file.add(source, "report", EVERY_DAY)
    same = len(os.path.commonprefix([source, added]))  # noqa: RUF071, of texts
    # One piece of text went in, nothing else changed.
    assert any(added.endswith(source[cut:]) for cut in range(same + 1))


@st.composite
def edited(draw):
    lines = draw(st.sampled_from(sorted(FILES.values()))).splitlines(keepends=True)
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(lines)))
        lines.insert(
            at,
            draw(
                st.sampled_from(
                    ["\n", "\r\n", "  \n", "# note\n", "    # note\n", "x = 1\n", "#\r\n", "\n\n\n"]
                )
            ),
        )
    if draw(st.booleans()):
        lines[-1] = lines[-1].rstrip("\r\n")
    return "".join(lines)


@pytest.mark.hypothesis
def test_add_then_remove_gives_back_the_same_bytes_of_any_edited_file():
    pairs = []
    add_and_remove(pairs)

    before, after = (list(texts) for texts in zip(*pairs, strict=True))
    rough, rough_now = set(unformatted(before)), set(unformatted(after))
    assert [made for source, made in pairs if source not in rough and made in rough_now] == []


@given(
    source=edited(),
    schedules=st.sampled_from([EVERY_DAY, [LONG], [FEW, ARTICLE]]),
    twice=st.booleans(),
)
def add_and_remove(pairs, source, schedules, twice):
    try:
        with warnings.catch_warnings(action="ignore"):
            ast.parse(source.removeprefix("\ufeff"))
    except SyntaxError:
        with pytest.raises(HerokuclockError, match="does not parse"):
            jobs_file.add(source, "report", schedules)
        return
    added = jobs_file.add(source, "report", schedules)
    if twice:
        again = jobs_file.add(added, "mail", [FEW])
        assert jobs_file.remove(again, "mail") == added
    assert jobs_file.remove(added, "report") == source
    pairs.append((source, added))


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_time_zone_is_replaced_and_nothing_else(newline):
    source = "\ufeffx = \"é\"; sched = Clock(timezone='UTC', x=1)  # UTC\nsched.start()\n"
    source = source.replace("\n", newline)
    expected = source.replace("'UTC'", '"Europe/Berlin"')
    assert jobs_file.set_timezone(source, "Europe/Berlin") == expected
    assert jobs_file.timezone(expected) == "Europe/Berlin"


@pytest.mark.parametrize("zone", ['x")', "a\nb", "", "\\", "{{7*7}}", "Europe/Berlin\n"])
def test_a_zone_that_is_no_name_of_a_zone_never_gets_into_the_file(zone):
    with pytest.raises(HerokuclockError, match="is no time zone"):
        jobs_file.set_timezone(FORMATTED["template"], zone)


@pytest.mark.parametrize("call", ["Clock()", "Clock(timezone=ZONE)", "Clock('UTC')"])
def test_a_zone_that_is_no_literal_is_not_replaced(call):
    source = FORMATTED["template"].replace('Clock(timezone="UTC")', call)
    with pytest.raises(HerokuclockError, match="no time zone that can be replaced"):
        jobs_file.set_timezone(source, "Europe/Berlin")


def test_a_large_file_is_edited():
    source = FORMATTED["template"] + "".join(
        f"\n\ndef f{i}():\n    return {i}\n" for i in range(1_000)
    )
    added = jobs_file.add(source, "report", EVERY_DAY)
    assert jobs_file.remove(added, "report") == source
