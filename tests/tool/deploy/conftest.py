"""A person with a small project, and the real heroku command."""

from pathlib import Path

import pytest
from loopback import Heroku
from loopback.owner import HELPER, heroku_env, heroku_program
from support.heroku_project import Owner, small_project


@pytest.fixture
def owner(heroku: Heroku, lonely: Path) -> Owner:
    heroku_program()
    return Owner(heroku, small_project(lonely / "tick"))


@pytest.fixture
def here(owner: Owner, monkeypatch: pytest.MonkeyPatch) -> Owner:
    """Let what the tool starts from this process see the loopback Heroku; git asks no `heroku`."""
    # One that says nothing forgets those before it.
    given = [
        ("maintenance.auto", "false"),
        ("credential.helper", ""),
        ("credential.helper", HELPER),
    ]
    settings = {"GIT_CONFIG_COUNT": str(len(given))}
    for n, (key, value) in enumerate(given):
        settings |= {f"GIT_CONFIG_KEY_{n}": key, f"GIT_CONFIG_VALUE_{n}": value}
    for name, value in {**heroku_env(owner.heroku, owner.home), **settings}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(owner.project)
    return owner
