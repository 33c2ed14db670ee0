"""A generated project with worker dynos as real processes: clocks, workers and PostgreSQL."""

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.files import TEMPLATE
from support.postgres import Postgres
from support.site import Site

PROCFILE = "clock: python jobs.py\nworker: python -m clockdyno worker\n"
HERE = """
worker = sys.modules.get("clockdyno.workers.worker")
"""

# Says when a process has heard of its stop; what it does then, it does in that moment.
HEARS = """
from clockdyno.clock.process import lifecycle
stop = lifecycle.end_in_time
lifecycle.end_in_time = lambda: (stop(), open("heard", "w").close())
"""
TICK = """
@sched.scheduled_job("interval", seconds=1)
def tick(scheduled_at):
    note("tick", scheduled_at.isoformat(), os.getpid())
"""


class WorkerSite(Site):
    """A folder whose jobs run on workers."""

    clock = 'Clock(timezone="UTC", workers=True)'

    def __init__(self, folder: Path, url: str) -> None:
        super().__init__(folder, url)
        shutil.copy(TEMPLATE / "app.py", folder / "app.py")
        (folder / "Procfile").write_text(PROCFILE)
        self.working: set[int] = set()

    def write(self, body: str, quick: bool = True) -> None:
        """Write jobs.py around some jobs."""
        super().write(HERE + body, quick)

    def another(self, process: subprocess.Popen[bytes]) -> subprocess.Popen[bytes]:
        """Start what takes the place of a process."""
        return self.work() if process.pid in self.working else self.start()

    def work(self, **env: str) -> subprocess.Popen[bytes]:
        """Start one more worker."""
        process = self.begin("-m", "clockdyno", "worker", **env)
        self.working.add(process.pid)
        return process


def pids(site: Site) -> set[int]:
    """Return the processes that did the runs, which their jobs noted last."""
    return {int(line.split()[-1]) for line in site.effects()}


def ended(site: Site, job: str) -> list[tuple[str, str | None, int]]:
    """Return how the runs of a job ended, once one has."""
    rows = site.until(lambda: site.rows(f"job_id = '{job}' AND finished_at IS NOT NULL"))
    return [(row.state, row.reason, row.attempt) for row in rows]


@pytest.fixture
def workers(postgres: Postgres, tmp_path: Path) -> Iterator[WorkerSite]:
    """Give a project with worker dynos."""
    with postgres.database() as url, contextlib.closing(WorkerSite(tmp_path / "site", url)) as made:
        yield made
