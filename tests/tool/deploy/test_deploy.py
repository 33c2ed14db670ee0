"""`deploy`, `scale` and `status` with the real heroku command against the loopback Heroku."""

import json
import os
import subprocess
from pathlib import Path
from threading import Event

import pytest
from herokuclock import shell
from herokuclock.deploy import inventory
from herokuclock.deploy.inventory import Target
from herokuclock.heroku import platform
from herokuclock.heroku import repository as app_git
from support.deployment import make_app
from support.heroku_project import Owner, small_project


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_deploy_makes_everything_once_and_the_second_run_changes_nothing(owner: Owner) -> None:
    first = owner.types("deploy", "--yes", "--region", "eu")

    assert first.returncode == 0, first.stdout + first.stderr
    app = owner.heroku.app("tick")
    assert app.region == "eu"
    assert {p.type: p.quantity for p in app.formation.values()} == {"web": 1, "clock": 1}
    assert {"SECRET_KEY", "DASHBOARD_PASSWORD", "DATABASE_URL"} <= set(app.config)
    assert "about $19 a month" in first.stdout
    assert "The clock of tick is up, its heartbeat 2 s old." in first.stdout
    assert "Step 6 of 7: Scale: done" in first.stdout
    assert "tick  Mon 23 Nov 17:00 UTC  succeeded  Mon 23 Nov 17:15 UTC" in first.stdout
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


@pytest.fixture
def hook(lonely: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in the hook of another repository: git says so in these variables."""
    other = small_project(lonely / "other")
    subprocess.run(["git", "commit", "-q", "--allow-empty", "-m", "Other"], cwd=other, check=True)
    there = {"DIR": ".git", "WORK_TREE": ".", "INDEX_FILE": ".git/index", "COMMON_DIR": ".git"}
    for name, path in there.items():
        monkeypatch.setenv(f"GIT_{name}", str(other / path))
    monkeypatch.setenv("GIT_PREFIX", "")
    return other


def head(folder: Path) -> str:
    """Return a repository's newest commit, as its files say it."""
    return (folder / ".git/refs/heads/main").read_text().strip()


def test_git_takes_the_projects_own_repository_whatever_the_environment_says(
    lonely: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    project, there = small_project(lonely / "tick"), lonely / "there.git"
    subprocess.run(["git", "init", "-q", "--bare", there], check=True)
    other = request.getfixturevalue("hook")
    assert head(project) != head(other)

    app_git.push(project, str(there), "main", lambda line: None)

    assert app_git.pushed(project, str(there)) == head(project)
    assert shell.git(project, "rev-parse", "--show-toplevel").out.strip() == str(project)


def test_every_variable_that_says_which_repository_is_taken_out() -> None:
    listed = set(shell.run(["git", "rev-parse", "--local-env-vars"]).out.split())

    # What `git -c` says, which git hands on to other repositories, too.
    assert listed - shell.LOCAL_TO_A_REPOSITORY == {"GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT"}


@pytest.mark.slow
def test_a_deploy_from_the_hook_of_another_repository_deploys_the_project(
    owner: Owner, hook: Path
) -> None:
    where = {name: value for name, value in os.environ.items() if name.startswith("GIT_")}
    make_app(owner)

    done = owner.types("deploy", "--yes", **where)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "heroku" in (owner.project / ".git/config").read_text()
    assert "heroku" not in (hook / ".git/config").read_text()


def test_git_is_asked_when_heroku_has_told_it_how_to_log_in(
    lonely: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first `heroku` on a machine, as in CI, names git's credential helper."""
    project, order, git_began = small_project(lonely / "tick"), list[str](), Event()
    subprocess.run(
        ["git", "remote", "add", "heroku", "https://git.heroku.com/tick.git"],
        cwd=project,
        check=True,
    )

    def app(name: str) -> platform.App:
        git_began.wait(0.1)
        order.append("heroku")
        return platform.App(name, "", "", (), ())

    def pushed(folder: Path, remote: str) -> None:
        order.append("git")
        git_began.set()

    monkeypatch.setattr(platform, "app", app)
    monkeypatch.setattr(app_git, "pushed", pushed)
    for asked in ("config_names", "formation", "releases"):
        monkeypatch.setattr(platform, asked, lambda name: ())
    inventory.read(Target("tick", project))

    assert order == ["heroku", "git"]
