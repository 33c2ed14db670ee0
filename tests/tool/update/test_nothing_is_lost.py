"""Whatever its owner did to a file, each line of theirs is in what an update makes of it."""

import tempfile
from pathlib import Path

from herokuclock.record import Record, blob_id
from herokuclock.update import merge, plan
from hypothesis import given
from hypothesis import strategies as st

TEMPLATE = [f"line {number}" for number in range(12)]
VERSIONS = ("herokuclock 1", "herokuclock 2")
# Where, how many lines of the template go there, and what comes in their place.
EDITS = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 3), st.lists(st.sampled_from("abc"), max_size=2)),
    max_size=4,
)


def edited(edits: list[tuple[int, int, list[str]]], whose: str) -> list[str]:
    lines = list(TEMPLATE)
    for place, number, words in edits:
        new = [f"{whose} {word}{count}" for count, word in enumerate(words)]
        lines[place : place + number] = new
    return lines


def text(lines: list[str], end: str, last: bool) -> bytes:
    return (end.join(lines) + (end if last else "")).encode()


@given(
    mine=EDITS,
    theirs=EDITS,
    windows=st.booleans(),
    last=st.booleans(),
    known=st.booleans(),
    name=st.sampled_from(["app.py", "requirements.txt"]),
)
def test_every_line_of_the_owner_s_is_in_the_result(
    mine: list[tuple[int, int, list[str]]],
    theirs: list[tuple[int, int, list[str]]],
    windows: bool,
    last: bool,
    known: bool,
    name: str,
) -> None:
    base = text(TEMPLATE, "\n", last=True)
    ours = text(edited(mine, "mine"), "\r\n" if windows else "\n", last)
    old = Record("1", {}, {name: blob_id(base)}, {name: base} if known else {})
    new = {name: text(edited(theirs, "theirs"), "\n", last=True)}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / name).write_bytes(ours)

        made = plan.make(root, old, new, VERSIONS, every_pin=True)

        changed = {step.path: step for step in made.steps}
    result = changed[name].content if name in changed else ours
    assert result is not None
    # Letter by letter, but for the line end that a last line was without.
    lines = result.replace(b"\r\n", b"\n").split(b"\n")
    kept = [line for line in merge.plain(ours).split(b"\n") if line.startswith(b"mine")]
    assert [line for line in kept if lines.count(line) < kept.count(line)] == []
    if name in changed and changed[name].what != plan.CONFLICTS:
        assert b"<<<<<<<" not in result
    wanted = [line.encode() for line in edited(theirs, "theirs") if line.startswith("theirs")]
    beside = changed[name + plan.BESIDE].content if name + plan.BESIDE in changed else result
    assert beside is not None and all(line in merge.plain(beside).split(b"\n") for line in wanted)
