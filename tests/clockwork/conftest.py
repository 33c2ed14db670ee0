"""A clock's project on SQLite and on PostgreSQL."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from clock_site import Postgres, Site


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Give one server for all tests; each takes a database of its own."""
    with contextlib.closing(Postgres()) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    """Give a project on each kind of database."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'ledger.sqlite3'}"
    else:
        url = request.getfixturevalue("postgres").create()
    with contextlib.closing(Site(tmp_path / "site", url)) as made:
        yield made
