"""Runs jobs in threads; says how each run ended."""

import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from apscheduler.events import (
    EVENT_JOB_ERROR,
    EVENT_JOB_EXECUTED,
    EVENT_JOB_MISSED,
    JobExecutionEvent,
)
from apscheduler.executors.base import BaseExecutor
from apscheduler.job import Job

from clock import logs

THREADS = 20
STOP_SECONDS = 24


class RunExecutor(BaseExecutor):
    """Runs each due job in a thread of its own, at most 20 at a time."""

    def __init__(self) -> None:
        super().__init__()
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="run")
        self._under_way: set[tuple[str, datetime]] = set()

    def _do_submit_job(self, job: Job, run_times: list[datetime]) -> None:
        self._pool.submit(self._work, job, run_times)

    def shutdown(self, wait: bool = True) -> None:
        """Start nothing more; give what is under way its time."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        end = time.monotonic() + STOP_SECONDS if wait else 0
        while self._under_way and time.monotonic() < end:
            time.sleep(0.05)

    @property
    def busy(self) -> bool:
        """Say whether a job is still going on."""
        return bool(self._under_way)

    def _work(self, job: Job, fires: list[datetime]) -> None:
        events = []
        for fire in fires:
            self._under_way.add((job.id, fire))
            try:
                events.append(self._run(job, fire))
            finally:
                self._under_way.discard((job.id, fire))
        self._run_job_success(job.id, events)

    def _run(self, job: Job, fire: datetime) -> JobExecutionEvent:
        clock = self._scheduler
        late, grace = clock.now() - fire, clock.grace(job, fire)
        facts: dict[str, Any] = {"job": job.id, "scheduled_at": fire, "late": late.total_seconds()}
        if grace is not None and late > grace:
            logs.event("missed", **facts)
            return JobExecutionEvent(EVENT_JOB_MISSED, job.id, job._jobstore_alias, fire)
        logs.event("run", **facts, state="running")
        start = time.monotonic()
        try:
            result, error = call(job, fire), None
        except BaseException as exception:
            result, error = None, exception
        facts["took"] = time.monotonic() - start
        logs.event("run", **facts, state="failed" if error else "succeeded")
        if error is None:
            code, extra = EVENT_JOB_EXECUTED, {"retval": result}
        else:
            text = "".join(traceback.format_exception(error))
            logs.log.error("%s", text)
            code, extra = EVENT_JOB_ERROR, {"exception": error, "traceback": text}
        return JobExecutionEvent(code, job.id, job._jobstore_alias, fire, **extra)


def call(job: Job, scheduled_at: datetime) -> Any:
    """Call the job's function, with its scheduled time if it asks for that."""
    kwargs = dict(job.kwargs)
    if "scheduled_at" in kwargs and kwargs["scheduled_at"] is None:
        kwargs["scheduled_at"] = scheduled_at
    return job.func(*job.args, **kwargs)
