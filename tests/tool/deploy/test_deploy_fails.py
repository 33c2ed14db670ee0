"""`deploy` when Heroku refuses, does not answer, or is interrupted; then `deploy` again."""

import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from loopback import Heroku, failures
from loopback.failures import Refusal
from loopback.owner import call, commit, heroku_program, push, until
from loopback.state import App
from support.heroku_project import Owner, end, small_project, write
from support.program import Run

# The requests of a deployment in their order, and how far the app is when each comes.
STEPS = {
    "create": ("POST", "/apps"),
    "database": ("POST", "/apps/tick/addons"),
    "wait": ("GET", "/apps/tick/addons/[^/]+"),
    "config": ("PATCH", "/apps/tick/config-vars"),
    "connect": ("GET", "/tick.git/info/refs"),
    "push": ("POST", "/tick.git/git-receive-pack"),
    "scale": ("PATCH", "/apps/tick/formation"),
    "verify": ("GET", "/apps/tick/releases"),
}
# What the request gets, how often, and whether Heroku had done what was asked for.
REFUSALS = {
    "unauthorized": (failures.UNAUTHORIZED, 1, False),
    "not found": (failures.NO_APP, 1, False),
    "rate limit": (failures.RATE_LIMIT, 1, False),
}
SILENT = {"unavailable": (failures.UNAVAILABLE, 9, False), "cut line": (None, 9, False)}
LOST_ANSWERS = {"unavailable": (failures.UNAVAILABLE, 9, True), "cut line": (None, 9, True)}
# How long a database takes to be ready: longer than a deployment takes to ask for that.
SLOW = 40
MUTATIONS = [step for step, (method, _) in STEPS.items() if method != "GET"]


@pytest.fixture
def owner(heroku: Heroku, lonely: Path) -> Owner:
    heroku_program()
    return Owner(heroku, small_project(lonely / "tick"))


def bring_to(step: str, owner: Owner) -> None:
    """Do all that comes before a step, without the tool."""
    heroku, steps = owner.heroku, list(STEPS)
    if steps.index(step) > steps.index("create"):
        heroku.create(App("tick"))
        owner.git("remote", "add", "heroku", f"https://127.0.0.1:{heroku.git.port}/tick.git")
    if steps.index(step) > steps.index("database"):
        # The database is ordered, and not there for some time.
        heroku.provisioning_seconds = SLOW if step == "wait" else 0
        heroku.add(heroku.app("tick"), "heroku-postgresql:essential-0")
    if steps.index(step) > steps.index("config"):
        both = {"SECRET_KEY": "a-secret", "DASHBOARD_PASSWORD": "a-password"}
        call(heroku, "PATCH", "/apps/tick/config-vars", both)
    if steps.index(step) > steps.index("push"):
        assert push(heroku, owner.project, "tick").returncode == 0
    if steps.index(step) > steps.index("scale"):
        call(heroku, "PATCH", "/apps/tick/formation", {"updates": [SCALE]})


def start_over(step: str, owner: Owner) -> None:
    for app in list(owner.heroku.apps.values()):
        owner.heroku.destroy(app)
    subprocess.run(["git", "remote", "remove", "heroku"], cwd=owner.project, capture_output=True)
    bring_to(step, owner)


def is_done(owner: Owner) -> bool:
    """Tell whether a deployment came to its end in spite of its trouble."""
    (app,) = owner.heroku.apps.values()
    return "clock" in app.formation and app.formation["clock"].quantity == 1


SCALE = {"type": "clock", "quantity": "1"}


def assert_all_is_done(owner: Owner) -> None:
    assert list(owner.heroku.apps) == ["tick"]
    app = owner.heroku.app("tick")
    assert [addon.state for addon in app.addons] == ["provisioned"]
    assert {p.type: p.quantity for p in app.formation.values()} == {"web": 1, "clock": 1}
    assert {"SECRET_KEY", "DASHBOARD_PASSWORD", "DATABASE_URL"} <= set(app.config)
    owner.assert_nothing_leaked()


