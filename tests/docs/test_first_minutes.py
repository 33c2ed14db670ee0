"""The recorded session: short enough to be watched, and what the program prints today."""

import json
import re
import runpy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from clockdyno import logs
from herokuclock import event_words
from herokuclock.run import addresses
from support.doc_blocks import DOCS
from support.files import REPOSITORY
from support.program import Run

CAST = DOCS / "first-minutes.cast"
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
# What hangs on the machine and on the moment at which it was recorded.
OWN = re.compile(r"  (timezone|python|packages)  .*")
PASSING = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun) +\d+ \w{3}( \d{4})?|in \d+ (s|min|h)\b")


@pytest.fixture(scope="module")
def cast() -> tuple[dict[str, Any], list[str]]:
    """Return the head of the recording, and the lines of its terminal."""
    head, *events = map(json.loads, CAST.read_text(encoding="utf-8").splitlines())
    return head, runpy.run_path(str(DOCS / "asciicast.py"))["screen"](events)


def shape(line: str) -> str:
    """Return a line without what is otherwise each time."""
    known = OWN.sub(r"  \1", line)
    return re.sub(r"\d+(\.\d+)?", "0", PASSING.sub("", known)).strip()


def test_it_is_a_terminal_of_80_columns_and_takes_under_40_lines(
    cast: tuple[dict[str, Any], list[str]],
) -> None:
    head, lines = cast

    assert (head["version"], head["width"], head["height"]) == (2, 80, 24)
    assert len(lines) < 40
    assert max(map(len, lines)) <= 80
    assert [line for line in lines if line.startswith("$ ")] == [
        "$ herokuclock new myapp --yes",
        "$ cd myapp",
        "$ herokuclock add tick every 20 seconds",
        "$ herokuclock run",
    ]


def test_new_and_add_print_today_what_it_shows(
    cast: tuple[dict[str, Any], list[str]], run: Run
) -> None:
    shown = "\n".join(map(shape, cast[1]))

    made = run("new", "myapp", "--yes").stdout
    added = run("add", "tick", "every", "20", "seconds", cwd=Path("myapp")).stdout

    for printed in (made, added):
        assert "\n".join(map(shape, printed.splitlines())) in shown


def test_run_says_today_what_it_shows(cast: tuple[dict[str, Any], list[str]]) -> None:
    shown = [shape(line.removeprefix("clock   | ")) for line in cast[1]]
    at = {"job": "tick", "scheduled_at": NOW}
    events = (
        logs.line(at="start", jobs=2, zone="UTC"),
        logs.line(at="job", job="tick", next=NOW.replace(second=10)),
        logs.line(at="run", **at, state="running"),
        logs.line(at="run", **at, took=0.001, state="succeeded"),
        logs.line(level="info", name="jobs", msg="tick ran"),
        logs.line(at="stop", lost=0),
    )

    for event in events:
        words = shape(event_words.in_words(event, UTC, NOW))
        assert re.sub(" 0:0(:0)?", "", words) in [re.sub(" 0:0(:0)?", "", line) for line in shown]
    assert any(line.endswith(addresses.DASHBOARD) for line in shown)


def test_the_readme_leads_to_it() -> None:
    assert "(docs/first-minutes.cast)" in (REPOSITORY / "README.md").read_text(encoding="utf-8")
