"""A person with a small project, and the real heroku command."""

from pathlib import Path

import pytest
from loopback import Heroku
from loopback.owner import heroku_program
from support.heroku_project import Owner, small_project


@pytest.fixture
def owner(heroku: Heroku, lonely: Path) -> Owner:
    heroku_program()
    return Owner(heroku, small_project(lonely / "tick"))
