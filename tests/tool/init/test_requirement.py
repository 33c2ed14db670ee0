"""The library's requirement, asked for in the way in which the project asks for all others."""

import subprocess
from pathlib import Path

import pytest
from herokuclock.errors import HerokuclockError
from herokuclock.init import planning, processes
from herokuclock.new import library
from support.heroku_project import write

JOBS = "from clockdyno import Clock\nsched = Clock()\n"
WHEEL = f"vendor/clockdyno-{library.version()}-py3-none-any.whl"
EXACT = f"clockdyno=={library.version()}"


@pytest.fixture
def root(lonely: Path) -> Path:
    """Have a script with a clock line, and nothing else."""
    write(lonely, {"Procfile": "clock: python jobs.py\n", "jobs.py": JOBS})
    return lonely


def planned(root: Path) -> dict[str, bytes]:
    return {edit.path: edit.new for edit in planning.make(root, None).edits}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"flask\n", f"flask\n--find-links vendor\n{EXACT}\n".encode()),
        (b"flask", f"flask\n--find-links vendor\n{EXACT}".encode()),
        (b"flask\r\n", f"flask\r\n--find-links vendor\r\n{EXACT}\r\n".encode()),
        (b"--find-links vendor\nx", f"--find-links vendor\nx\n{EXACT}".encode()),
        (
            "flask\r\n".encode("utf-16"),
            f"flask\r\n--find-links vendor\r\n{EXACT}\r\n".encode("utf-16"),
        ),
        (
            b"apscheduler >=3.6, <3.11 ; python_version > '3'  # old\nx",
            b"apscheduler ==3.11.3 ; python_version > '3'  # old\nx\n--find-links vendor\n"
            + EXACT.encode(),
        ),
    ],
)
def test_requirements_txt_gets_two_lines_in_its_own_form(
    root: Path, old: bytes, new: bytes
) -> None:
    (root / "requirements.txt").write_bytes(old)
    edits = planned(root)
    assert edits["requirements.txt"] == new
    assert edits[WHEEL] == library.wheel().read_bytes()


def test_where_everything_is_pinned_what_the_library_brings_is_pinned_too(root: Path) -> None:
    (root / "requirements.txt").write_text("APScheduler==3.11.3\nrequests==2.32.5\n")
    lines = planned(root)["requirements.txt"].decode().splitlines()
    assert {line.split("==")[0] for line in lines if "==" in line} == {
        *("APScheduler", "requests", "clockdyno"),
        *("psycopg", "psycopg-binary", "sqlalchemy", "tzdata", "tzlocal"),
    }


def test_hashes_are_left_to_the_tool_that_made_them(root: Path) -> None:
    text = "requests==2.32.5 --hash=sha256:00\n"
    write(root, {"requirements.txt": text, "requirements.in": "requests\n"})
    plan = planning.make(root, None)
    assert "requirements.txt" not in {edit.path for edit in plan.edits}
    (told,) = [paste for paste in plan.pastes if paste.file == "requirements.txt"]
    assert "--generate-hashes" in told.lines[0]


def test_pipenv_is_told_what_to_type(root: Path) -> None:
    write(root, {"Pipfile": "[packages]\n", "Pipfile.lock": "{}"})
    plan = planning.make(root, None)
    (told,) = [paste for paste in plan.pastes if paste.file == "Pipfile.lock"]
    assert told.lines == (f"pipenv install ./{WHEEL}",)


@pytest.mark.parametrize(
    ("name", "lock", "words"),
    [
        ("uv", "uv.lock", f"add --no-sync ./{WHEEL}"),
        ("poetry", "poetry.lock", f"add --lock --no-interaction ./{WHEEL}"),
    ],
)
def test_a_tool_with_a_lock_adds_it_in_a_copy_first(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, lock: str, words: str
) -> None:
    write(root, {"pyproject.toml": "[project]\n", lock: "old\n"})
    stand_in(tmp_path / "bin", name, f"cat {WHEEL} > /dev/null && echo new >> {lock}", monkeypatch)

    edits = planned(root)

    assert edits[lock] == b"old\nnew\n" and "pyproject.toml" not in edits
    assert (tmp_path / "bin/told").read_text() == f"{words}\n"
    assert (root / lock).read_text() == "old\n"


def test_where_such_a_tool_cannot_nothing_is_changed(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(root, {"pyproject.toml": "[project]\n", "uv.lock": "old\n"})
    stand_in(tmp_path / "bin", "uv", "echo no network >&2; exit 1", monkeypatch)
    with pytest.raises(HerokuclockError, match="uv could not add the library: no network"):
        planning.make(root, None)


def stand_in(folder: Path, name: str, does: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a program on the PATH, which writes down what it was told."""
    folder.mkdir()
    (folder / name).write_text(f'#!/bin/sh\necho "$@" >> {folder}/told\n{does}\n')
    (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


@pytest.mark.parametrize(
    ("text", "release", "result"),
    [
        ("web: x\n", None, "web: x\nrelease: python -m clockdyno setup\n"),
        ("release: a b", "a b", "release: a b && python -m clockdyno setup"),
        (
            "release: a || b \r\nweb: x\r\n",
            "a || b",
            "release: a || b && python -m clockdyno setup \r\nweb: x\r\n",
        ),
        ("release: python -m clockdyno setup", "python -m clockdyno setup", None),
    ],
)
def test_a_release_makes_the_tables_after_what_it_does_anyway(
    text: str, release: str | None, result: str | None
) -> None:
    assert processes.with_setup(text, release) == (result or text)


@pytest.mark.parametrize("release", ["./migrate &", "a; b \\", "a # then", "cat <<X"])
def test_a_release_that_goes_on_is_left_to_its_owner(release: str) -> None:
    assert processes.with_setup(f"release: {release}\n", release) is None


def test_a_wheel_that_git_would_leave_out_is_told(root: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    write(root, {".gitignore": "vendor/\n"})
    told = [line for paste in planning.make(root, None).pastes for line in paste.lines]
    assert f"git add --force {WHEEL}" in told
