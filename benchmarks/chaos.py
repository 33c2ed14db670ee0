"""Clocks and workers that are killed thousands of times: what became of each time that was due.

`python -m benchmarks chaos --kills 10000 --record chaos.json`; the same command again goes on where
the last one was interrupted. What is done, to which jobs, and who judges: tests/support/chaos*.py.
"""

import argparse
import contextlib
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from support.chaos_oracle import Findings
from support.chaos_scenario import Scenario
from support.postgres import Postgres
from support.site import Site
from support.workers import WorkerSite

from benchmarks.progress import doing, show

PIECE = 2_500  # kills, each piece on a database of its own
CLOCKS = (4, 3, 2, 4)  # of the pieces
WORKERS, SCHEDULES, EVERY = 3, 150, 100
DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass
class Chaos:
    """What was done to one database's clocks, in how long, and what came of it."""

    seconds: float = 0
    pieces: int = 0
    done: dict[str, int] = field(default_factory=dict)
    found: Findings = field(default_factory=Findings)

    def count(self, what: str) -> int:
        """Say how often something was done."""
        return self.done.get(what, 0)


def main(words: Sequence[str]) -> int:
    """Run what is left of it, print the table, and return 1 if anything is absent or double."""
    args = _parser().parse_args(words)
    record = _read(args.record)
    for name in args.database or DATABASES:
        all_of_it = record.setdefault(name, Chaos())
        while (left := args.kills - all_of_it.count("SIGKILL")) > 0:
            _piece(name, all_of_it, min(left, PIECE), args)
            _write(args.record, record)
    for line in _table(record):
        show(line)
    found = [one.found for one in record.values()]
    for text in [text for one in found for text in one.wrong][:50]:
        print(text, file=sys.stderr)
    return int(any(one.absent or one.double or one.wrong for one in found))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m benchmarks chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=10_000, help="of each database's processes")
    parser.add_argument("--database", action="append", choices=DATABASES, help="both by default")
    parser.add_argument("--record", type=Path, help="a file to keep what is done and go on from")
    parser.add_argument("--seed", type=int, default=0, help="of the dice")
    return parser


def _piece(name: str, so_far: Chaos, kills: int, args: argparse.Namespace) -> None:
    number, began = so_far.pieces, time.monotonic()
    doing(f"{DATABASES[name]}: starting piece {number + 1}")
    with _site(name) as (site, postgres):
        workers = WORKERS if postgres else 0
        clocks, seed = CLOCKS[number % len(CLOCKS)], args.seed + number
        scenario = Scenario(
            site,
            postgres,
            clocks=clocks,
            workers=workers,
            schedules=SCHEDULES,
            pause=0.25,
            seed=seed,
        )
        watch = _watcher(DATABASES[name], scenario, so_far.count("SIGKILL"), args.kills)
        so_far.found += scenario.run(kills, watch)
        so_far.done = dict(Counter(so_far.done) + scenario.chaos.done)
    so_far.pieces += 1
    so_far.seconds += time.monotonic() - began


@contextlib.contextmanager
def _site(name: str) -> Iterator[tuple[Site, Postgres | None]]:
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        here = Path(folder)
        if name == "sqlite":
            site = Site(here / "site", f"sqlite:///{here / 'ledger.sqlite3'}")
            yield stack.enter_context(contextlib.closing(site)), None
            return
        postgres = stack.enter_context(contextlib.closing(Postgres(durable=True)))
        site = WorkerSite(here / "site", postgres.create())
        yield stack.enter_context(contextlib.closing(site)), postgres


def _watcher(name: str, scenario: Scenario, before: int, goal: int) -> Callable[[], bool]:
    done, told, began = scenario.chaos.done, [0], time.monotonic()

    def watch() -> bool:
        if done["SIGKILL"] < told[0] + EVERY:
            return True
        told[0] = done["SIGKILL"]
        rate = told[0] / (time.monotonic() - began)
        doing(
            f"{name}: {before + told[0]:,} of {goal:,} killed, {rate:.1f} a second;"
            f" in this piece {done['SIGTERM']} told to stop, {done['SIGSTOP']} frozen,"
            f" the database restarted {done['database']} times"
        )
        return True

    return watch


def _table(record: dict[str, Chaos]) -> Iterator[str]:
    yield "| | " + " | ".join(DATABASES[name] for name in record) + " |"
    yield "| --- |" + " --- |" * len(record)
    for label, told in LINES.items():
        yield f"| {label} | " + " | ".join(told(one) for one in record.values()) + " |"


def _share(part: int, all: int) -> str:
    return f"{part:,} ({part / max(all, 1):.2%})"


LINES: dict[str, Callable[[Chaos], str]] = {
    "processes killed (SIGKILL)": lambda one: f"{one.count('SIGKILL'):,}",
    "of those while they started": lambda one: f"{one.count('at start'):,}",
    "of those with a run under way": lambda one: f"{one.count('in a run'):,}",
    "told to stop (SIGTERM)": lambda one: f"{one.count('SIGTERM'):,}",
    "frozen for a while (SIGSTOP)": lambda one: f"{one.count('SIGSTOP'):,}",
    "database crashed and restarted": lambda one: str(one.count("database") or "it is a file"),
    "minutes": lambda one: f"{one.seconds / 60:.0f}",
    "times that were due": lambda one: f"{one.found.due:,}",
    "**absent**: no row at all": lambda one: f"**{one.found.absent}**",
    "**double**: begun by two runs": lambda one: f"**{one.found.double}**",
    "the ledger and what the runs said disagree": lambda one: f"{len(one.found.wrong)}",
    "ran within 60 s": lambda one: _share(one.found.soon, one.found.due),
    "ran at all": lambda one: _share(one.found.ran, one.found.due),
    "of those cut in the middle by a kill": lambda one: f"{one.found.cut:,}",
    "lost: killed before the job's first line": lambda one: f"{one.found.lost:,}",
    "missed: too late, or a later time ran instead": lambda one: f"{one.found.missed:,}",
    "skipped: the run before still went on": lambda one: f"{one.found.skipped:,}",
}


def _read(file: Path | None) -> dict[str, Chaos]:
    if not (file and file.exists()):
        return {}
    return {name: _chaos(**facts) for name, facts in json.loads(file.read_text()).items()}


def _chaos(found: dict[str, Any], **facts: Any) -> Chaos:
    return Chaos(**facts, found=Findings(**found))


def _write(file: Path | None, record: dict[str, Chaos]) -> None:
    if file:
        texts = {name: asdict(one) for name, one in record.items()}
        file.write_text(json.dumps(texts, indent=1) + "\n")
