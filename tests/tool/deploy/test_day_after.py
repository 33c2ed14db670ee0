"""The day after: `status`, `logs`, `open` and `destroy` of an app on Heroku."""

import json

import pytest
from herokuclock import manifest
from herokuclock.deploy import plan
from herokuclock.deploy.inventory import Found, Target
from herokuclock.heroku import platform
from loopback import failures
from loopback.state import App
from support.deployment import deploy
from support.heroku_project import Owner


def with_an_app(owner: Owner) -> App:
    """Let there be an app with a database, and a remote that leads to it."""
    app = owner.heroku.create(App("tick"))
    owner.heroku.add(app, "heroku-postgresql:essential-0")
    owner.git("remote", "add", "heroku", f"https://127.0.0.1:{owner.heroku.git.port}/tick.git")
    return app


def test_destroy_names_all_that_goes_and_does_nothing_without_the_right_name(owner: Owner) -> None:
    app = with_an_app(owner)

    wrong = owner.types("destroy", "--confirm", "tock")

    assert wrong.returncode == 1
    assert "This destroys tick for good:" in wrong.stdout
    assert f"a database and all data in it  {app.addons[0].name}" in wrong.stdout
    assert "Error: That is not tick: nothing was done." in wrong.stderr
    assert owner.heroku.mutations() == []


@pytest.mark.slow
def test_a_destroyed_app_takes_its_remote_along_and_nothing_else(owner: Owner) -> None:
    with_an_app(owner)
    owner.heroku.create(App("other"))
    owner.heroku.fail("DELETE", "/apps/tick", failures.UNAVAILABLE, 9, after=True)

    done = owner.types("destroy", "--confirm", "tick", "--json")

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["destroyed"] is True
    assert list(owner.heroku.apps) == ["other"]
    assert (owner.project / "jobs.py").exists()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_what_was_destroyed_can_be_deployed_again(owner: Owner) -> None:
    deploy(owner)
    logs = owner.types("logs")
    opened = owner.types("open", "--json")
    assert owner.types("destroy", "--confirm", "tick").returncode == 0
    assert "heroku" not in (owner.project / ".git/config").read_text()

    again = owner.types("deploy", "--yes")

    assert again.returncode == 0, again.stdout + again.stderr
    assert logs.stdout.splitlines()[0].endswith("by user owner@example.com")
    assert "clock.1    tick runs next Mon 23 Nov 17:15 UTC" in logs.stdout
    assert json.loads(opened.stdout)["dashboard"].endswith("/clock")
    owner.assert_nothing_leaked()


@pytest.mark.slow
def test_a_config_change_whose_answer_is_lost_makes_one_release(here: Owner) -> None:
    """What `heroku config:set` reads afterwards is refused, when all is set already."""
    owner, app = here, with_an_app(here)
    found = Found(platform.app("tick"), "heroku", "main", "a" * 40, "a" * 40)
    steps = plan.steps(Target("tick", owner.project), manifest.read(owner.project), found)
    (step,) = [step for step in steps if step.title == "Set 2 config vars"]
    releases = len(app.releases)
    owner.heroku.fail("GET", "/apps/tick/releases.*", failures.UNAVAILABLE, 9)

    step.run(lambda line: None)

    assert len(app.releases) == releases + 1
    changes = [each for each in owner.heroku.mutations() if each.path.endswith("/config-vars")]
    assert len(changes) == 1
    assert {"SECRET_KEY", "DASHBOARD_PASSWORD"} <= set(app.config)