def deploy_into(owner: Owner, step: str, trouble: tuple[Refusal | None, int, bool]) -> str:
    """Deploy while a step has this trouble; return what was said."""
    refusal, times, after = trouble
    if step == "wait":
        (app,) = owner.heroku.apps.values()
        owner.heroku.provision(app, app.addons[0], SLOW)
    failure = owner.heroku.fail(*STEPS[step], refusal, times, after)
    done = owner.types("deploy", "--yes")
    assert failure.times < times, f"the {step} was never asked for"
    failure.times = 0
    assert done.returncode in (0, 1), done.stderr
    if done.returncode:
        assert "Error: " in done.stderr and "Hint: " in done.stderr
        assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize("step", STEPS)
def test_whatever_is_refused_the_next_deploy_goes_on(owner: Owner, step: str) -> None:
    said = []
    # What changes something meets the other refusals below, when Heroku has done it all the same.
    troubles = REFUSALS if step in MUTATIONS else {**REFUSALS, **SILENT}
    for trouble in troubles.values():
        if not said or not owner.heroku.apps or is_done(owner):
            start_over(step, owner)
        said.append(deploy_into(owner, step, trouble))
    last = owner.types("deploy", "--yes")

    assert last.returncode == 0, "\n".join([*said, last.stdout, last.stderr])
    assert_all_is_done(owner)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("trouble", LOST_ANSWERS)
@pytest.mark.parametrize("step", MUTATIONS)
def test_what_heroku_did_although_its_answer_was_lost_is_not_done_again(
    owner: Owner, step: str, trouble: str
) -> None:
    bring_to(step, owner)
    said = deploy_into(owner, step, LOST_ANSWERS[trouble])
    last = owner.types("deploy", "--yes")

    assert last.returncode == 0, said + last.stdout + last.stderr
    assert_all_is_done(owner)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("step", STEPS)
def test_wherever_it_is_interrupted_it_ends_in_peace(owner: Owner, step: str) -> None:
    bring_to(step, owner)

    assert "Traceback" not in interrupted(owner, step, signal.SIGINT)
    owner.assert_nothing_leaked()


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("step", STEPS)
def test_wherever_it_is_killed_the_next_deploy_goes_on(owner: Owner, step: str) -> None:
    """Killed, it has no word in how it leaves things: an interrupt leaves nothing worse."""
    bring_to(step, owner)
    interrupted(owner, step, signal.SIGKILL)

    second = owner.types("deploy", "--yes")

    assert second.returncode == 0, second.stdout + second.stderr
    assert_all_is_done(owner)


def interrupted(owner: Owner, step: str, number: signal.Signals) -> str:
    """Deploy, end that at a step, and return what it said."""
    held = owner.heroku.hold(*STEPS[step])
    process = owner.begins("deploy", "--yes")
    assert held.reached.wait(120)
    said = end(process, number)
    held.go_on.set()
    assert process.returncode == (-9 if number is signal.SIGKILL else 130), said
    owner.output += said
    return said


def test_a_dry_run_waits_a_rate_limit_out_and_changes_nothing(owner: Owner) -> None:
    # All five requests of `heroku apps:info` are refused.
    owner.heroku.fail("GET", "/apps/tick.*", failures.RATE_LIMIT, 5)

    shown = owner.types("deploy", "--dry-run")

    assert shown.returncode == 0
    assert "trying again in 1 s" in shown.stderr
    assert "heroku addons:create heroku-postgresql:essential-0" in shown.stdout
    assert "git push heroku main" in shown.stdout
    assert owner.heroku.mutations() == []


