"""Claims: what becomes of each fire that is due, settled for many jobs in one transaction.

The rows of the jobs are locked first, so that two clocks never count a job's runs at one time.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from clockdyno.ledger import pauses
from clockdyno.ledger.attempts import keep
from clockdyno.ledger.dialects import insert
from clockdyno.ledger.presence import RUNNING
from clockdyno.ledger.schedule_tables import IS_THERE, schedules
from clockdyno.ledger.tables import clocks, jobs, runs

WON = {"running": "won", "skipped": "skipped"}
REASONS = {"skipped": "overlap"}
IDS: Any = sa.bindparam("ids", expanding=True)
ME_LOST = sa.select(clocks.c.lost_at).where(clocks.c.clock_id == sa.bindparam("me"))
LOCK, LOCK_ROWS = (
    sa.select(table.c.job_id, table.c.paused_at, table.c.known_since)
    .add_columns(ME_LOST.scalar_subquery().label("lost_at"))
    .where(table.c.job_id.in_(IDS), is_there)
    # Two clocks lock in the same order, or they could wait for ever.
    .order_by(table.c.job_id)
    .with_for_update(of=table)
    for table, is_there in ((jobs, sa.true()), (schedules, IS_THERE))
)
BUSY = (
    sa.select(runs.c.id, runs.c.job_id, runs.c.scheduled_at, runs.c.kind, runs.c.attempt)
    .add_columns(runs.c.clock_id, clocks.c.heartbeat_at)
    .join_from(runs, clocks, runs.c.clock_id == clocks.c.clock_id, isouter=True)
    .where(runs.c.job_id.in_(IDS), RUNNING)
)
NAMES = ("job_id", "scheduled_at", "kind")
KEY = [runs.c[name] for name in NAMES]
NEW: dict[str, Any] = {"kind": "scheduled", "reason": None, "attempt": 1, "count": 1}
NEW |= {"due_at": None, "clock_id": None, "started_at": None}
COLUMNS = {"job_id": "text", "scheduled_at": "timestamptz", "state": "text", "reason": "text"}
COLUMNS |= {"count": "integer", "clock_id": "bigint", "started_at": "timestamptz"}
# One text for any number of rows, so that none of SQLAlchemy, psycopg and PostgreSQL reads another.
ENTER = sa.text(
    f"""
    INSERT INTO clockdyno.runs (kind, attempt, {", ".join(COLUMNS)})
    SELECT 'scheduled', 1, * FROM unnest(
        {", ".join(f"cast(:{name} AS {kind}[])" for name, kind in COLUMNS.items())}
    )
    ON CONFLICT DO NOTHING
    RETURNING id, job_id, scheduled_at, kind
    """
).columns(runs.c.id, *KEY)
AGAIN = (
    runs.update()
    .where(sa.tuple_(runs.c.id, runs.c.attempt).in_(sa.bindparam("attempts", expanding=True)))
    .where(runs.c.due_at.is_not(None))
    .returning(runs.c.id)
)
Key = tuple[Any, ...]


class Owed(NamedTuple):
    """A row that waits for a further attempt, or for its first if it was asked for by hand."""

    id: int
    job_id: str
    scheduled_at: datetime
    kind: str
    attempt: int


class Claim(NamedTuple):
    """What came of it: won, taken, skipped, missed, paused, failed, wait, unknown or silenced.

    What was due up to `resumed` was so during a pause, and has no row.
    """

    outcome: str
    run_id: int = 0
    attempt: int = 1
    clock_id: int = 0
    resumed: datetime | None = None


class Wanted(NamedTuple):
    """A fire of a job to be claimed (None: none is left), and what was missed before it."""

    job: str
    fire: datetime | None
    limit: int
    missed: Sequence[Mapping[str, Any]] = ()
    owed: Owed | None = None

    @property
    def fires(self) -> list[datetime]:
        """Return the fires that the clock makes of it, oldest first."""
        new = [row["scheduled_at"] for row in self.missed] + [self.fire] * bool(self.fire)
        return [] if self.owed else new

    @property
    def key(self) -> Key:
        """Return what no two runs have in common."""
        return self.job, in_utc(self.fire), self.owed.kind if self.owed else "scheduled"


Begin = tuple[Wanted, str]


def in_utc(at: datetime | None) -> datetime | None:
    """Return a time as the ledger does; in the hour that a zone repeats no other equals it."""
    return at and at.astimezone(UTC)


def settle(
    db: sa.Connection,
    wanted: Sequence[Wanted],
    me: int,
    now: Callable[[], datetime],
    stopping: Callable[[], bool],
) -> list[Claim]:
    """Win for a clock the right to run each of these fires, or learn why not."""
    known = lock(db, {want.job for want in wanted}, me)
    resumed = pauses.ended(db, known, [(w.job, fire) for w in wanted for fire in w.fires[:1]])
    found: dict[int, Claim] = {}
    # Asked now: all this may have been waiting for the database.
    is_stopping, begun = stopping(), now()
    for number, want in enumerate(wanted):
        job = known.get(want.job)
        if job is None or job.lost_at:
            found[number] = Claim("silenced" if job else "unknown")
        else:
            is_paused = job.paused_at and not want.owed
            if is_stopping or is_paused or pauses.covers(want.fires, resumed.get(want.job)):
                found[number] = Claim("paused")
    if resumed:
        wanted = [w._replace(missed=pauses.owed(w.missed, resumed.get(w.job))) for w in wanted]
    left = [number for number in range(len(wanted)) if number not in found]
    while left:
        # One fire of each job at a time: what becomes of it counts for its next one.
        turn = {wanted[number].job: number for number in reversed(left)}.values()
        found.update(zip(turn, _enter(db, [wanted[n] for n in turn], me, begun), strict=True))
        left = [number for number in left if number not in found]
    claims = [found[number] for number in range(len(wanted))]
    if resumed:
        pairs = zip(claims, wanted, strict=True)
        claims = [claim._replace(resumed=resumed.get(want.job)) for claim, want in pairs]
    return claims


def lock(db: sa.Connection, ids: Collection[str], me: int) -> dict[str, Any]:
    """Lock the rows of jobs and of schedules, so that their runs are counted by one at a time."""
    rows = {row.job_id: row for row in db.execute(LOCK, {"ids": [*ids], "me": me})}
    if others := [job for job in ids if job not in rows]:
        rows |= {row.job_id: row for row in db.execute(LOCK_ROWS, {"ids": others, "me": me})}
    return rows


def state_of(busy: Sequence[Any], fire: datetime, limit: int, me: int) -> str:
    """Running if there is room, skipped if there surely is none, else wait and see."""
    if len(busy) < limit:
        return "running"
    # The clock of a run may be dead: it is sure to have lived only up to its last heartbeat.
    sure = [r for r in busy if r.clock_id == me or (r.heartbeat_at and r.heartbeat_at > fire)]
    return "skipped" if len(sure) >= limit else "wait"


def _enter(db: sa.Connection, wanted: Sequence[Wanted], me: int, now: datetime) -> list[Claim]:
    """Write what becomes of one fire of each job, of all of them at once."""
    busy = defaultdict[str, list[Any]](list)
    for run in db.execute(BUSY, {"ids": [want.job for want in wanted]}):
        busy[run.job_id].append(run)
    settled = [(want, _decide(db, want, busy[want.job], me)) for want in wanted]
    begins = [(want, state) for want, state in settled if isinstance(state, str)]
    facts = {"clock_id": me, "started_at": now, "due_at": None}
    new = _insert(db, begins, facts) | _attempt(db, begins, facts)
    return [
        _outcome(want, state, new, me) if isinstance(state, str) else state
        for want, state in settled
    ]


def _decide(db: sa.Connection, want: Wanted, busy: Sequence[Any], me: int) -> str | Claim:
    """Return the state of what is to be written, or what came of it where nothing is."""
    if want.fire is None:
        return "missed"
    for run in busy:
        if (run.job_id, run.scheduled_at, run.kind, run.clock_id) == (*want.key, me):
            # Our own claim, whose commit went through although its answer got lost.
            return Claim("won", run.id, run.attempt, me)
    state, owed = state_of(busy, want.fire, want.limit, me), want.owed
    if state == "wait" or (state == "skipped" and owed and owed.attempt):
        there = sa.select(runs.c.id).where(*(c == v for c, v in zip(KEY, want.key, strict=True)))
        return Claim("taken" if not owed and db.scalar(there) else "wait")
    return state


def _insert(db: sa.Connection, begins: Sequence[Begin], facts: Mapping[str, Any]) -> dict[Key, int]:
    """Enter the runs that nobody has entered, with what was missed before them; return them."""
    rows = [
        {**NEW, **missed, "scheduled_at": in_utc(missed["scheduled_at"]), "state": "missed"}
        for want, _ in begins
        for missed in want.missed
    ]
    rows += [
        {**NEW, **facts, **dict(zip(NAMES, want.key, strict=True)), "state": state}
        | {"reason": REASONS.get(state)}
        for want, state in begins
        if want.fire and not want.owed
    ]
    if not rows:
        return {}
    if db.dialect.name == "postgresql":
        found = db.execute(ENTER, {name: [row.get(name) for row in rows] for name in COLUMNS})
    else:
        once = insert(db, runs).on_conflict_do_nothing().returning(runs.c.id, *KEY)
        found = db.execute(once, rows)
    return {tuple(key): run for run, *key in found}


def _attempt(
    db: sa.Connection, begins: Sequence[Begin], facts: Mapping[str, Any]
) -> dict[Key, int]:
    """Begin further attempts of runs, or the first of those that were asked for; return them."""
    waiting = [(want.owed, state, want.key) for want, state in begins if want.owed]
    if not waiting:
        return {}
    keep(db, [owed.id for owed, _, _ in waiting if owed.attempt])
    cleared = {"finished_at": None, "error": None, "exceeded": None}
    won = set[int]()
    for state in {state for _, state, _ in waiting}:
        values = {**facts, **cleared, "state": state, "reason": REASONS.get(state)}
        values["attempt"] = runs.c.attempt + 1
        which = [(owed.id, owed.attempt) for owed, each, _ in waiting if each == state]
        won |= {*db.scalars(AGAIN.values(values), {"attempts": which})}
    return {key: owed.id for owed, _, key in waiting if owed.id in won}


def _outcome(want: Wanted, state: str, new: Mapping[Key, int], me: int) -> Claim:
    if state == "missed":
        keys = [(row["job_id"], in_utc(row["scheduled_at"]), "scheduled") for row in want.missed]
        return Claim("missed" if any(key in new for key in keys) else "taken")
    run = new.get(want.key)
    attempt = want.owed.attempt + 1 if want.owed else 1
    return Claim("taken") if run is None else Claim(WON[state], run, attempt, me)
