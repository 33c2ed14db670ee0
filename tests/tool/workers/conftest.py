"""What the tests of workers stand on: a project that has none yet."""

from pathlib import Path

import pytest
from support.program import Run


@pytest.fixture
def made(run: Run, lonely: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a project without workers, and stand in it."""
    run("new", "ticker", "--yes")
    monkeypatch.chdir(lonely / "ticker")
    return lonely / "ticker"
