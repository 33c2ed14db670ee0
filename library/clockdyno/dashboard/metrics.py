"""The dashboard's facts for Prometheus: in its text format, or as OpenMetrics where it asks."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily as Gauge
from prometheus_client.exposition import choose_encoder

from clockdyno.ledger import reports

Counts = dict[str, dict[str, int]]


def scrape(
    status: reports.Status,
    jobs: list[reports.Job],
    counts: Counts,
    now: datetime,
    accept: str = "",
) -> tuple[bytes, str]:
    """Return one scrape in the form that is accepted, and the name of the form."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Facts(status, jobs, counts, now))
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type


class _Facts:
    def __init__(self, *facts: Any) -> None:
        self._status, self._jobs, self._counts, self._now = facts

    def describe(self) -> list[Gauge]:
        return []

    def collect(self) -> Iterator[Gauge]:
        clocks = self._status.clocks
        is_up = self._status.state in ("up", "two", "stuck")
        yield Gauge("clock_up", "1 while a clock is up and not paused.", is_up)
        age = min((clock.age for clock in clocks), default=float("nan"))
        yield Gauge("clock_heartbeat_age_seconds", "Since the newest heartbeat.", age)
        for name, counts in (self._status.besides | self._counts).items():
            for what, count in counts.items():
                yield Gauge(f"clock_{name}_{what}", f"{name.capitalize()}: {what}.", count)
        yield from _of_jobs([job for job in self._jobs if not job.gone_at], self._now)


def _of_jobs(jobs: list[reports.Job], now: datetime) -> Iterator[Gauge]:
    states = Gauge("clock_job_last_runs", "The last runs by state.", labels=["job", "state"])
    for job in jobs:
        for state, count in sorted(Counter(run.state for run in job.last).items()):
            states.add_metric([job.job_id, state], count)
    yield states
    for name, (about, figure) in FIGURES.items():
        gauge = Gauge(f"clock_job_{name}", about, labels=["job"])
        for job in jobs:
            value = figure(job, now)
            if value is not None:
                gauge.add_metric([job.job_id], value)
        yield gauge


def _next(job: reports.Job, now: datetime) -> float | None:
    return next((fire.timestamp() for fire in job.fires if fire > now), None)


def _last(job: reports.Job, state: str | None = None) -> float | None:
    found = (run.started_at for run in job.last if state in (None, run.state))
    return next((at.timestamp() for at in found if at), None)


FIGURES: dict[str, tuple[str, Any]] = {
    "paused": ("1 while it is paused.", lambda job, now: float(bool(job.paused_at))),
    "next_fire_timestamp_seconds": ("When it fires next.", _next),
    "last_start_timestamp_seconds": ("When it last started.", lambda job, now: _last(job)),
    "last_success_timestamp_seconds": (
        "When the last run that went well, of the last 20, started.",
        lambda job, now: _last(job, "succeeded"),
    ),
    "usual_duration_seconds": ("Median of its last runs.", lambda job, now: job.usual),
}
