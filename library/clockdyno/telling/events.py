"""What there is to tell of a job: one event, and the line and the address that people get."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clockdyno import host, texts

LENGTH = 1000
KINDS = ("failed", "missed", "lost", "recovered", "slow", "silent-task", "test")


@dataclass(frozen=True)
class Event:
    """Something about a job that somebody ought to hear of; `text` says it behind the job's name.

    `kind` is one of KINDS; `scheduled_at` is aware; `run` is the id of the run's row, if there is
    one. What the text quotes of a job is data: each place that it goes to writes it as such.
    """

    kind: str
    job: str
    text: str
    scheduled_at: datetime | None = None
    run: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"{self.kind!r} is no kind of event: {', '.join(KINDS)}")

    @property
    def line(self) -> str:
        """Say it in one line."""
        at = self.scheduled_at
        due = f" (scheduled at {at:%Y-%m-%d %H:%M:%S %Z})" if at else ""
        return texts.line(f"{self.job} {self.text}"[:LENGTH]) + due

    @property
    def link(self) -> str | None:
        """Return where the dashboard shows it, if that is known."""
        if self.kind == "silent-task":
            return host.schedules_page(self.job)
        return host.run_page(self.run) if self.run else host.job_page(self.job)

    def facts(self) -> dict[str, Any]:
        """Return it for programs."""
        at = self.scheduled_at and self.scheduled_at.isoformat()
        return {
            "kind": self.kind,
            "job": self.job,
            "text": texts.fit(self.text, LENGTH),
            "scheduled_at": at,
            "run": self.run or None,
            "link": self.link,
        }
