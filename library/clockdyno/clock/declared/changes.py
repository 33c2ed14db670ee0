"""Changes of jobs, in jobs.py and while the clock runs: as in APScheduler, and told the ledger."""

from collections.abc import Callable
from typing import Any

from apscheduler.job import Job

from clockdyno.clock.declared import first_run, options, ownership, tasks
from clockdyno.clock.declared.settings import Settings
from clockdyno.clock.declared.tasks import Call


class Changes(Settings):
    """The jobs of a clock with what each was given, which may change."""

    heartbeat: Any
    made_by: str | None
    lives_in: int | None
    _given: dict[str, dict[str, Any]]
    _jobs: dict[str, Job]
    tasks: dict[str, tasks.Task]
    _refuse: Callable[[Any], None]  # what runs none of its lines when it is called

    def task(
        self, function: Callable[..., Any] | None = None, *, name: str | None = None, **given: Any
    ) -> Any:
        """Let schedules that are put at run time call the function below, by its name.

        It takes what a job takes beside its trigger: retries, timeout, on_lost, queue, catch_up,
        max_instances, coalesce, executor. `name=` is what schedules call it, so that the function
        may be renamed. Raises ValueError for a name that is taken.
        """
        if function is None:
            return lambda function: self.task(function, name=name, **given)
        self._refuse(function)
        made = tasks.make(self, function, name, given)
        if self.tasks.setdefault(made.name, made).func is not function:
            raise ValueError(f"two tasks are called {made.name!r}: give one of them a name=")
        return function

    def modify_job(self, job_id: str, jobstore: str | None = None, **changes: Any) -> Job:
        """Change a job as APScheduler does, and its row in the ledger with it."""
        ownership.check(self, "modify_job")
        if "trigger" in changes:
            changes["trigger"] = self._create_trigger(changes["trigger"], {})
        with self._jobstores_lock:
            job, _ = self._lookup_job(job_id, jobstore)
            changes |= options.changed_call(job, changes)
            given = {key: changes[key] for key in options.APSCHEDULER if key in changes}
            if "next_run_time" in changes or "trigger" in changes:
                first_run.note(given, changes.get("trigger", job.trigger), self)
            super().modify_job(job_id, jobstore, **changes)
            self.given(job).update(given)
        if self.lives_in:
            self.heartbeat.changed(job)
        return job

    def reschedule_job(
        self, job_id: str, jobstore: str | None = None, trigger: Any = None, **trigger_args: Any
    ) -> Job:
        """Give a job another trigger; what the next fire is, the new one says."""
        job = super().reschedule_job(job_id, jobstore, trigger, **trigger_args)
        return self._follow_its_trigger(job)

    def resume_job(self, job_id: str, jobstore: str | None = None) -> Job | None:
        """Let a job go on that was paused, here or in jobs.py."""
        ownership.check(self, "resume_job")
        job = self.get_job(job_id, jobstore)
        if not (job and job.pending):
            job = super().resume_job(job_id, jobstore)
        return job and self._follow_its_trigger(job)

    def _follow_its_trigger(self, job: Job) -> Job:
        given = self.given(job)
        given.pop("next_run_time", None)
        first_run.note(given, job.trigger, self)
        if "next_run_time" in given:
            super().modify_job(job.id, next_run_time=given["next_run_time"])
        return job

    def given(self, job: Job | Call) -> dict[str, Any]:
        """Return what a job was given beyond its trigger and its call."""
        if isinstance(job, Call):
            return job.given
        return self._given.setdefault(job.id, {})

    def rename(self, job: Job, id: str) -> None:
        """Give a job that has not begun yet another id."""
        for known in (self._given, self._jobs):
            known[id] = known.pop(job.id)
        job.id = id

    def remove_job(self, job_id: str, jobstore: str | None = None) -> None:
        """Remove a job as APScheduler does."""
        ownership.check(self, "remove_job")
        super().remove_job(job_id, jobstore)

    def begins_itself(self, job: Job) -> bool:
        """Say whether the job was given its own next_run_time."""
        return "next_run_time" in self.given(job)

    def is_at_start(self, job: Job) -> bool:
        """Say whether the job runs when the clock starts."""
        return bool(self.given(job).get("at_start"))

    def is_paused(self, job: Job) -> bool:
        """Say whether the job was paused by code: it has no next time until that resumes it."""
        return self.given(job).get("next_run_time", job) is None
