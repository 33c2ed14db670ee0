"""`new --workers` and `herokuclock workers on|off`: the same files each way, and back."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Run, tree
from herokuclock.check import order as checks
from herokuclock.check import workers
from herokuclock.check.findings import Site
from herokuclock.heroku import health
from herokuclock.new import bundle
from herokuclock.workers import command as workers

FILES = {
    *("clock/broker.py", "clock/claims.py", "clock/enqueue.py", "clock/records.py"),
    *("clock/queue_tables.py", "clock/where.py", "clock/worker.py", "tests/test_workers.py"),
}


@pytest.fixture
def made(run: Run, lonely: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a project without workers, and stand in it."""
    run("new", "ticker", "--yes")
    monkeypatch.chdir(lonely / "ticker")
    return lonely / "ticker"


def test_made_with_workers_and_switched_on_later_are_the_same_and_off_is_as_before(
    run: Run, lonely: Path, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tree(made)
    done = run("workers", "on")
    switched = tree(made)
    again = run("workers", "on")
    assert "already" in again.stdout and tree(made) == switched
    assert "heroku ps:scale worker=1" in done.stdout

    run("workers", "off")
    assert tree(made) == before

    monkeypatch.chdir(lonely)
    made.rename(lonely / "other")
    run("new", "ticker", "--yes", "--workers")
    assert tree(lonely / "ticker") == switched
    assert set(bundle.worker_files()) == FILES


def test_without_workers_not_a_line_of_them_is_in_the_project(made: Path) -> None:
    for path in made.rglob("*"):
        if path.is_file() and ".git" not in path.parts:
            text = path.read_text(encoding="utf-8").lower()
            assert "procrastinate" not in text and "worker dyno" not in text, path


def test_dry_run_writes_nothing(run: Run, made: Path) -> None:
    before = tree(made)

    shown = json.loads(run("workers", "on", "--dry-run", "--json").stdout)

    assert shown["written"] is False and {*FILES, "Procfile"} <= set(shown["files"])
    assert tree(made) == before


def test_what_its_owner_has_edited_is_kept(run: Run, made: Path) -> None:
    (made / "clock/where.py").write_text("# mine\n")

    refused = run("workers", "on")

    assert refused.returncode == 1
    assert "clock/where.py has been edited" in refused.stderr
    assert "worker" not in (made / "Procfile").read_text()
    assert run("workers", "on", "--force").returncode == 0
    assert "worker dynos" in (made / "clock/where.py").read_text()


def test_a_worker_of_its_own_is_not_replaced(run: Run, made: Path) -> None:
    with open(made / "Procfile", "a") as file:
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
    whole = workers.plan(made, on=True)
    for count in range(len(whole)):
        some = dict(sorted(whole.items())[:count])
        workers.write(made, some)
        rest = workers.plan(made, on=True)
        assert set(rest) == set(whole) - set(some)
    workers.write(made, workers.plan(made, on=True))
    assert workers.plan(made, on=True) == {}


def test_a_bad_answer_is_refused(run: Run, lonely: Path) -> None:
    (lonely / "answers.toml").write_text('name = "ticker"\nworkers = "many"\n')

    refused = run("new", "--answers", "answers.toml", "--yes")

    assert refused.returncode == 2
    assert "workers is true" in refused.stderr
    assert not (lonely / "ticker").exists()


def test_an_answers_file_may_ask_for_workers(run: Run, lonely: Path) -> None:
    (lonely / "answers.toml").write_text('name = "ticker"\nworkers = true\n')

    done = run("new", "--answers", "answers.toml", "--yes", "--dry-run")

    assert "clock/worker.py" in done.stdout


def test_check_finds_workers_that_are_half_switched_on(run: Run, made: Path) -> None:
    run("workers", "on")
    assert list(workers.whole(Site(made))) == []

    (made / "clock/where.py").write_bytes(
        (bundle.home() / "template" / "clock" / "where.py").read_bytes()
    )

    (found,) = workers.whole(Site(made))
    assert "clock/where.py knows nothing of them" in found.problem
    assert workers.whole in checks.OFFLINE


def test_the_health_page_tells_of_workers() -> None:
    page = {"state": "up", "jobs": [], "workers": {"up": 2, "waiting": 5}}

    found = health.from_page(json.dumps(page).encode())

    assert found is not None and found.workers == {"up": 2, "waiting": 5}


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_its_requirements_install_and_its_tests_pass(run: Run, made: Path) -> None:
    run("workers", "on")
    subprocess.run([sys.executable, "-m", "venv", ".venv"], check=True)
    pip = [".venv/bin/pip", "install", "-q", "-r", "requirements-test.txt"]
    subprocess.run(pip, check=True, capture_output=True)

    done = subprocess.run(
        [".venv/bin/python", "-m", "pytest"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout
    assert subprocess.run([".venv/bin/ruff", "check", "."], check=False).returncode == 0
    assert run("check").returncode == 0


def without_last_end(file: Path) -> None:
    file.write_bytes(file.read_bytes().removesuffix(b"\n"))


def with_ends_of_windows(file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))


def in_latin_1(file: Path) -> None:
    file.write_bytes(file.read_bytes() + b"# caf\xe9\n")


@pytest.mark.parametrize("edit", [without_last_end, with_ends_of_windows, in_latin_1])
def test_off_gives_back_the_bytes_of_edited_files(made: Path, edit: Callable[[Path], None]) -> None:
    for name in ("Procfile", "README.md", "requirements.txt", "requirements.in", "app.json"):
        edit(made / name)
    before = tree(made)

    workers.write(made, workers.plan(made, on=True))
    assert b"worker" in (made / "Procfile").read_bytes()
    assert b"## Worker dynos" in (made / "README.md").read_bytes()
    workers.write(made, workers.plan(made, on=False))

    assert tree(made) == before


@pytest.mark.parametrize("layout", [{"indent": 4}, {"separators": (",", ":")}])
def test_app_json_in_another_layout_gets_its_worker_and_loses_it(
    made: Path, layout: dict[str, Any]
) -> None:
    file = made / "app.json"
    file.write_text(json.dumps(json.loads(file.read_text()), **layout))
    before = file.read_bytes()

    workers.write(made, workers.plan(made, on=True))
    formation = json.loads(file.read_text())["formation"]
    assert formation["worker"] == formation["clock"]

    workers.write(made, workers.plan(made, on=False))
    assert file.read_bytes() == before


def test_a_readme_with_no_section_on_deploying_gets_it_at_its_end(made: Path) -> None:
    (made / "README.md").write_text("# Mine\n")

    workers.write(made, workers.plan(made, on=True))
    assert (made / "README.md").read_text().startswith("# Mine\n\n## Worker dynos\n")

    workers.write(made, workers.plan(made, on=False))
    assert (made / "README.md").read_text() == "# Mine\n"


def test_off_takes_out_what_on_brought_though_its_version_is_another(made: Path) -> None:
    file = made / "requirements.txt"
    before = file.read_bytes()
    workers.write(made, workers.plan(made, on=True))
    text = file.read_text().replace("attrs==26.1.0\n", "attrs==27.0\n    # via procrastinate\n")
    file.write_text(text.replace("procrastinate==3.10.0", "procrastinate==3.11"))

    workers.write(made, workers.plan(made, on=False))

    assert file.read_bytes() == before


def test_killed_half_way_off_the_next_run_finishes(made: Path) -> None:
    before = tree(made)
    for count in range(20):
        workers.write(made, workers.plan(made, on=True))
        workers.write(made, dict(list(workers.plan(made, on=False).items())[:count]))
        workers.write(made, workers.plan(made, on=False))
        assert tree(made) == before


def test_hashed_requirements_are_refused(run: Run, made: Path) -> None:
    with open(made / "requirements.txt", "a") as file:
        file.write("zope==1 --hash=sha256:aa\n")
    before = tree(made)

    refused = run("workers", "on")

    assert refused.returncode == 1 and "holds hashes" in refused.stderr
    assert tree(made) == before
