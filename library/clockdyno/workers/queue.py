"""The queue: Procrastinate's, in the database of the ledger. A task names a run of the ledger.

The tables and the enqueuing are; workers take runs by statements of our own (records.py). Who may
run one is settled by the ledger alone: what the queue offers twice is begun once.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from procrastinate import App
from procrastinate.jobs import Job

from clockdyno.workers import queue_tables

TASK = "clock.run"
# What is left in the queue of runs that are over: a schedule was deleted before a worker took its
# run, or a worker of an earlier version died. Of a run that waits, finished_at is empty.
CLEAR = """
DELETE FROM clockdyno.procrastinate_jobs USING clockdyno.runs AS run
WHERE status IN ('todo', 'doing') AND run.id = (args->>'run')::bigint AND task_name = 'clock.run'
    AND run.finished_at < now() - interval '1 minute'
"""
# Workers of an earlier version only marked what they took; who beats no more will not do it.
FREE = """
UPDATE clockdyno.procrastinate_jobs SET status = 'todo', worker_id = NULL
WHERE status = 'doing' AND task_name = 'clock.run' AND NOT EXISTS (
    SELECT FROM clockdyno.procrastinate_workers AS worker
    WHERE worker.id = worker_id AND last_heartbeat > now() - interval '1 minute'
)
"""
DROP = """
DELETE FROM clockdyno.procrastinate_jobs WHERE status = 'todo' AND queueing_lock = ANY(:locks)
"""
ORPHANS = """
SELECT id, job_id, scheduled_at, attempt FROM clockdyno.runs AS run
WHERE state = 'requested' AND due_at IS NULL AND scheduled_at < now() - interval '1 minute'
    AND NOT EXISTS (SELECT FROM clockdyno.procrastinate_jobs
        WHERE status = 'todo' AND queueing_lock = run.id || '.' || attempt)
    AND NOT EXISTS (SELECT FROM clockdyno.procrastinate_jobs
        WHERE status = 'doing' AND queueing_lock = run.id || '.' || attempt)
ORDER BY scheduled_at LIMIT 500
"""


class Order(NamedTuple):
    """A run to be done: its row, its attempt and its queue; and whose fire it is."""

    run: int
    attempt: int
    queue: str
    job: str
    fire: datetime


def queue_name(queue: str) -> str:
    """Return what Procrastinate calls a queue of ours; the app may have tasks of its own there."""
    return f"clock.{queue}"


def lock(run: int, attempt: int) -> str:
    """Return the name under which a run waits in the queue; no other may bear it."""
    return f"{run}.{attempt}"


class Queue:
    """What the clock does with the queue, always on its own connection and transaction."""

    def __init__(self) -> None:
        self._manager = App(connector=queue_tables.Connector()).job_manager

    def put(self, db: sa.Connection, orders: Iterable[Order]) -> None:
        """Enqueue runs."""
        jobs = [
            Job(
                id=None,
                queue=queue_name(order.queue),
                lock=None,
                queueing_lock=lock(order.run, order.attempt),
                task_name=TASK,
                priority=0,
                task_kwargs={
                    "run": order.run,
                    "attempt": order.attempt,
                    "job": order.job,
                    "fire": order.fire.isoformat(),
                },
            )
            for order in orders
        ]
        if jobs:
            self._manager.batch_defer_jobs(jobs, connection=db.connection.driver_connection)

    def count_up(self, db: sa.Connection) -> None:
        """Let PostgreSQL see how long the queue has become; by itself it looks once a minute.

        Until then it plans as for an empty queue, and fetching one run takes 7 ms, not 0.5.
        """
        db.execute(sa.text("ANALYZE (SKIP_LOCKED) clockdyno.procrastinate_jobs"))

    def drop(self, db: sa.Connection, locks: Collection[str]) -> None:
        """Take runs out of the queue that no worker has taken yet."""
        db.execute(sa.text(DROP), {"locks": list(locks)})

    def clear(self, db: sa.Connection) -> None:
        """Delete what is left of runs that are over, and free what nobody is at."""
        db.execute(sa.text(CLEAR))
        db.execute(sa.text(FREE))

    def orphans(self, db: sa.Connection) -> Sequence[Any]:
        """Return the runs that wait for a worker although the queue does not hold them."""
        return db.execute(sa.text(ORPHANS)).all()
