"""The README: its first screen has two commands, and both work in a fresh clone."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest
from support.files import REPOSITORY

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ (.+)$", README, re.MULTILINE)


@pytest.fixture
def clone(lonely: Path) -> Path:
    """Copy what git tracks of this checkout, as it stands."""
    listed = subprocess.check_output(["git", "ls-files"], cwd=REPOSITORY, text=True)
    for path in filter(lambda path: (REPOSITORY / path).is_file(), listed.splitlines()):
        (lonely / "clone" / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / path, lonely / "clone" / path)
    subprocess.run(["git", "init", "-q"], cwd=lonely / "clone", check=True)
    subprocess.run(["git", "add", "-A"], cwd=lonely / "clone", check=True)
    return lonely / "clone"


def test_the_first_screen_has_exactly_two_commands() -> None:
    first_screen = "\n".join(README.splitlines()[:16])

    assert len(COMMANDS) == 2
    assert all(command in first_screen for command in COMMANDS)
    assert all(command.startswith("python3 -m venv ") for command in COMMANDS)


def test_the_readme_leads_to_every_page() -> None:
    pages = {page.name for page in (REPOSITORY / "docs").glob("*.md")} - {"index.md"}

    assert pages == set(re.findall(r"\(docs/([\w-]+\.md)\)", README))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_first_command_makes_a_project_that_runs(clone: Path) -> None:
    """As a new user: install, answer the prompts, and the project's own instructions work."""
    environment = {**os.environ, "TERM": "xterm", "PATH": _path_of_a_stranger()}
    child = pexpect.spawn(
        "bash", ["-c", COMMANDS[0]], cwd=str(clone), env=environment, timeout=300, encoding="utf-8"
    )
    child.expect("Time zone")
    child.send("\r")
    child.expect("Job 1")
    child.send("\r")
    child.expect("When does hello run")
    child.send("\r")
    child.expect("1 job so far")
    child.send("\r")
    child.expect("Python version")
    child.send("\r")
    child.expect("What manages")
    child.send("\r")
    child.expect("worker dynos")
    child.send("\r")
    child.expect("All right")
    child.send("\r")
    child.expect("Made myapp")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0

    project = clone / "myapp"
    install = "python3 -m venv .venv && .venv/bin/pip install -q -r requirements-test.txt"
    for command in (install, ".venv/bin/ruff check .", ".venv/bin/pytest"):
        done = subprocess.run(
            ["bash", "-c", command], cwd=project, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr


def _path_of_a_stranger() -> str:
    """Return a PATH without this environment: the stranger has python3 and git, no more."""
    mine = str(Path(sys.prefix) / "bin")
    return os.pathsep.join(p for p in os.environ["PATH"].split(os.pathsep) if p != mine)
