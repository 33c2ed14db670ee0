"""`herokuclock init`: asked once, whole or not at all, taken out again."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from herokuclock.errors import HerokuclockError
from herokuclock.init import applying, planning
from support import shapes
from support.files import tree
from support.program import Run


def after(root: Path, file: str, old: str, new: str) -> None:
    """Change a file, and commit that."""
    text = (root / file).read_bytes().decode() if (root / file).exists() else ""
    assert old in text
    (root / file).write_bytes(text.replace(old, new, 1).encode() if old else new.encode())
    subprocess.run(["git", "add", "--all"], cwd=root, check=True)
    subprocess.run(["git", "commit", "-qm", "Change"], cwd=root, check=True)


def test_it_shows_the_diff_what_changes_and_what_comes_next(run: Run, root: Path) -> None:
    told = run("init", "--yes").stdout

    assert '  +sched = Clock(timezone="UTC", app="app:app")' in told
    for text in ("fixed grid", "is skipped", "is caught up", "It was the server's"):
        assert text in " ".join(told.split())
    assert "Nothing was committed." in told
    assert "herokuclock run" in told and "http://localhost:5000/clock" in told
    log = subprocess.run(["git", "log", "--oneline"], capture_output=True, text=True)
    assert len(log.stdout.splitlines()) == 1


def test_without_a_terminal_and_yes_nothing_is_written(run: Run, root: Path) -> None:
    before = tree(root)

    refused = run("init")

    assert refused.returncode == 2 and "--yes" in refused.stderr
    planned = json.loads(run("init", "--dry-run", "--json").stdout)
    assert planned["status"] == "planned" and "jobs.py" in {f["path"] for f in planned["files"]}
    assert tree(root) == before


@pytest.mark.parametrize("file", ["app.py", "requirements.txt", ".gitignore"])
def test_what_no_commit_holds_is_not_touched(run: Run, root: Path, file: str) -> None:
    with (root / file).open("a") as changed:
        changed.write("# mine\n")
    before = tree(root)

    refused = run("init", "--yes")

    assert refused.returncode == 1 and f"init would change it: {file}." in refused.stderr
    assert tree(root) == before


def test_a_change_elsewhere_is_no_hindrance(run: Run, root: Path) -> None:
    (root / "updates.py").write_text("# mine\n" + (root / "updates.py").read_text())
    assert run("init", "--yes").returncode == 0


def test_without_git_it_is_undone_all_the_same(run: Run, root: Path) -> None:
    shutil.rmtree(root / ".git")
    before = tree(root)
    assert "this is no repository" in run("init", "--yes").stdout
    assert run("init", "--remove", "--yes").returncode == 0
    assert tree(root) == before


def test_remove_leaves_what_was_edited_since_and_what_that_needs(run: Run, root: Path) -> None:
    before = tree(root)
    run("init", "--yes")
    with (root / "requirements.txt").open("a") as edited:
        edited.write("requests\n")

    told = run("init", "--remove", "--yes", "--json")

    (wheel,) = [name for name in tree(root) if name.endswith(".whl")]
    assert json.loads(told.stdout)["left"] == ["requirements.txt", wheel]
    now = tree(root)
    assert {name for name in now if now[name] != before.get(name)} == {"requirements.txt", wheel}
    nothing = run("init", "--remove", "--yes")
    assert nothing.returncode == 1 and "nothing that init has written" in nothing.stderr


def test_a_later_run_adds_to_the_record_of_the_first(run: Run, root: Path) -> None:
    before = tree(root)
    run("init", "--yes")
    # As if the dashboard had been taken out by hand, and is wanted again.
    (root / "app.py").write_bytes(before["app.py"])
    subprocess.run(["git", "add", "--all"], check=True)
    subprocess.run(["git", "commit", "-qm", "Change"], check=True)

    again = json.loads(run("init", "--yes", "--json").stdout)

    assert [file["path"] for file in again["files"]] == ["app.py"]
    assert run("init", "--remove", "--yes").returncode == 0
    assert tree(root) == before


def test_what_else_stands_in_the_tools_file_is_kept(run: Run, root: Path) -> None:
    mine = '# mine\n[answers]\nname = "caf\u00e9"\n'
    (root / ".herokuclock.toml").write_text(mine)
    run("init", "--yes")
    assert (root / ".herokuclock.toml").read_text().startswith(mine)
    run("init", "--remove", "--yes")
    assert (root / ".herokuclock.toml").read_text() == mine


def test_the_zone_is_the_one_that_is_asked_for_else_that_of_app_json(run: Run, root: Path) -> None:
    assert 'Clock(timezone="Asia/Tokyo"' in run("init", "--dry-run", "--timezone", "tokyo").stdout
    after(root, "app.json", "", '{"env": {"TZ": "Europe/Paris"}}')
    told = " ".join(run("init", "--dry-run").stdout.split())
    assert 'Clock(timezone="Europe/Paris"' in told and "as TZ in app.json says" in told
    assert run("init", "--timezone", "Nowhere/Land").returncode == 2


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (".python-version", "", "3.10\n", "needs 3.11 or newer"),
        ("Procfile", "python jobs.py", "./start", "starts no Python file that is here: ./start"),
        ("Procfile", "python jobs.py", "python gone.py", "starts no Python file that is here"),
        ("requirements.txt", "Flask", "Flask==2.3.3", "asks for Flask==2.3.3, and the clock needs"),
        ("requirements.txt", "Flask", "SQLAlchemy<2\nFlask", "asks for SQLAlchemy<2"),
        ("jobs.py", "sched.start()", "sched.start(", "jobs.py does not parse"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(
    run: Run, root: Path, file: str, old: str, new: str, message: str
) -> None:
    after(root, file, old, new)
    before = tree(root)

    refused = run("init", "--yes")

    assert refused.returncode == 1 and message in refused.stderr and "Hint: " in refused.stderr
    assert tree(root) == before


def test_a_new_clock_takes_the_zone_of_the_scheduler_that_it_replaces(
    run: Run, lonely: Path
) -> None:
    root = shapes.lay_out("background_in_web", lonely / "web")
    after(root, "app.py", "(daemon=True)", "(timezone=pytz.timezone('Asia/Taipei'))")

    told = run("init", "--yes", cwd=root).stdout

    assert 'sched = Clock(timezone="Asia/Taipei")' in (root / "jobs.py").read_text()
    assert "fixed grid" in told and "Place the lines above first." in told


def test_two_schedulers_of_which_none_is_named_are_a_question_for_their_owner(
    run: Run, root: Path
) -> None:
    (root / "other.py").write_bytes((root / "jobs.py").read_bytes())
    after(root, "Procfile", "\n\nclock: python jobs.py", "\n")

    refused = run("init", "--yes")

    assert refused.returncode == 1
    assert "jobs.py and other.py each make a scheduler" in refused.stderr
    assert "clock: python jobs.py" in refused.stderr


def test_a_folder_without_an_app_is_told_of_new(run: Run, lonely: Path) -> None:
    refused = run("init")
    assert refused.returncode == 1 and "herokuclock new" in refused.stderr


def test_a_file_that_somebody_changes_meanwhile_is_not_overwritten(root: Path) -> None:
    plan = planning.make(root, None)
    (root / "app.py").write_text("mine")
    before = tree(root)
    with pytest.raises(HerokuclockError, match="app.py has just been changed"):
        applying.apply(root, plan.edits)
    assert tree(root) == before


def test_the_other_commands_work_in_such_an_app(run: Run, lonely: Path) -> None:
    root = shapes.lay_out("package_with_factory", lonely / "shop")
    (root / "tests").mkdir()
    run("init", "--yes", cwd=root)
    before = tree(root)

    assert run("add", "report", "weekdays", "at", "17:00", cwd=root).returncode == 0
    assert "def report" in (root / "shop/clock.py").read_text()
    assert "from shop.clock import report" in (root / "tests/test_job_report.py").read_text()
    assert "report" in run("next", "report", cwd=root).stdout
    assert run("remove", "report", cwd=root).returncode == 0
    assert tree(root) == before
    assert run("workers", "on", cwd=root).returncode == 0
    assert "workers=True" in (root / "shop/clock.py").read_text()
    assert "jobs.py" not in tree(root)
    assert run("workers", "off", cwd=root).returncode == 0
    assert tree(root) == before
    checked = json.loads(run("check", "--json", cwd=root).stdout)
    assert [each for each in checked if each["severity"] == "error"] == []
