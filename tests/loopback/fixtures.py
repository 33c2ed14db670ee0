"""Fixtures: a loopback Heroku that takes this interpreter's packages as its builds."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from loopback.heroku import Heroku
from loopback.postgres import Postgres


@pytest.fixture(scope="session")
def loopback_postgres() -> Iterator[Postgres]:
    server = Postgres()
    yield server
    server.stop()


@pytest.fixture
def heroku(tmp_path: Path) -> Iterator[Heroku]:
    """A Heroku without a database server, whose builds take this environment as theirs."""
    platform = Heroku(tmp_path / "heroku", environment=Path(sys.prefix))
    yield platform
    platform.close()


@pytest.fixture
def whole_heroku(tmp_path: Path, loopback_postgres: Postgres) -> Iterator[Heroku]:
    """A Heroku that builds in earnest and whose databases are real."""
    platform = Heroku(tmp_path / "heroku", loopback_postgres)
    yield platform
    platform.close()
