"""`check`: one broken project for each thing that can be wrong; that finding and no other."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from herokuclock.check import command as check
from herokuclock.check import order as checks
from loopback.owner import commit
from support.broken_projects import (
    BROKEN,
    DEEP,
    Break,
    replaced,
    without,
)
from support.findings import facts, found_in, found_in_files
from support.heroku_project import write
from support.program import Run
from support.rows import rows

VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"


@pytest.mark.usefixtures("forked_python")
def test_a_new_project_is_fit(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)

    assert checks.of_project(project) == []


@pytest.mark.parametrize(
    "change",
    [
        replaced("jobs.py", "import logging", "import logging\nimport flask"),
        replaced("jobs.py", "import logging", "import logging\nimport app"),
        replaced("jobs.py", "minutes=15", "minutes=sum([7, 8])"),
        replaced("jobs.py", "minutes=15", "minuets=15"),
        replaced("jobs.py", '"UTC"', "str()"),
        replaced("jobs.py", "\nif __name__", "\nfor x in range(3):\n    pass\n\nif __name__"),
    ],
)
def test_without_an_environment_jobs_that_reading_does_not_settle_are_told_of(
    project: Path, change: Break
) -> None:
    assert checks.of_project(project) == []

    change(project)

    assert ("jobs", "warning") in facts(checks.of_folder(project))


@pytest.mark.usefixtures("forked_python")
def test_jobs_are_checked_by_the_project_itself(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)
    replaced("jobs.py", "import logging", "import logging\nimport json.nothing")(project)
    commit(project)

    found = checks.of_project(project)

    assert facts(found) == [("jobs", "error")]
    assert "json.nothing" in found[0].problem and found[0].remedy.endswith("-m clockdyno check")
    assert not list(project.rglob("__pycache__"))


# These ask an index of packages for what they need.
FROM_AN_INDEX = ("pip ", "pipenv ", "python3 -m py_compile")


def can_be_pasted(remedy: str) -> bool:
    return not remedy.endswith(".") and not any(program in remedy for program in FROM_AN_INDEX)


def paste(remedy: str, project: Path) -> None:
    subprocess.run(["sh", "-c", remedy], cwd=project, check=True)


# One for each check that finds something.
FOUND = {row[1]: name for name, row in BROKEN.items()}.values()


@pytest.mark.parametrize("broken", rows(BROKEN, FOUND))
def test_what_is_broken_is_found_and_nothing_else_and_a_remedy_that_is_a_command_mends_it(
    project: Path, broken: str
) -> None:
    change, name, severity, is_mended = BROKEN[broken]
    change(project)
    commit(project)

    found = found_in(project)

    assert facts(found) == [(name, severity)], found
    assert found[0].problem.endswith((".", ":", "py")) or broken.startswith(("jobs", "web"))
    assert found[0].remedy
    assert bool(found[0].repairs) is is_mended
    if can_be_pasted(found[0].remedy):
        assert (">>" in found[0].remedy) is (broken in APPENDED)
        paste(found[0].remedy, project)
        assert found_in_files(project) == []


# One for each way of mending.
MENDED = "hook with Windows line endings", "committed .env", "runtime.txt", "no web"


@pytest.mark.parametrize("broken", rows([name for name, row in BROKEN.items() if row[3]], MENDED))
def test_what_is_mended_is_fit(
    project: Path, broken: str, capsys: pytest.CaptureFixture[str]
) -> None:
    BROKEN[broken][0](project)
    commit(project)

    check.run(None, fix=True)

    shown = capsys.readouterr().out
    assert "Mended: " in shown
    assert "\n  +" in shown or "\n  -" in shown or "git rm --cached" in shown
    assert found_in_files(project) == []


# Whose remedy appends a line to a file.
APPENDED = (
    *("python of Heroku", "committed .venv", "committed venv", "committed .env"),
    *("no Procfile", "no clock", "no web"),
)


@pytest.mark.parametrize("broken", rows(APPENDED, ("no clock", "committed .env")))
def test_a_remedy_appends_to_a_file_whose_last_line_has_no_end(project: Path, broken: str) -> None:
    BROKEN[broken][0](project)
    for name in ("Procfile", ".gitignore"):
        if (project / name).exists():
            (project / name).write_text((project / name).read_text().rstrip("\n"))
    commit(project)

    paste(found_in(project)[0].remedy, project)

    assert found_in_files(project) == []


@pytest.mark.parametrize("code", DEEP)
def test_code_that_python_cannot_take_is_no_bug_of_ours(project: Path, code: str) -> None:
    app, jobs = ((project / name).read_text() for name in ("app.py", "jobs.py"))
    old = {"app.py": app, "jobs.py": jobs, "bin/pre_compile": "#!/bin/python", "other.py": ""}
    write(project, {name: f"{text}\n{DEEP[code]}\n" for name, text in old.items()})
    commit(project)

    found = {each.problem.partition(" ")[0] for each in checks.of_project(project)}

    assert found >= {"jobs.py"}
    assert code != "minus" or "bin/pre_compile" in found


def test_requirements_that_are_included_count(project: Path) -> None:
    text = (project / "requirements.txt").read_text()
    write(
        project,
        {
            "requirements.txt": "-r requirements/web.txt\n",
            "requirements/web.txt": f"-r base.txt\n-c base.txt\n{text}".replace("vendor", "./"),
            "requirements/base.txt": "loose\n",
        },
    )
    commit(project)

    assert [each.problem.split(":")[0] for each in found_in(project)] == [
        "requirements.txt does not pin loose"
    ]


def test_app_json_that_is_nested_too_deeply_is_no_json(project: Path) -> None:
    write(project, {"app.json": "[" * 100_000})

    assert [each.check for each in found_in(project)] == ["git-uncommitted", "app-json"][::-1]


def test_two_mendings_of_one_file_are_both_made(project: Path) -> None:
    write(project, {"Procfile": "release: python -c 1\n"})

    check.run(None, fix=True)

    lines = (project / "Procfile").read_text().splitlines()
    assert lines == ["release: python -c 1", "web: gunicorn app:app", "clock: python jobs.py"]


def test_the_command_says_what_is_wrong_and_what_to_do(project: Path, run: Run) -> None:
    without("Procfile")(project)
    commit(project)

    done = run("check")

    assert done.returncode == 1
    assert "error: There is no Procfile, so Heroku starts nothing. [procfile, --fix]" in done.stdout
    assert "1 error. `herokuclock check --fix` mends 1 of them." in done.stdout
    shown = run("check", "--json")
    assert shown.returncode == 1
    assert json.loads(shown.stdout)[0]["check"] == "procfile"
