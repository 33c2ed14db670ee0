"""A generated project with worker dynos as real processes: clocks, workers and PostgreSQL."""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from clock_site import TEMPLATE, Postgres, Site

WORKERS = TEMPLATE.parent / "workers"
# The worker's own times, shorter, as those of the clock are.
QUICK = "import sys\nif 'clock.worker' in sys.modules: sys.modules['clock.worker'].SWEEP = 1\n"


class WorkerSite(Site):
    """A folder with the files of template/ and those of workers/ over them."""

    def __init__(self, folder: Path, url: str) -> None:
        super().__init__(folder, url)
        (folder / "clock").unlink()
        shutil.copytree(TEMPLATE / "clock", folder / "clock", ignore=shutil.ignore_patterns("__*"))
        for name in ("__init__.py", "__main__.py"):
            shutil.copy(TEMPLATE / "clock" / name, folder / "clock" / name)
        shutil.copytree(WORKERS / "clock", folder / "clock", dirs_exist_ok=True)

    def work(self, **env: str) -> subprocess.Popen[bytes]:
        """Start one more worker."""
        with open(self.folder / "log", "ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "clock.worker"],
                cwd=self.folder,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                env=self.env(**env),
                start_new_session=True,
            )
        self.processes.append(process)
        return process


@pytest.fixture
def workers(postgres: Postgres, tmp_path: Path) -> Iterator[WorkerSite]:
    """Give a project with worker dynos."""
    with contextlib.closing(WorkerSite(tmp_path / "site", postgres.create())) as made:
        yield made
