"""What the tests of jobs in a project's folder stand on: the template's jobs.py and its test."""

from pathlib import Path

import pytest
from herokuclock.jobs import file as jobs_file
from support.files import TEMPLATE


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "myapp"
    (root / "tests").mkdir(parents=True)
    (root / "jobs.py").write_bytes((TEMPLATE / "jobs.py").read_bytes())
    (root / "tests" / "test_job_hello.py").write_text(jobs_file.test_source("hello"))
    (root / "Procfile").write_text("clock: python jobs.py\n")
    return root
