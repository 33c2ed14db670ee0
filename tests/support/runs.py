"""One run of one function in this process, on a real ledger: what became of its row and its log."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from clockdyno import Clock
from clockdyno.clock.process import lifecycle
from clockdyno.clock.run import runner
from clockdyno.ledger import database
from clockdyno.ledger.claims import Ledger

from support.site import Site

FIRE = datetime(2027, 1, 4, tzinfo=UTC)


def clock_on(site: Site, **settings: Any) -> Clock:
    """Return a clock that has registered in the ledger, and started nothing."""
    database.set_up(site.engine)
    clock = Clock(timezone="UTC", **settings)
    clock.ledger = Ledger(site.engine)
    clock.ledger.register(paused=False)
    return clock


def run_once(site: Site, function: Callable[[], Any], app: Any = None, **options: Any) -> Any:
    """Run a function as a job and return its row; nothing is waited for a second time."""
    clock = clock_on(site, app=app)
    job = clock.add_job(function, "interval", hours=1, id="job", **options)
    clock.ledger.arrive({"job": "trigger"}, FIRE - timedelta(hours=1))
    claim = clock.ledger.claim("job", FIRE, 1)
    given_up = threading.Event()
    given_up.set()
    runner.run(clock, job, clock.options_of(job), claim, FIRE, given_up)
    lifecycle.look_after_runs(clock)
    (row,) = site.rows()
    return row


def raising(error: BaseException) -> Callable[[], None]:
    """Return a function that raises."""

    def job() -> None:
        raise error

    return job