@pytest.mark.slow
def test_known_refusals_get_words_and_a_way_out(owner: Owner) -> None:
    heroku = owner.heroku
    heroku.taken.add("tick")
    taken = owner.types("deploy", "--yes")
    assert "Error: Somebody else has an app named tick." in taken.stderr
    assert "herokuclock deploy --app NAME" in taken.stderr
    assert "Left: create the app, add the database" in taken.stderr

    heroku.taken.clear()
    heroku.account.verified = False
    assert "https://heroku.com/verify" in owner.types("deploy", "--yes").stderr

    heroku.account.verified = True
    heroku.fail("POST", "/apps", failures.QUOTA)
    assert "limit of 100 apps" in owner.types("deploy", "--yes").stderr

    wrong = owner.types("deploy", "--yes", HEROKU_API_KEY="HRKU-wrong")
    assert "Error: The key in HEROKU_API_KEY is not valid." in wrong.stderr
    assert heroku.apps == {}


@pytest.mark.slow
def test_a_second_dyno_where_only_one_can_be_gets_words(owner: Owner) -> None:
    bring_to("scale", owner)
    owner.heroku.fail(*STEPS["scale"], failures.SECOND_DYNO)

    refused = owner.types("deploy", "--yes")

    assert "Error: Basic dynos come one for each process type" in refused.stderr
    assert "Left: scale." in refused.stderr
    assert owner.types("deploy", "--yes").returncode == 0
    assert_all_is_done(owner)


def test_of_two_apps_that_the_remotes_lead_to_one_has_to_be_named(owner: Owner) -> None:
    for app in ("tick", "staging"):
        owner.git("remote", "add", app, f"https://127.0.0.1:{owner.heroku.git.port}/{app}.git")

    asked = owner.types("deploy", "--yes")

    assert asked.returncode == 1
    assert "staging (remote staging), tick (remote tick)" in asked.stderr
    assert "Hint: Name one: --app NAME" in asked.stderr
    assert owner.heroku.requests == []


@pytest.mark.slow
def test_a_failed_build_is_told_by_its_title_and_mended_by_the_next_deploy(owner: Owner) -> None:
    write(owner.project, {"uv.lock": ""})
    commit(owner.project)

    refused = owner.types("deploy", "--yes")
    assert "Error: requirements.txt and uv.lock both say what to install" in refused.stderr
    assert owner.heroku.requests == []
    failed = owner.types("deploy", "--yes", "--no-check")

    title = "Multiple Python package manager files were found."
    assert f"Error: The build failed: {title}" in failed.stderr
    assert "Left: push " in failed.stderr
    (owner.project / "uv.lock").unlink()
    commit(owner.project)
    assert owner.types("deploy", "--yes").returncode == 0
    assert_all_is_done(owner)


@pytest.mark.slow
@pytest.mark.parametrize(("type", "broken"), [("clock", "jobs.py"), ("web", "app.py")])
def test_a_dyno_that_crashes_is_told(owner: Owner, type: str, broken: str) -> None:
    write(owner.project, {broken: "raise SystemExit(1)\n"})
    commit(owner.project)

    failed = owner.types("deploy", "--yes")

    assert failed.returncode == 1
    assert f"Error: The {type} dyno crashed." in failed.stderr
    assert f"heroku logs --process-type {type} --app tick" in failed.stderr


@pytest.mark.slow
def test_a_release_command_that_failed_is_run_again(owner: Owner) -> None:
    bring_to("verify", owner)
    app = owner.heroku.app("tick")
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


def test_without_a_terminal_it_asks_for_yes(owner: Owner) -> None:
    asked = owner.types("deploy")

    assert asked.returncode == 2
    assert "--yes" in asked.stderr
    assert owner.heroku.mutations() == []


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

    for command in (["deploy", "--yes"], ["scale", "--app", "tick"], ["status", "--app", "tick"]):
        done = run(*command)
        assert done.returncode == 1
        assert "'heroku' is not installed" in done.stderr
        assert "https://devcenter.heroku.com/articles/heroku-cli" in done.stderr
