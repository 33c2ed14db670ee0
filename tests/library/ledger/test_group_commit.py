"""What several threads want written at one moment is written at once, and told each by itself."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from clockdyno.ledger import group_commit, outages
from clockdyno.ledger.group_commit import GroupCommit

AWAY = sa.exc.OperationalError("", {}, psycopg.OperationalError("the connection is lost"))
FIRST, MANY = "first", range(9)


class Herd:
    """A lone note that is being written, and many that come meanwhile."""

    def __init__(self, *bad: Any, error: BaseException | None = None) -> None:
        self.bad, self.error = bad, error
        self.batches: list[list[Any]] = []
        self._is_writing, self._goes_on = threading.Event(), threading.Event()
        self.commit = GroupCommit(self.end, self.write)

    def write(self, facts: Sequence[Any]) -> list[Any]:
        """Write a batch, the first one slowly."""
        self.batches.append([*facts])
        if FIRST in facts:
            self._is_writing.set()
            assert self._goes_on.wait(60)
        if self.error and set(self.bad) & {*facts}:
            raise self.error
        return [f"{fact} is written" for fact in facts]

    def end(self, facts: Sequence[Any]) -> list[Any]:
        """Write what is of the other kind."""
        return self.write(facts)

    def outcomes(self, others: Sequence[Any] = ()) -> dict[Any, Any]:
        """Let all of them be written, and return what came of each."""
        wanted = [(self.write, fact) for fact in MANY] + [(self.end, fact) for fact in others]
        with ThreadPoolExecutor(len(wanted) + 1) as pool:
            found = {FIRST: pool.submit(self.commit.write, self.write, FIRST)}
            assert self._is_writing.wait(60)
            found |= {
                fact: pool.submit(self.commit.write, *each) for each in wanted for fact in each[1:]
            }
            while len(self.commit._notes) < len(wanted):
                threading.Event().wait(0.001)
            self._goes_on.set()
            return {fact: one.exception(60) or one.result() for fact, one in found.items()}


def test_a_lone_note_waits_for_nobody_and_what_comes_meanwhile_goes_together() -> None:
    herd = Herd()
    found = herd.outcomes()

    assert found == {fact: f"{fact} is written" for fact in (FIRST, *MANY)}
    assert [sorted(map(str, batch)) for batch in herd.batches] == [[FIRST], [*map(str, MANY)]]


def test_who_is_announced_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_commit, "MOMENT", 600)
    herd = Herd()
    herd.commit.expect(len(MANY))
    with ThreadPoolExecutor(len(MANY)) as pool:
        list(pool.map(lambda fact: herd.commit.write(herd.write, fact), MANY))

    assert [sorted(batch) for batch in herd.batches] == [[*MANY]]


def test_who_is_announced_and_does_not_come_is_given_up_after_a_moment() -> None:
    herd = Herd()
    herd.commit.expect(2)

    assert herd.commit.write(herd.write, "alone") == "alone is written"


def test_who_stands_back_goes_on_when_nobody_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_commit, "MOMENT", 600)
    herd = Herd()
    herd.commit.stand_back()
    with ThreadPoolExecutor(2) as pool:
        written = pool.submit(herd.commit.write, herd.write, FIRST)
        assert herd._is_writing.wait(60)
        stood_back = pool.submit(herd.commit.stand_back)
        assert not stood_back.done()
        herd._goes_on.set()
        stood_back.result(60)

        assert written.result(60) == f"{FIRST} is written"


def test_what_ends_is_written_before_what_begins() -> None:
    herd = Herd()
    herd.outcomes(["an end"])

    assert [len(batch) for batch in herd.batches] == [1, 1, len(MANY)]
    assert herd.batches[1] == ["an end"]


def test_who_ends_and_begins_again_goes_with_those_who_wait_to_begin(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(group_commit, "MOMENT", 20)  # After that it fails.
    herd = Herd()

    def run(*notes: Any) -> None:
        for write, fact in notes:
            herd.commit.write(write, fact)

    with ThreadPoolExecutor(9) as pool:
        told = [pool.submit(run, (herd.write, FIRST), (herd.write, 9))]
        assert herd._is_writing.wait(60)
        told += [pool.submit(run, (herd.write, fact)) for fact in (5, 6, 7, 8)]
        told += [pool.submit(run, (herd.end, -fact), (herd.write, fact)) for fact in (1, 2, 3, 4)]
        while len(herd.commit._notes) < 8:
            threading.Event().wait(0.001)
        herd._goes_on.set()
        [one.result(60) for one in told]

    assert [sorted(batch) for batch in herd.batches[1:]] == [[-4, -3, -2, -1], [*range(1, 10)]]


def test_what_is_wrong_with_one_of_them_condemns_none_of_the_others() -> None:
    wrong = ValueError("7 cannot be written")
    found = Herd(7, error=wrong).outcomes()

    assert found.pop(7) is wrong
    assert set(found.values()) == {f"{fact} is written" for fact in found}


def test_while_the_database_is_away_nobody_asks_it_for_each_of_them() -> None:
    herd = Herd(7, error=AWAY)
    found = herd.outcomes()

    assert found.pop(FIRST) == f"{FIRST} is written" and set(found.values()) == {AWAY}
    assert len(herd.batches) == 2


def test_who_is_interrupted_before_its_own_kind_is_written_keeps_nobody_from_going_on() -> None:
    herd = Herd("an end", error=KeyboardInterrupt())
    found = herd.outcomes(["an end"])

    assert outages.passes(found.pop("an end"))
    interrupted = [fact for fact, one in found.items() if isinstance(one, KeyboardInterrupt)]
    assert len(interrupted) == 1 and interrupted[0] in MANY
    assert interrupted[0] not in herd.batches[-1] and len(herd.batches[-1]) == len(MANY) - 1
    assert herd.commit.write(herd.write, "later") == "later is written"


@pytest.mark.parametrize("bad", [FIRST, 7])
def test_who_is_interrupted_while_it_writes_for_others_leaves_nobody_waiting(bad: Any) -> None:
    herd = Herd(bad, error=KeyboardInterrupt())
    found = herd.outcomes()

    assert sum(isinstance(one, KeyboardInterrupt) for one in found.values()) == 1
    lost = [one for one in found.values() if isinstance(one, Exception)]
    assert len(lost) == (0 if bad == FIRST else len(MANY) - 1)
    assert all(map(outages.passes, lost))
    assert herd.commit.write(herd.write, "later") == "later is written"
