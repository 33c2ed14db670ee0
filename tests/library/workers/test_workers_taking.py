"""What a worker takes from the queue has begun, be it that the database did not get to say so."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from clockdyno.clock.process.places import CHILDREN
from clockdyno.ledger import database, outages, tables
from clockdyno.workers import records
from clockdyno.workers.offers import Offers
from clockdyno.workers.queue import Order, Queue
from support.workers import WorkerSite


class Clock:
    """Knows some jobs, of which those called `child` have a timeout."""

    jobs = ("job", "child")

    def find_all(self, ids: set[str]) -> dict[str, Any]:
        return {id: SimpleNamespace(id=id) for id in ids if id.rstrip("0123456789") in self.jobs}

    def options_of(self, job: Any) -> Any:
        return SimpleNamespace(timeout=5.0 if job.id.startswith("child") else None)

    def is_late(self, job: Any, fire: datetime) -> bool:
        return False


class Breaks:
    """An engine whose next commit fails: before it, or with its answer lost."""

    def __init__(self, url: str) -> None:
        self.engine, self.breaks = database.connect(url), ""
        real: Any = self.engine.dialect.do_commit

        def commit(connection: Any) -> None:
            breaks, self.breaks = self.breaks, ""
            if breaks != "before":
                real(connection)
            if breaks:
                raise sa.exc.OperationalError("COMMIT", {}, ConnectionError())

        self.engine.dialect.do_commit = commit  # type: ignore[method-assign]


@pytest.fixture
def breaks(workers: WorkerSite) -> Iterator[Breaks]:
    assert workers.command("setup").returncode == 0
    made = Breaks(workers.url)
    yield made
    made.engine.dispose()


def worker(breaks: Breaks, clock: Any = None) -> records.Records:
    clock = clock or Clock()
    made = records.Records(breaks.engine, lambda: False, Offers(clock), ["clock.default"])
    made.register(False)
    return made


def put(site: WorkerSite, *names: str, attempt: int = 1) -> list[int]:
    """Let runs wait in the queue."""
    found, at = [], datetime.now(UTC) - timedelta(seconds=1)
    row = {"scheduled_at": at, "kind": "scheduled", "state": "requested"}
    with site.engine.begin() as db:
        for name in names:
            made = db.execute(tables.runs.insert().values(**row, job_id=name, attempt=attempt))
            (id,) = made.inserted_primary_key
            found.append(id)
            Queue().put(db, [Order(id, attempt, "default", name, at)])
    return found


def taken(works: list[Any]) -> list[int]:
    return [work.claim.run_id for work in works if work]


@pytest.mark.parametrize("breaks_when", ["before", "after"])
def test_a_commit_that_failed_or_only_seemed_to_begins_each_run_once(
    workers: WorkerSite, breaks: Breaks, breaks_when: str
) -> None:
    runs, mine = put(workers, "job1", "job2", "child1"), worker(breaks)

    breaks.breaks = breaks_when
    with pytest.raises(sa.exc.OperationalError):
        mine._take_all([None] * 3)
    first, rest = mine._take_all([None]), mine._take_all([None] * 5)

    assert taken(first) + taken(rest) == runs
    assert taken(mine._take_all([None])) == []
    assert workers.query("SELECT FROM clockdyno.procrastinate_jobs") == []
    assert {row.state for row in workers.rows()} == {"running"}


def test_a_commit_that_failed_keeps_no_place_of_a_child(
    workers: WorkerSite, breaks: Breaks
) -> None:
    runs, mine = put(workers, *(f"child{n}" for n in range(CHILDREN))), worker(breaks)

    for _ in range(3):
        breaks.breaks = "before"
        with pytest.raises(sa.exc.OperationalError):
            mine._take_all([None] * 8)

    assert taken(mine._take_all([None] * 8)) == runs


def test_of_two_attempts_in_the_queue_only_the_wanted_one_begins(
    workers: WorkerSite, breaks: Breaks
) -> None:
    (run,) = put(workers, "job")
    with workers.engine.begin() as db:
        Queue().put(db, [Order(run, 2, "default", "job", datetime.now(UTC))])
    workers.execute("UPDATE clockdyno.runs SET attempt = 2")

    works = worker(breaks)._take_all([None] * 8)

    assert [(work.claim.run_id, work.claim.attempt) for work in works if work] == [(run, 2)]
    assert workers.query("SELECT FROM clockdyno.procrastinate_jobs") == []


def test_what_is_not_known_here_waits_for_others_and_keeps_nothing_up(
    workers: WorkerSite, breaks: Breaks
) -> None:
    put(workers, "newer1", "newer2")
    (run,) = put(workers, "job")
    mine = worker(breaks)

    found = [*taken(mine._take_all([None])), *taken(mine._take_all([None]))]
    found += taken(mine._take_all([None]))

    assert found == [run]
    clock = Clock()
    clock.jobs = (*clock.jobs, "newer")
    assert len(taken(worker(breaks, clock)._take_all([None] * 8))) == 2


def test_who_was_taken_for_dead_begins_nothing(workers: WorkerSite, breaks: Breaks) -> None:
    runs, mine = put(workers, "job"), worker(breaks)
    judge = mine._offers.judge

    def dies(rows: Any, me: int) -> Any:
        workers.execute("UPDATE clockdyno.clocks SET lost_at = now()")
        return judge(rows, me)

    mine._offers.judge = dies  # type: ignore[method-assign]
    assert taken(mine._take_all([None])) == []

    assert taken(worker(breaks)._take_all([None])) == runs


def test_who_is_frozen_with_what_it_has_looked_at_keeps_it_from_nobody_for_long(
    workers: WorkerSite, breaks: Breaks, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs, mine, others = put(workers, "job"), worker(breaks), worker(breaks)
    monkeypatch.setattr(records, "LOOK", sa.text(str(records.LOOK).replace("10s", "100ms")))
    judge, found = mine._offers.judge, list[int]()

    def freezes(rows: Any, me: int) -> Any:
        workers.until(lambda: found.extend(taken(others._take_all([None]))) or found)
        return judge(rows, me)

    mine._offers.judge = freezes  # type: ignore[method-assign]
    with pytest.raises(sa.exc.DBAPIError) as error:
        mine._take_all([None])

    assert found == runs
    assert outages.passes(error.value)
    assert taken(mine._take_all([None])) == []
