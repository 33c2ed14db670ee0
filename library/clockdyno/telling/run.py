"""What those outside need to know of a run: which one it is, and where it is shown."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from clockdyno import host


@dataclass
class RunFacts:
    """A run, as pings and Sentry name it."""

    job: str
    id: int
    attempt: int
    scheduled_at: datetime

    @cached_property
    def uuid(self) -> uuid.UUID:
        """Return what is alike for a run's start and its end, in whatever process, and no other."""
        at = self.scheduled_at.astimezone(UTC).isoformat()
        return uuid.uuid5(uuid.NAMESPACE_URL, f"clockdyno:{host.app_name()}/{self.job}/{at}")

    @property
    def link(self) -> str | None:
        """Return where the dashboard shows it, if that is known."""
        return host.run_page(self.id) if self.id else host.job_page(self.job)

    def facts(self) -> dict[str, Any]:
        """Return it in plain types."""
        at = self.scheduled_at.astimezone(UTC).isoformat()
        facts = {"job": self.job, "run": self.id or None, "attempt": self.attempt}
        return {**facts, "scheduled_at": at, "link": self.link}
