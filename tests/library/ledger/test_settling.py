"""A batch of claims comes to what one claim after the other comes to, whatever there is before."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from clockdyno.ledger import database
from clockdyno.ledger.claims import Ledger
from clockdyno.ledger.settling import Claim, Owed, Wanted
from clockdyno.ledger.tables import runs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.site import Site

START = datetime(2027, 1, 4, tzinfo=UTC)
AWAY = sa.exc.OperationalError("", {}, psycopg.OperationalError("the connection is lost"))
JOBS, FIRES = ("a", "b", "c", "gone"), range(4)
job, fire = st.sampled_from(JOBS), st.sampled_from(FIRES)
# What happened before: somebody runs it, or had it and ended it, or it is owed a further attempt.
before = st.lists(
    st.tuples(job, fire, st.sampled_from(["mine", "another's", "dead one's", "over", "owed"])),
    unique_by=lambda row: row[:2],
    max_size=6,
)
wanted = st.lists(
    st.tuples(job, st.none() | fire, st.integers(1, 2), st.booleans()), min_size=1, max_size=8
)


def at(hours: int) -> datetime:
    return START + timedelta(hours=hours)


class World:
    """A ledger in memory, with two more clocks, one of which fell silent long ago."""

    def __init__(self) -> None:
        self.ledger = Ledger(database.connect("sqlite://"))
        database.set_up(self.ledger.engine)
        self.clocks = {}
        for name in ("dead one's", "another's", "mine"):
            self.ledger.register(paused=False)
            self.clocks[name] = self.ledger.clock_id
        self.execute("UPDATE clockdyno.clocks SET heartbeat_at = '2027-01-03' WHERE clock_id = 1")
        self.execute("UPDATE clockdyno.clocks SET heartbeat_at = '2028-01-03' WHERE clock_id = 2")

    def execute(self, sql: str) -> None:
        with self.ledger.writer.begin() as db:
            db.execute(sa.text(sql))

    def begin(self, rows: Sequence[Any], paused: Sequence[str]) -> None:
        """Begin anew, with these rows."""
        for table in ("runs", "jobs", "attempts"):
            self.execute(f"DELETE FROM clockdyno.{table}")
        self.ledger.arrive(dict.fromkeys(JOBS[:3], "trigger"), START)
        for name in paused:
            self.execute(
                f"UPDATE clockdyno.jobs SET paused_at = '2027-01-01' WHERE job_id='{name}'"
            )
        for number, (name, hours, what) in enumerate(rows, 1):
            row: dict[str, Any] = {"id": number, "job_id": name, "scheduled_at": at(hours)}
            row |= {"kind": "scheduled", "state": "running", "clock_id": self.clocks.get(what)}
            if what == "over":
                row |= {"state": "succeeded"}
            if what == "owed":
                row |= {"state": "failed", "due_at": START}
            with self.ledger.writer.begin() as db:
                db.execute(runs.insert(), row)

    def settle(self, wants: Sequence[Wanted], size: int) -> list[Claim]:
        """Claim so many at a time."""
        found = list[Claim]()
        for start in range(0, len(wants), size):
            found += self.ledger._claim_all(wants[start : start + size])
        return found

    def rows(self) -> list[Any]:
        columns = [c for c in runs.c if c.name not in ("id", "started_at")]
        with self.ledger.engine.connect() as db:
            order = (runs.c.job_id, runs.c.scheduled_at)
            return [tuple(row) for row in db.execute(sa.select(*columns).order_by(*order))]


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    made = World()
    yield made
    made.ledger.engine.dispose()


def want(rows: Sequence[Any], name: str, hours: int | None, limit: int, has_missed: bool) -> Wanted:
    """Say what is wanted; of a run that is owed a further attempt, that."""
    for number, (other, then, what) in enumerate(rows, 1):
        if (other, then, what) == (name, hours, "owed"):
            return Wanted(name, at(then), limit, (), Owed(number, name, at(then), "scheduled", 1))
    late = {"job_id": name, "scheduled_at": at(-1), "reason": "late", "count": 1}
    missed = [late] if has_missed or hours is None else []
    return Wanted(name, None if hours is None else at(hours), limit, missed)


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(rows=before, asked=wanted, paused=st.lists(job, max_size=1))
def test_a_batch_comes_to_what_one_claim_after_the_other_comes_to(
    world: World, rows: Sequence[Any], asked: Sequence[Any], paused: Sequence[str]
) -> None:
    wants = [want(rows, *one) for one in asked]
    outcomes = list[Any]()
    for size in (1, len(wants)):
        world.begin(rows, paused)
        claims = world.settle(wants, size)
        outcomes.append(([claim[::2] for claim in claims], world.rows()))
        won = {claim.run_id for claim in claims if claim.outcome == "won"}
        assert won <= {row.id for row in running_of(world)}
        for one, claim in zip(wants, claims, strict=True):
            assert (claim.outcome == "unknown") == (one.job == "gone")
            is_held = one.job in paused and not one.owed and one.job != "gone"
            assert (claim.outcome == "paused") == is_held

    assert outcomes[0] == outcomes[1]


def running_of(world: World) -> list[Any]:
    with world.ledger.engine.connect() as db:
        mine = sa.and_(runs.c.state == "running", runs.c.clock_id == world.clocks["mine"])
        return [*db.execute(sa.select(runs.c.id).where(mine))]


def herd_on(site: Site) -> tuple[Ledger, list[Wanted]]:
    database.set_up(site.engine)
    ledger = Ledger(site.engine)
    ledger.register(paused=False)
    names = [f"job{n}" for n in range(20)]
    ledger.arrive(dict.fromkeys(names, "trigger"), START)
    return ledger, [Wanted(name, at(1), 1) for name in names]


def test_a_connection_that_dies_within_a_batch_loses_none_of_it_and_begins_none_twice(
    on_sqlite: Site,
) -> None:
    ledger, wants = herd_on(on_sqlite)

    def die(db: Any, cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("INSERT"):
            raise AWAY

    sa.event.listen(on_sqlite.engine, "before_cursor_execute", die)
    with pytest.raises(sa.exc.OperationalError):
        ledger._claim_all(wants)
    sa.event.remove(on_sqlite.engine, "before_cursor_execute", die)

    assert not on_sqlite.rows()
    claims = ledger._claim_all(wants)
    assert [claim.outcome for claim in claims] == ["won"] * len(wants)
    assert sorted(row.id for row in on_sqlite.rows()) == sorted(claim.run_id for claim in claims)


def test_a_batch_whose_commit_went_through_although_its_answer_got_lost_is_won_again(
    on_sqlite: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, wants = herd_on(on_sqlite)
    begin = ledger._write

    @contextmanager
    def lose() -> Iterator[sa.Connection]:
        with begin() as db:
            yield db
        raise AWAY

    monkeypatch.setattr(ledger, "_write", lose)
    with pytest.raises(sa.exc.OperationalError):
        ledger._claim_all(wants)
    monkeypatch.undo()

    first = {row.id for row in on_sqlite.rows()}
    claims = ledger._claim_all(wants)
    assert {claim.run_id for claim in claims} == first and len(first) == len(wants)
    assert ledger._end_all([(claim, {"state": "succeeded"}) for claim in claims]) == [True] * 20


def test_two_clocks_that_claim_one_herd_at_one_moment_share_it(site: Site) -> None:
    ledger, wants = herd_on(site)
    other = Ledger(database.connect(site.url))
    other.register(paused=False)
    gate = threading.Barrier(2)

    def claim(clock: Ledger, order: Sequence[Wanted]) -> list[Claim]:
        gate.wait(60)
        return [one for start in (0, 7, 14) for one in clock._claim_all(order[start : start + 7])]

    with ThreadPoolExecutor(2) as pool:
        found = pool.map(claim, (ledger, other), (wants, wants[::-1]))
        outcomes = sorted(claim.outcome for claims in found for claim in claims)
    other.engine.dispose()

    assert outcomes == ["taken"] * len(wants) + ["won"] * len(wants)
    assert len(site.rows()) == len(wants)
