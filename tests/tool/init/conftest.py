"""What the tests of `init` stand on: the app of the article."""

from pathlib import Path

import pytest
from support import shapes


@pytest.fixture
def root(lonely: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in the app of the article."""
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    monkeypatch.chdir(shapes.lay_out("article", lonely / "article"))
    return Path.cwd()
