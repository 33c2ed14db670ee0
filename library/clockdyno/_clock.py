"""Clock: the scheduler of jobs.py, whose jobs run in it or on worker dynos."""

from typing import Any

from clockdyno.clock.process.executor import RunExecutor
from clockdyno.clock.process.scheduler import FASTEST, ClockScheduler
from clockdyno.ledger import database


class Clock(ClockScheduler):
    """The scheduler of jobs.py: takes what APScheduler's BlockingScheduler takes.

    With `workers=True` it only decides when: `python -m clockdyno worker`, as often as you like,
    does the runs. They wait in PostgreSQL; on SQLite the clock does them itself. Needs the extra
    `clockdyno[workers]`, else raises ModuleNotFoundError.

    `app=` is a Flask app, a function that makes one, or the name of either, "app:create_app":
    each run has its context, and each process makes it once, when a job runs. Raises ValueError
    for what can be none of these; the run of a job whose app cannot be made fails.

    A time zone that is not given is this machine's, which on a dyno is UTC unless TZ says
    otherwise. Schedules that are put at run time may fire every `fastest` seconds at most.
    """

    def __init__(
        self,
        gconfig: dict[str, Any] | None = None,
        *,
        workers: bool = False,
        fastest: float = FASTEST,
        **settings: Any,
    ) -> None:
        super().__init__(gconfig, run_executor=_executor(workers), fastest=fastest, **settings)


def _executor(workers: bool) -> RunExecutor:
    if not workers or database.connect().dialect.name != "postgresql":
        return RunExecutor()
    from clockdyno.workers.executor import QueueExecutor

    return QueueExecutor()
