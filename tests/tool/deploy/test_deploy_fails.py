"""`deploy` when the app cannot be, is not built, or does not run: in words, with a way out."""

import re
import shutil
from pathlib import Path

import pytest
from herokuclock.deploy import command, inventory
from herokuclock.deploy.inventory import Found
from herokuclock.heroku import platform
from loopback import failures
from loopback.owner import call, commit, push, until
from support import deploy_steps
from support.deployment import CLOCK, assert_all_is_done, bring_to_scale
from support.heroku_project import Owner, small_project, write
from support.program import Run


@pytest.mark.slow
def test_it_waits_a_rate_limit_out_and_without_a_terminal_asks_for_yes(
    here: Owner, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    # All five requests of `heroku apps:info` are refused; of an app that there is none, no more
    # is asked.
    here.heroku.fail("GET", "/apps/tick.*", failures.RATE_LIMIT, 5)
    for what in ("config_names", "formation", "releases"):
        monkeypatch.setattr(platform, what, lambda app: ())

    asked = run("deploy")

    assert "trying again in 1 s" in asked.stderr
    assert "heroku addons:create heroku-postgresql:essential-0" in asked.stdout
    assert "git push heroku main" in asked.stdout
    assert asked.returncode == 2
    assert "--yes" in asked.stderr
    assert here.heroku.mutations() == []


def test_a_dry_run_shows_the_plan_and_does_nothing(
    lonely: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(small_project(lonely / "tick"))
    monkeypatch.setenv("PATH", str(Path(shutil.which("git") or "git").parent))  # No `heroku`.
    monkeypatch.setattr(inventory, "read", lambda target: Found(None, "", "main", "a" * 40, None))

    shown = run("deploy", "--dry-run")

    assert shown.returncode == 0
    assert "git push heroku main" in shown.stdout
    numbers = re.findall(r"^  (\d)\. (\w+)", shown.stdout, re.MULTILINE)
    assert [int(number) for number, _ in numbers] == [*range(1, len(numbers) + 1)]
    assert numbers[-1][1] == "Verify"  # It is counted, as it is when it is done.
    assert shown.stdout.endswith("Nothing was done.\n")


def test_of_two_apps_that_the_remotes_lead_to_one_has_to_be_named(owner: Owner) -> None:
    for app in ("tick", "staging"):
        owner.git("remote", "add", app, f"https://127.0.0.1:{owner.heroku.git.port}/{app}.git")

    asked = owner.types("deploy", "--yes")

    assert asked.returncode == 1
    assert "staging (remote staging), tick (remote tick)" in asked.stderr
    assert "Hint: Name one: --app NAME" in asked.stderr
    assert owner.heroku.requests == []


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_failed_build_is_told_by_its_title_and_mended_by_the_next_deploy(owner: Owner) -> None:
    bring_to_scale(owner)
    asked = len(owner.heroku.requests)
    write(owner.project, {"uv.lock": ""})
    commit(owner.project)

    refused = owner.types("deploy", "--yes")
    assert "Error: requirements.txt and uv.lock both say what to install" in refused.stderr
    assert owner.heroku.requests[asked:] == []
    failed = owner.types("deploy", "--yes", "--no-check")

    title = "Multiple Python package manager files were found."
    assert f"Error: The build failed: {title}" in failed.stderr
    assert "Left: push " in failed.stderr
    (owner.project / "uv.lock").unlink()
    commit(owner.project)
    assert owner.types("deploy", "--yes").returncode == 0
    assert_all_is_done(owner)


@pytest.mark.slow
def test_a_dyno_that_crashes_is_told(
    here: Owner, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = deploy_steps.read(here.project)
    monkeypatch.setattr(command, "run", deploy_steps.deploying(steps, "verify"))
    files = {name: (here.project / name).read_text() for name in ("app.py", "jobs.py")}
    bring_to_scale(here)
    call(here.heroku, "PATCH", "/apps/tick/formation", {"updates": [CLOCK]})
    for type, broken in (("web", "app.py"), ("clock", "jobs.py")):
        write(here.project, {**files, broken: "raise SystemExit(1)\n"})
        assert push(here.heroku, here.project, "tick").returncode == 0

        failed = run("deploy", "--yes")

        assert failed.returncode == 1
        assert f"Error: The {type} dyno crashed." in failed.stderr
        assert f"heroku logs --process-type {type} --app tick" in failed.stderr


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_release_command_that_failed_is_run_again(owner: Owner) -> None:
    app = bring_to_scale(owner)
    call(owner.heroku, "PATCH", "/apps/tick/formation", {"updates": [CLOCK]})
    # It fails for as long as the config var is not set.
    command = "python -c 'import os; os.environ[\"READY\"]'"
    text = (owner.project / "Procfile").read_text()
    write(owner.project, {"Procfile": f"{text}release: {command}\n"})
    commit(owner.project)
    failed = owner.types("deploy", "--yes")
    assert "The release command of v" in failed.stderr

    app.config["READY"] = "1"
    again = owner.types("deploy", "--yes")

    assert again.returncode == 0, again.stderr
    assert "heroku releases:retry" in again.stdout
    until(lambda: app.current and app.current.description.startswith("Retry of"), app)


def test_a_name_that_no_app_can_have_is_refused_before_anything_is_asked(owner: Owner) -> None:
    refused = owner.types("deploy", "--yes", "--app", "My_App")

    assert refused.returncode == 2
    assert "herokuclock deploy --app my-app" in refused.stderr
    assert owner.heroku.requests == []


def test_without_the_heroku_command_it_says_where_to_get_it(
    lonely: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(small_project(lonely / "tick"))
    monkeypatch.setenv("PATH", str(Path(shutil.which("git") or "git").parent))

    for words in (["deploy", "--yes"], ["scale", "--app", "tick"], ["status", "--app", "tick"]):
        done = run(*words)
        assert done.returncode == 1
        assert "'heroku' is not installed" in done.stderr
        assert "https://devcenter.heroku.com/articles/heroku-cli" in done.stderr
