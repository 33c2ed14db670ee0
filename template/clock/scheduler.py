"""Clock: the APScheduler scheduler of jobs.py, which stops cleanly when it is told to."""

import logging
import signal
import sys
import threading
import time
from typing import Any

from apscheduler.executors.base import BaseExecutor
from apscheduler.schedulers.blocking import BlockingScheduler

# A dyno that was told to stop is killed after 30 s; jobs under way get most of that.
STOP_SECONDS = 25
# A run whose time passed while no clock ran may still start this much later.
GRACE_SECONDS = 6 * 60 * 60

log = logging.getLogger("clock")


class Clock(BlockingScheduler):
    """A BlockingScheduler whose jobs are named after their functions."""

    def __init__(self, timezone: str = "UTC", **options: Any) -> None:
        defaults = {"misfire_grace_time": GRACE_SECONDS, **options.pop("job_defaults", {})}
        super().__init__(timezone=timezone, job_defaults=defaults, **options)
        self._told_to_stop = threading.Event()

    def scheduled_job(self, trigger: Any, *args: Any, **options: Any) -> Any:
        """Schedule the function below; the job's id is its name unless `id` is given."""

        def decorate(func: Any) -> Any:
            self.add_job(func, trigger, *args, **{"id": func.__name__, **options})
            return func

        return decorate

    def start(self, *args: Any, **options: Any) -> None:
        """Run until SIGTERM or Ctrl-C; jobs under way get 25 seconds to end."""
        logging.basicConfig(level=logging.INFO, format="%(name)s %(message)s", stream=sys.stdout)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._told_to_stop.set())
        threading.Thread(target=super().start, args=args, kwargs=options, daemon=True).start()
        while not self._told_to_stop.wait(0.5):
            pass
        self._stop()

    def _stop(self) -> None:
        log.info("stopping")
        executors: list[BaseExecutor] = list(self._executors.values())
        self.shutdown(wait=False)
        limit = time.monotonic() + STOP_SECONDS
        while time.monotonic() < limit and any(sum(e._instances.values()) for e in executors):
            time.sleep(0.05)
        log.info("stopped")
