"""What those outside are told of one run: where the job pings, Sentry, and whoever gets alerts.

Nothing here waits, and nothing is told before its row is written.
"""

from datetime import datetime
from typing import Any, Self

from apscheduler.job import Job

from clockdyno.clock.declared.options import Options
from clockdyno.clock.declared.tasks import Call
from clockdyno.errors import RunError
from clockdyno.ledger.settling import Claim
from clockdyno.telling import monitors, pings, sentry
from clockdyno.telling.events import Event
from clockdyno.telling.run import RunFacts


class Outside:
    """A run as it is told outside, from its start to its end."""

    def __init__(
        self, clock: Any, job: Job | Call, options: Options, claim: Claim, fire: datetime
    ) -> None:
        self._clock, self._job, self._options = clock, job, options
        self.run = RunFacts(job.id, claim.run_id, claim.attempt, fire)
        self._scope = sentry.Scope(self.run)

    def __enter__(self) -> Self:
        self._scope.__enter__()
        return self

    def __exit__(self, *how: object) -> None:
        self._scope.__exit__(*how)

    def began(self) -> None:
        """Tell that it goes on."""
        self._ping(pings.START)
        sentry.check_in(self.run, sentry.IN_PROGRESS, self._monitor)

    def raised(self, error: BaseException | None) -> None:
        """Tell Sentry what a run raised, if its child has not."""
        if error is not None and not (type(error) is RunError and error.told):
            sentry.capture(error)

    def ended(self, error: BaseException | None, values: dict[str, Any], took: float) -> None:
        """Tell how it ended; a failure only where it is not tried again."""
        if "due_at" in values:
            return
        if error is None:  # It may say of itself that it is false.
            self._ping(pings.SUCCESS)
            self._clock.alerts.worked(self.run.job, self.run.scheduled_at, self.run.id)
        else:
            self._ping(pings.FAIL, values["error"])
            if values["reason"] != "ended":  # By hand: somebody knows.
                self._alert(f"failed: {values['error'].rpartition(chr(10))[2]}")
        status = sentry.OK if error is None else sentry.ERROR
        sentry.check_in(self.run, status, self._monitor, took)

    def never_ended(self, text: str) -> None:
        """Tell why nothing more will be heard of it."""
        self._ping(pings.FAIL, f"{self.run.job} {text}")
        sentry.check_in(self.run, sentry.ERROR, self._monitor)

    def _ping(self, state: str, error: str = "") -> None:
        if self._options.ping:
            run = self.run
            self._clock.pings.run(self._options.ping, run.job, state, str(run.uuid), error)

    def _alert(self, text: str) -> None:
        run = self.run
        self._clock.alerts.tell(Event("failed", run.job, text, run.scheduled_at, run.id))

    def _monitor(self) -> dict[str, Any] | None:
        job, clock = self._job, self._clock
        if isinstance(job, Call):
            return None  # There may be a hundred thousand, and a monitor costs money.
        grace = clock.grace(job, self.run.scheduled_at)
        return monitors.config(job.trigger, clock.timezone, grace, self._options.timeout)
