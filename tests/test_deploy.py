"""`deploy`, `scale` and `status` with the real heroku command against the loopback Heroku."""

import json
import subprocess
from pathlib import Path

import pytest
from heroku_project import Owner, small_project
from herokuclock import app_git
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


@pytest.mark.parametrize("branch", ["main", "feature", "HEAD"])
def test_whatever_the_branch_is_the_first_push_makes_main(lonely: Path, branch: str) -> None:
    project, there = small_project(lonely / "tick"), lonely / "there.git"
    subprocess.run(["git", "init", "-q", "--bare", there], check=True)
    switch = ["--detach"] if branch == "HEAD" else ["-C", branch]
    subprocess.run(["git", "switch", "-q", *switch], cwd=project, check=True)

    app_git.push(project, str(there), app_git.refs(branch), lambda line: None)

    assert app_git.pushed(project, str(there))
