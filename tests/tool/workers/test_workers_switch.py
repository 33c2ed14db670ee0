"""`new --workers` and `herokuclock workers on|off`: the same files each way, and back."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from herokuclock.check import order as checks
from herokuclock.check import workers
from herokuclock.check.findings import Site
from herokuclock.heroku import health
from herokuclock.jobs.clock_call import has_workers
from herokuclock.workers import command as switch
from herokuclock.workers import edits
from loopback.build import HOME
from support.files import tree
from support.program import Run
from uv import find_uv_bin

TESTS = "requirements-test.txt"
FILES = {
    *("jobs.py", "Procfile", "requirements.in", "requirements.txt", "app.json"),
    ".herokuclock.toml",
}


def test_made_with_workers_and_switched_on_later_are_the_same_and_off_is_as_before(
    run: Run, lonely: Path, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tree(made)
    done = run("workers", "on")
    switched = tree(made)
    assert switched.keys() == before.keys()
    assert {name for name in switched if switched[name] != before[name]} == FILES
    again = run("workers", "on")
    assert "already" in again.stdout and tree(made) == switched
    assert "heroku ps:scale worker=1" in done.stdout
    assert "pip install" not in done.stdout  # `run` makes the environment with all of it.

    run("workers", "off")
    assert tree(made) == before

    monkeypatch.chdir(lonely)
    made.rename(lonely / "other")
    run("new", "ticker", "--yes", "--workers")
    made_with = tree(lonely / "ticker")
    # What was written, and so what an update starts from, is another thing.
    assert made_with.pop(".herokuclock.toml") != switched.pop(".herokuclock.toml")
    assert made_with == switched


def test_without_workers_not_a_line_of_them_is_in_the_project(made: Path) -> None:
    for path in made.rglob("*"):
        if path.is_file() and ".git" not in path.parts and path.suffix != ".whl":
            text = path.read_text(encoding="utf-8").lower()
            assert "procrastinate" not in text and "worker dyno" not in text, path


def test_the_queue_is_to_be_had_by_the_environments_own_pip(run: Run, made: Path) -> None:
    (made / ".venv/bin").mkdir(parents=True)
    (made / ".venv/bin/python").touch()

    done = run("workers", "on")

    assert "\n  .venv/bin/pip install -r requirements-test.txt" in done.stdout


def test_dry_run_writes_nothing(run: Run, made: Path) -> None:
    before = tree(made)

    shown = json.loads(run("workers", "on", "--dry-run", "--json").stdout)

    assert shown["written"] is False and set(shown["files"]) == FILES
    assert tree(made) == before


def test_what_its_owner_has_edited_is_kept(run: Run, made: Path) -> None:
    file = made / "jobs.py"
    edited = file.read_text().replace('Clock(timezone="UTC")', "Clock(  # mine\n    'UTC',\n)")
    file.write_text(edited)
    readme = (made / "README.md").read_bytes()

    assert run("workers", "on").returncode == 0
    assert "# mine" in file.read_text() and has_workers(file.read_text())
    assert (made / "README.md").read_bytes() == readme

    assert run("workers", "off").returncode == 0
    assert file.read_text() == edited


def test_a_clock_that_cannot_be_found_is_left_to_its_owner(run: Run, made: Path) -> None:
    (made / "jobs.py").write_text("from mine import sched\n")
    before = tree(made)

    refused = run("workers", "on")

    assert refused.returncode == 1
    assert refused.stderr.startswith("Error: jobs.py") and "Hint: " in refused.stderr
    assert tree(made) == before


def test_a_worker_of_its_own_is_not_replaced(run: Run, made: Path) -> None:
    with (made / "Procfile").open("a") as file:
        file.write("worker: celery -A app worker\n")
    before = tree(made)

    refused = run("workers", "on")

    assert refused.returncode == 1
    assert "celery" in refused.stderr and tree(made) == before


def test_pins_that_were_there_stay_when_workers_go(run: Run, made: Path) -> None:
    file = made / "requirements.txt"
    file.write_text(file.read_text().replace("blinker==", "attrs==25.1.0\nblinker=="))
    before = tree(made)

    run("workers", "on")
    assert "attrs==25.1.0" in file.read_text() and "attrs==26" not in file.read_text()

    run("workers", "off")
    assert tree(made) == before


def test_killed_half_way_the_next_run_finishes(made: Path) -> None:
    whole = switch.plan(made, on=True)
    for count in range(len(whole)):
        some = dict(sorted(whole.items())[:count])
        switch.write(made, some)
        rest = switch.plan(made, on=True)
        assert set(rest) == set(whole) - set(some)
    switch.write(made, switch.plan(made, on=True))
    assert switch.plan(made, on=True) == {}


def test_a_bad_answer_is_refused(run: Run, lonely: Path) -> None:
    (lonely / "answers.toml").write_text('name = "ticker"\nworkers = "many"\n')

    refused = run("new", "--answers", "answers.toml", "--yes")

    assert refused.returncode == 2
    assert "workers is true" in refused.stderr
    assert not (lonely / "ticker").exists()


def test_an_answers_file_may_ask_for_workers(run: Run, lonely: Path) -> None:
    (lonely / "answers.toml").write_text('name = "ticker"\nworkers = true\n')

    done = run("new", "--answers", "answers.toml", "--yes", "--dry-run")

    assert "workers   True" in done.stdout or "worker dynos" in done.stdout
    assert run("new", "--answers", "answers.toml", "--yes").returncode == 0
    assert edits.is_on(lonely / "ticker")


@pytest.mark.parametrize("name", ["jobs.py", "Procfile", "requirements.txt"])
def test_check_finds_workers_that_are_half_switched_on(run: Run, made: Path, name: str) -> None:
    without = (made / name).read_bytes()
    run("workers", "on")
    assert list(workers.whole(Site(made))) == []

    (made / name).write_bytes(without)

    (found,) = workers.whole(Site(made))
    told = "the Procfile" if name == "Procfile" else name
    assert f"{told} knows nothing of them" in found.problem
    assert workers.whole in checks.OFFLINE
    assert run("workers", "on").returncode == 0
    assert list(workers.whole(Site(made))) == []


def test_the_health_page_tells_of_workers() -> None:
    page = {"state": "up", "jobs": [], "workers": {"up": 2, "waiting": 5}}

    found = health.from_page(json.dumps(page).encode())

    assert found is not None and found.workers == {"up": 2, "waiting": 5}


@pytest.mark.slow
def test_its_requirements_install_and_its_tests_pass(run: Run, made: Path) -> None:
    run("workers", "on")
    # By uv, which installs what pip does, and sooner.
    environment = {**os.environ, "HOME": str(HOME)}
    for words in (["venv", "--python", sys.executable], ["pip", "install", "-r", TESTS]):
        subprocess.run([find_uv_bin(), "-q", *words], env=environment, check=True)

    done = subprocess.run(
        [".venv/bin/python", "-m", "pytest"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout
    assert subprocess.run([".venv/bin/ruff", "check", "."], check=False).returncode == 0
    assert run("check").returncode == 0


def test_hashed_requirements_are_refused(run: Run, made: Path) -> None:
    with (made / "requirements.txt").open("a") as file:
        file.write("zope==1 --hash=sha256:aa\n")
    before = tree(made)

    refused = run("workers", "on")

    assert refused.returncode == 1 and "holds hashes" in refused.stderr
    assert tree(made) == before
