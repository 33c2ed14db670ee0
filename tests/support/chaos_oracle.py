"""Judges what came of chaos: each due time beside its rows, and what the runs themselves said."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any, NamedTuple

SOON = 60  # seconds
REUSED = 120  # seconds after which a pid may be another process's
Due = tuple[str, datetime]  # what a row is known by: its job and its time


class Said(NamedTuple):
    """What a run said of itself, and which process it was; the moment by this machine's clock."""

    what: str
    pid: int
    at: float


@dataclass
class Findings:
    """How many due times fared how; findings of several pieces are added up."""

    due: int = 0
    absent: int = 0  # no row at all
    double: int = 0  # begun by two runs, or two rows
    ran: int = 0
    soon: int = 0  # of those: within a minute
    cut: int = 0  # of those: their process was ended in the middle
    lost: int = 0  # claimed, and killed before the job's first line
    missed: int = 0
    skipped: int = 0
    wrong: list[str] = field(default_factory=list)  # where the ledger and the runs disagree

    def __add__(self, other: "Findings") -> "Findings":
        names = [one.name for one in fields(self)]
        return Findings(**{name: getattr(self, name) + getattr(other, name) for name in names})


class Interference(NamedTuple):
    """What was done to the processes (by pid) and to the database, and when."""

    harmed: Mapping[int, Sequence[float]]
    away: Sequence[float]

    def excuses(self, begins: Sequence[Said]) -> bool:
        """Say whether a run that may be done again after a death had to begin so often."""
        first, last = begins[0].at, begins[-1].at
        if any(first < moment < last for moment in self.away):
            return True
        return sum(not self._is_harmed(one, last) for one in begins) <= 1

    def _is_harmed(self, begin: Said, until: float) -> bool:
        return any(begin.at - REUSED < at < until for at in self.harmed.get(begin.pid, ()))


def read(lines: Iterable[str]) -> dict[Due, list[Said]]:
    """Read what the runs said, each run's words in the order in which they were said."""
    said = defaultdict[Due, list[Said]](list)
    for line in lines:
        what, job, due, pid, at = line.split()
        said[job, datetime.fromisoformat(due)].append(Said(what, int(pid), float(at)))
    for words in said.values():
        words.sort(key=lambda one: one.at)
    return said


def in_a_run(said: Mapping[Due, Sequence[Said]], killed: Iterable[tuple[int, float]]) -> int:
    """Count the processes that were killed while something ran in them."""
    open_since = defaultdict[int, list[float]](list)
    for words in said.values():
        ended = {one.pid for one in words if one.what != "begin"}
        for one in words:
            if one.what == "begin" and one.pid not in ended:
                open_since[one.pid].append(one.at)
    return sum(any(at - REUSED < since <= at for since in open_since[pid]) for pid, at in killed)


def judge(
    due: set[Due],
    rows: Sequence[Any],
    said: Mapping[Due, Sequence[Said]],
    interference: Interference,
    again: Iterable[str] = (),
) -> Findings:
    """Judge all that was certainly due; of other rows only what they claim is looked at.

    A job that is run at most once begins once, and once more for each failure that it told. Those
    in `again` may begin anew where a process or the database was interfered with.
    """
    found, states = Findings(due=len(due)), defaultdict[Due, list[str]](list)
    for row in rows:
        states[row.job_id, row.scheduled_at.astimezone(UTC)] += [row.state] * row.count
    for key in due:
        _count(found, states.get(key, []), said.get(_plain(key), ()), key[1].timestamp())
    found.wrong += [f"{_told(key)}: absent" for key in sorted(due - states.keys())]
    for key, words in said.items():
        begins = [one for one in words if one.what == "begin"]
        fails = sum(one.what == "fail" for one in words)
        excused = key[0] in again and begins and interference.excuses(begins)
        if len(begins) > 1 + fails and not excused:
            found.double += 1
            found.wrong.append(f"{_told(key)} began {len(begins)} times: {words}")
    for key, told in states.items():
        whats = Counter(one.what for one in said.get(_plain(key), ()))
        if contradiction := _contradiction(told, whats):
            found.wrong.append(f"{_told(key)}: {contradiction}")
    return found


def _count(found: Findings, states: Sequence[str], words: Sequence[Said], due_at: float) -> None:
    begins = [one.at for one in words if one.what == "begin"]
    found.absent += not states
    found.double += len(states) > 1
    if begins:
        found.ran += 1
        found.soon += begins[0] - due_at <= SOON
        found.cut += not any(one.what == "end" for one in words)
    elif states:
        found.lost += states[0] == "lost"
        found.missed += states[0] == "missed"
        found.skipped += states[0] == "skipped"


def _contradiction(states: Sequence[str], words: Mapping[str, int]) -> str | None:
    if len(states) > 1:
        return f"{len(states)} rows"
    (state,) = states
    if state == "succeeded" and not words.get("end"):
        return "succeeded, and the run did not say so"
    if state in ("missed", "skipped") and words.get("begin"):
        return f"{state}, and it began"
    if state in ("running", "requested"):
        return f"still {state}"
    return None


def _plain(key: Due) -> Due:
    """Return what a run calls itself: a schedule's key without its row's mark."""
    return key[0].partition("~")[0], key[1]


def _told(key: Due) -> str:
    return f"{key[0]} {key[1].isoformat()}"
