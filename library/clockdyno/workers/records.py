"""A worker's ledger: several runs are taken from the queue, begun and ended at once.

In one transaction a run leaves the queue and begins. So the two never disagree, whatever is killed,
and nothing is fetched that waits: it begins in a thread that is free for it.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime

import sqlalchemy as sa

from clockdyno.ledger.claims import Ledger
from clockdyno.ledger.group_commit import GroupCommit
from clockdyno.workers import executor
from clockdyno.workers.offers import Offers, Work

# Whoever is frozen between the two statements must not keep others from what it has locked.
LOOK = sa.text(
    """
    SELECT job.id, run.id AS run, run.attempt, run.job_id, run.scheduled_at,
        run.state = 'requested' AND run.due_at IS NULL
            AND run.attempt = (job.args->>'attempt')::integer AS fits,
        run.kind = 'scheduled' AND run.attempt = 1 AS is_first,
        set_config('idle_in_transaction_session_timeout', '10s', true)
    FROM clockdyno.procrastinate_jobs AS job
    JOIN clockdyno.runs AS run ON run.id = (job.args->>'run')::bigint
    WHERE job.status = 'todo' AND job.queue_name = ANY(:queues) AND job.id <> ALL(:passed)
        AND (job.scheduled_at IS NULL OR job.scheduled_at <= now())
        AND EXISTS (SELECT FROM clockdyno.clocks WHERE clock_id = :me AND lost_at IS NULL)
    ORDER BY job.priority DESC, job.id LIMIT :most
    FOR UPDATE OF job, run SKIP LOCKED
    """
)
TAKE = sa.text(
    """
    WITH me AS MATERIALIZED (
        SELECT clock_id FROM clockdyno.clocks WHERE clock_id = :me AND lost_at IS NULL
    ), over AS (
        DELETE FROM clockdyno.procrastinate_jobs USING me WHERE id = ANY(:over)
    )
    UPDATE clockdyno.runs SET state = 'running', clock_id = :me, started_at = :now
    FROM me WHERE id = ANY(:runs)
    RETURNING id
    """
)
BEGUN = sa.text(
    """
    SELECT id, attempt FROM clockdyno.runs
    WHERE id = ANY(:runs) AND state = 'running' AND clock_id = :me
    """
)


class Records(Ledger):
    """The ledger as a worker writes it."""

    role = "worker"

    def __init__(
        self, engine: sa.Engine, stopping: Callable[[], bool], offers: Offers, queues: Sequence[str]
    ) -> None:
        super().__init__(engine, stopping)
        self._together = GroupCommit(self._end_all, self._take_all, self._beat_all)
        self._offers, self._queues = offers, [*queues]
        self._doubtful: list[Work] = []  # Whether they have begun the database did not say.
        self._begun: list[Work] = []  # And nobody is at them yet.

    def take(self) -> Work | None:
        """Take a run from the queue, if there is one; it has begun."""
        found: Work | None = self._together.write(self._take_all, None)
        return found

    def beat(self) -> bool:
        """Say that this worker lives, in its turn."""
        return bool(self._together.write(self._beat_all, None))

    def _take_all(self, asked: Sequence[None]) -> list[Work | None]:
        most = len(asked)
        if self._doubtful:
            self._settle_doubts()
        if not (self._begun or self._stopping()):
            self._take(most)
        works, self._begun = self._begun[:most], self._begun[most:]
        return [*works, *[None] * (most - len(works))]

    def _take(self, most: int) -> None:
        offers, me, begun = self._offers, self.clock_id, set[int]()
        values = {"me": me, "queues": self._queues, "passed": offers.passed, "most": most}
        with self.writer.begin() as db:
            rows = db.execute(LOOK, values).all()
            self._doubtful, late = offers.judge(rows, me)
            if self._stopping():
                return  # All of it stays in the queue.
            missed = executor.give_up(db, late, executor.FIRST)
            if over := offers.settled(rows, most):
                runs = [work.claim.run_id for work in self._doubtful]
                values = {"me": me, "now": datetime.now(UTC), "over": over, "runs": runs}
                begun = {*db.scalars(TAKE, values)}
        self._decide(begun)
        offers.report_late(missed)

    def _decide(self, begun: Collection[int]) -> None:
        """Keep those of the doubtful that have begun, and let the others go."""
        self._begun += [work for work in self._doubtful if work.claim.run_id in begun]
        self._offers.let_go(work for work in self._doubtful if work.claim.run_id not in begun)
        self._doubtful = []

    def _settle_doubts(self) -> None:
        """Ask whether runs have begun whose transaction failed, or only its answer got lost."""
        runs, me = [work.claim.run_id for work in self._doubtful], self._doubtful[0].claim.clock_id
        attempts = {work.claim.run_id: work.claim.attempt for work in self._doubtful}
        with self.engine.connect() as db:
            found = db.execute(BEGUN, {"runs": runs, "me": me}).all()
        self._decide({row.id for row in found if row.attempt == attempts[row.id]})

    def _beat_all(self, asked: Sequence[None]) -> list[bool]:
        alive = super().beat()
        return [alive for _ in asked]
