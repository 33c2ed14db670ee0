"""`herokuclock new --packages uv`: a project of uv, whose lock is right at once."""

import json
import os
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
from herokuclock.workers.edits import PINS
from loopback.build import HOME
from support.files import REPOSITORY, tree
from support.program import Run

OF_PIP = {"requirements-test.txt", "requirements.in", "requirements.txt"}
OF_UV = {"uv.lock"}


def slow(*of: str) -> Any:
    return pytest.param(*of, marks=pytest.mark.slow)


def locked(project: Path) -> dict[str, str]:
    """Return the version of each package that a lock pins, but for what is not public."""
    lock = tomllib.loads((project / "uv.lock").read_text())
    public = [each for each in lock["package"] if "registry" in each["source"]]
    return {each["name"]: each["version"] for each in public}


def pinned() -> dict[str, str]:
    """Return the versions that a project of pip has, and those that workers bring."""
    names = ("requirements.txt", "requirements-test.txt")
    texts = [(REPOSITORY / "template" / name).read_text() for name in names]
    pins = re.findall(r"^(\S+)==(\S+)$", "\n".join([*texts, *PINS]), re.MULTILINE)
    return dict(pins)


def pyproject(project: Path) -> Any:
    return tomllib.loads((project / "pyproject.toml").read_text())


def test_it_has_a_lock_where_pip_has_requirements(run: Run, lonely: Path) -> None:
    run("new", "by-pip", "--yes", "--packages", "pip")
    done = run("new", "by-uv", "--yes", "--packages", "uv")
    assert done.returncode == 0, done.stderr
    by_pip, by_uv = tree(lonely / "by-pip"), tree(lonely / "by-uv")

    assert by_uv.keys() == by_pip.keys() - OF_PIP | OF_UV
    different = {name for name in by_pip.keys() & by_uv.keys() if by_pip[name] != by_uv[name]}
    named = {"app.json", ".env.example"}
    other = {".github/workflows/ci.yml", ".herokuclock.toml", "README.md", "pyproject.toml"}
    assert different == named | other
    texts = {path: content for path, content in by_uv.items() if not path.endswith(".whl")}
    for path, content in texts.items():
        assert path == "uv.lock" or b"requirements" not in content, path
        assert b"myapp" not in content and b"{%" not in content, path
    settings = tomllib.loads(by_pip["pyproject.toml"].decode())["tool"]
    assert settings.items() <= pyproject(lonely / "by-uv")["tool"].items()


@pytest.mark.usefixtures("uv")
@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("myapp", "--no-workers"),
        ("myapp", "--workers"),
        slow("zebra", "--no-workers"),
        slow("a--double-dash", "--workers"),
        # Packages of the lock, one of them only with workers.
        slow("gunicorn", "--workers"),
        slow("procrastinate", "--no-workers"),
        ("procrastinate", "--workers"),
        slow("ruff", "--no-workers"),
    ],
)
def test_its_lock_is_right_without_a_network(run: Run, lonely: Path, name: str, where: str) -> None:
    run("new", name, "--yes", "--packages", "uv", where)

    done = subprocess.run(
        ["uv", "lock", "--check", "--offline", "--no-cache"],
        cwd=name,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    text = (lonely / name / "uv.lock").read_text()
    names = re.findall(r"^\[\[package\]\]\nname = \"(.+)\"$", text, re.MULTILINE)
    assert names == sorted(names)


def test_its_lock_pins_what_the_requirements_of_pip_pin(run: Run, lonely: Path) -> None:
    run("new", "alone", "--yes", "--packages", "uv")
    run("new", "workers", "--yes", "--packages", "uv", "--workers")
    pins = pinned()

    for name in ("alone", "workers"):
        found = locked(lonely / name)
        # What only Windows needs is in no requirements.txt.
        assert found.items() - {("colorama", found["colorama"])} <= pins.items()
    assert pins.keys() - locked(lonely / "alone").keys() == {
        re.split("=", pin)[0] for pin in PINS
    } - {"packaging"}
    assert pins.keys() <= locked(lonely / "workers").keys()


@pytest.mark.slow
@pytest.mark.usefixtures("uv")
@pytest.mark.parametrize("where", ["--no-workers", "--workers"])
def test_its_lock_and_its_pyproject_are_what_uv_itself_writes(
    run: Run, lonely: Path, where: str
) -> None:
    run("new", "myapp", "--yes", "--packages", "uv", where)
    before = tree(lonely / "myapp")
    (wheel,) = [name for name in before if name.endswith(".whl")]
    extras = "dashboard,workers" if where == "--workers" else "dashboard"

    environment = {**os.environ, "HOME": str(HOME)}
    for command in (
        ["remove", "--no-sync", "clockdyno"],
        ["add", "--no-sync", f"clockdyno[{extras}] @ ./{wheel}"],
    ):
        subprocess.run(["uv", "--quiet", *command], cwd="myapp", env=environment, check=True)

    assert tree(lonely / "myapp") == before


@pytest.mark.usefixtures("uv")
def test_where_there_is_uv_it_is_the_default_and_that_is_said(run: Run) -> None:
    done = run("new", "myapp", "--yes", "--dry-run", "--json")

    facts = json.loads(done.stdout)
    assert facts["answers"]["packages"] == "uv"
    assert facts["sources"]["packages"] == "it is on the PATH"
    assert "uv.lock" in facts["files"] and not OF_PIP & set(facts["files"])


def test_uv_is_to_be_had_first_where_there_is_none(run: Run) -> None:
    done = run("new", "myapp", "--yes", "--packages", "uv")

    assert "Note: there is no uv on the PATH yet; `pip install uv` brings it." in done.stdout


def test_no_other_tool_is_offered(run: Run, lonely: Path) -> None:
    Path("answers.toml").write_text('name = "myapp"\npackages = "conda"\n')

    for arguments in (["--answers", "answers.toml"], ["myapp", "--packages", "conda"]):
        done = run("new", *arguments, "--yes")

        assert done.returncode == 2
        assert "packages cannot be managed by 'conda'." in done.stderr
        assert "Write 'uv' or 'pip'." in done.stderr
    assert not (lonely / "myapp").exists()
