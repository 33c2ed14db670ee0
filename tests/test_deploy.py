"""`deploy`, `scale` and `status` with the real heroku command against the loopback Heroku."""

import json
from pathlib import Path

import pytest
from heroku_project import Owner, small_project
from loopback import Heroku
from loopback.owner import heroku_program


@pytest.fixture
def owner(heroku: Heroku, lonely: Path) -> Owner:
    heroku_program()
    return Owner(heroku, small_project(lonely / "tick"))


def test_deploy_makes_everything_once_and_the_second_run_changes_nothing(owner: Owner) -> None:
    first = owner.types("deploy", "--yes", "--region", "eu")

    assert first.returncode == 0, first.stdout + first.stderr
    app = owner.heroku.app("tick")
    assert app.region == "eu"
    assert {p.type: p.quantity for p in app.formation.values()} == {"web": 1, "clock": 1}
    assert {"SECRET_KEY", "DASHBOARD_PASSWORD", "DATABASE_URL"} <= set(app.config)
    assert "about $19 a month" in first.stdout
    assert "The clock of tick is up, its heartbeat 2 s old." in first.stdout
    assert "heroku config:get DASHBOARD_PASSWORD" in first.stdout
    made = len(owner.heroku.mutations())

    second = owner.types("deploy", "--yes", "--json")

    assert second.returncode == 0, second.stderr
    assert json.loads(second.stdout)["status"] == "unchanged"
    assert owner.heroku.mutations()[made:] == []
    owner.assert_nothing_leaked()
