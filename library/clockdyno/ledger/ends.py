"""How runs ended, written for several of them in one statement."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from clockdyno.ledger.presence import RUNNING
from clockdyno.ledger.settling import Claim
from clockdyno.ledger.tables import runs

COLUMNS = ("state", "reason", "error", "finished_at", "due_at")
# Said twice where the answer to the first time got lost.
END = sa.text(
    """
    UPDATE clockdyno.runs
    SET state = ended, reason = why, error = text, finished_at = until, due_at = again
    FROM unnest(cast(:runs AS bigint[]), cast(:attempts AS integer[]), cast(:clocks AS bigint[]),
        cast(:state AS text[]), cast(:reason AS text[]), cast(:error AS text[]),
        cast(:finished_at AS timestamptz[]), cast(:due_at AS timestamptz[]))
        AS over (run, number, whose, ended, why, text, until, again)
    WHERE id = run AND attempt = number AND clock_id = whose
        AND (state = 'running' OR finished_at = until)
    RETURNING run, number
    """
)
ENDED = runs.update().where(
    runs.c.id == sa.bindparam("run"),
    runs.c.attempt == sa.bindparam("number"),
    runs.c.clock_id == sa.bindparam("me"),
    sa.or_(RUNNING, runs.c.finished_at == sa.bindparam("ended")),
)


def write(db: sa.Connection, ends: Sequence[tuple[Claim, dict[str, Any]]]) -> list[bool]:
    """Write how each run ended; False if it had been declared lost in the meantime."""
    if db.dialect.name != "postgresql":
        return [_write_one(db, *end) for end in ends]
    columns: dict[str, list[Any]] = {
        "runs": [claim.run_id for claim, _ in ends],
        "attempts": [claim.attempt for claim, _ in ends],
        "clocks": [claim.clock_id for claim, _ in ends],
    }
    for name in COLUMNS:
        columns[name] = [values.get(name) for _, values in ends]
    found = set(map(tuple, db.execute(END, columns)))
    return [(claim.run_id, claim.attempt) in found for claim, _ in ends]


def _write_one(db: sa.Connection, claim: Claim, values: dict[str, Any]) -> bool:
    mine: dict[str, Any] = {"run": claim.run_id, "number": claim.attempt}
    mine |= {"me": claim.clock_id, "ended": values.get("finished_at")}
    return bool(db.execute(ENDED, {**mine, **dict.fromkeys(COLUMNS), **values}).rowcount)
