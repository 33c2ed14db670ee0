"""A generated project with worker dynos as real processes: clocks, workers and PostgreSQL."""

import contextlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from clock_site import TEMPLATE, Postgres, Site

WORKERS = TEMPLATE.parent / "workers"
# The worker's own times, shorter, as those of the clock are.
QUICK = """
worker = sys.modules["__main__"]
if hasattr(worker, "SWEEP"):
    worker.SWEEP, worker.HEARTBEAT, worker.SILENT = 1, 1, 3
"""


class WorkerSite(Site):
    """A folder with the files of template/ and those of workers/ over them."""

    def __init__(self, folder: Path, url: str) -> None:
        super().__init__(folder, url)
        (folder / "clock").unlink()
        shutil.copytree(
            TEMPLATE / "clock", folder / "clock", ignore=shutil.ignore_patterns("__pycache__")
        )
        shutil.copytree(WORKERS / "clock", folder / "clock", dirs_exist_ok=True)
        shutil.copy(TEMPLATE / "app.py", folder / "app.py")
        self.working: set[int] = set()

    def write(self, body: str, quick: bool = True) -> None:
        """Write jobs.py around some jobs."""
        super().write((QUICK if quick else "") + body, quick)

    def another(self, process: subprocess.Popen[bytes]) -> subprocess.Popen[bytes]:
        """Start what takes the place of a process."""
        return self.work() if process.pid in self.working else self.start()

    def work(self, **env: str) -> subprocess.Popen[bytes]:
        """Start one more worker."""
        with open(self.folder / "log", "ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "clockdyno", "worker"],
                cwd=self.folder,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                env=self.env(**env),
                start_new_session=True,
            )
        self.processes.append(process)
        self.working.add(process.pid)
        return process


@pytest.fixture
def workers(postgres: Postgres, tmp_path: Path) -> Iterator[WorkerSite]:
    """Give a project with worker dynos."""
    with contextlib.closing(WorkerSite(tmp_path / "site", postgres.create())) as made:
        yield made
