"""What a pause leaves unowed, although it is over by the time it is claimed."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from clockdyno.ledger.tables import orders

RESUMED = (
    sa.select(orders.c.job_id, sa.func.max(orders.c.at))
    .where(orders.c.job_id.in_(sa.bindparam("ids", expanding=True)))
    .where(orders.c.what == sa.literal_column("'resume'"))
    .group_by(orders.c.job_id)
)


def ended(
    db: sa.Connection, known: Mapping[str, Any], fires: Iterable[tuple[str, datetime]]
) -> dict[str, datetime]:
    """Return when jobs were resumed of which a fire from before that is claimed only now.

    `known` are the locked rows of the jobs. Where known_since is that of a changed trigger, the
    clock from before the deploy still runs what was due.
    """
    late = {
        job
        for job, fire in fires
        if job in known and fire.astimezone(UTC) <= known[job].known_since
    }
    if not late:
        return {}
    found = db.execute(RESUMED, {"ids": [*late]})
    return {job: min(at, known[job].known_since) for job, at in found}


def covers(fires: Sequence[datetime], resumed: datetime | None) -> bool:
    """Say whether all of these fires, the last one last, were due before a pause had ended."""
    return bool(fires) and resumed is not None and fires[-1] <= resumed


def owed(missed: Sequence[Any], resumed: datetime | None) -> Sequence[Any]:
    """Return those of the fires that were missed which no pause has let pass."""
    return [row for row in missed if not covers([row["scheduled_at"]], resumed)]
