"""A worker's ledger: the beginnings and ends of several runs are written in one statement."""

from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa

from clockdyno.ledger.claims import Ledger
from clockdyno.ledger.group_commit import GroupCommit
from clockdyno.ledger.settling import Claim

GATHER = 0.004  # seconds: one commit for several runs spares more than it delays
# Repeated after a lost answer it says the same again: our own row is as good as a free one.
BEGIN = sa.text(
    """
    UPDATE clockdyno.runs SET state = 'running', clock_id = :me, started_at = :now
    FROM unnest(cast(:runs AS bigint[]), cast(:attempts AS integer[])) AS begun (run, number)
    WHERE id = run AND attempt = number AND due_at IS NULL
        AND (state = 'requested' OR (state = 'running' AND clock_id = :me))
        AND EXISTS (SELECT FROM clockdyno.clocks WHERE clock_id = :me AND lost_at IS NULL)
    RETURNING run, number
    """
)


class Records(Ledger):
    """The ledger as a worker writes it, on its one connection."""

    role = "worker"

    def __init__(self, engine: sa.Engine) -> None:
        super().__init__(engine)
        self._together = GroupCommit(self._end_all, self._begin_all, self._beat_all)

    def begin(self, run: int, attempt: int) -> Claim | None:
        """Write that a run begins; None if it is another's, over, or no longer wanted."""
        found: Claim | None = self._together.write(self._begin_all, (run, attempt))
        return found

    def beat(self) -> bool:
        """Say that this worker lives, in its turn: one connection has to do."""
        return bool(self._together.write(self._beat_all, None))

    def _begin_all(self, wanted: Sequence[tuple[int, int]]) -> list[Claim | None]:
        me, (ids, attempts) = self.clock_id, zip(*wanted, strict=True)
        values = {"me": me, "now": datetime.now(UTC), "runs": [*ids], "attempts": [*attempts]}
        with self._single.begin() as db:
            begun = set(map(tuple, db.execute(BEGIN, values)))
        return [Claim("won", *each, me) if each in begun else None for each in wanted]

    def _beat_all(self, asked: Sequence[None]) -> list[bool]:
        alive = super().beat()
        return [alive for _ in asked]
