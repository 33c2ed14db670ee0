"""The wheel, the sdist and the bake hold exactly what git tracks of the template."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from conftest import REPOSITORY, tree

PARTS = ("cookiecutter.json", "hooks", "template", "workers")
DIRT = {
    ".env": "SECRET_KEY=do-not-ship",
    "clock.sqlite3": "rows",
    "clock.sqlite3-wal": "rows",
    "notes.txt": "not tracked, and not ignored either",
    ".venv/pyvenv.cfg": "home = /usr",
    "__pycache__/jobs.cpython-311.pyc": "code",
    "clock/__pycache__/x.pyc": "code",
    ".pytest_cache/README.md": "cache",
    ".ruff_cache/x": "cache",
}


def git(folder: Path, *args: str) -> str:
    return subprocess.check_output(["git", *args], cwd=folder, text=True)


@pytest.fixture
def checkout(lonely: Path) -> Path:
    """Copy this repository as it stands, uncommitted work too, and dirty its template."""
    clone = lonely / "clone"
    subprocess.run(["git", "init", "-q", clone], check=True)
    for path in git(REPOSITORY, "ls-files", "-co", "--exclude-standard").splitlines():
        (clone / path).parent.mkdir(parents=True, exist_ok=True)
        if (REPOSITORY / path).exists():
            (clone / path).write_bytes((REPOSITORY / path).read_bytes())
    git(clone, "add", "-A")
    for path, content in DIRT.items():
        (clone / "template" / path).parent.mkdir(parents=True, exist_ok=True)
        (clone / "template" / path).write_text(content)
    return clone


def tracked(checkout: Path) -> set[str]:
    return set(git(checkout, "ls-files", *PARTS).splitlines())


def build(checkout: Path, kind: str) -> Path:
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", f"--{kind}", "--outdir", "dist"],
        cwd=checkout,
        check=True,
        capture_output=True,
    )
    (made,) = (checkout / "dist").iterdir()
    return made


def bundle_of_wheel(wheel: Path) -> set[str]:
    prefix = "herokuclock/_bundle/"
    names = zipfile.ZipFile(wheel).namelist()
    return {name.removeprefix(prefix) for name in names if name.startswith(prefix)}


def test_the_wheel_holds_what_git_tracks(checkout: Path) -> None:
    assert bundle_of_wheel(build(checkout, "wheel")) == tracked(checkout)


def test_the_sdist_holds_what_git_tracks_and_builds_the_same_wheel(checkout: Path) -> None:
    (checkout / "unpacked").mkdir()
    sdist = build(checkout, "sdist")
    subprocess.run(["tar", "-xzf", sdist, "-C", checkout / "unpacked"], check=True)
    (unpacked,) = (checkout / "unpacked").iterdir()

    assert {path for path in tree(unpacked) if path.split("/")[0] in PARTS} == tracked(checkout)
    assert bundle_of_wheel(build(unpacked, "wheel")) == tracked(checkout)


def test_the_bake_from_a_dirty_checkout_holds_what_git_tracks(checkout: Path) -> None:
    new = [sys.executable, "-m", "herokuclock", "new", "myapp", "--yes"]
    environment = {"PYTHONPATH": str(checkout / "generator")}
    subprocess.run(new, check=True, env={**os.environ, **environment})

    template = {path.removeprefix("template/") for path in tracked(checkout) if "template/" in path}
    assert tree(Path("myapp")).keys() == template


def test_the_bake_from_the_installed_wheel_is_the_same(checkout: Path, lonely: Path) -> None:
    site = lonely / "site"
    install = ["pip", "install", "-q", "--no-deps", "--no-index", "--target", str(site)]
    subprocess.run([sys.executable, "-m", *install, build(checkout, "wheel")], check=True)
    made = {}
    for where in (site, checkout / "generator"):
        subprocess.run(
            [sys.executable, "-m", "herokuclock", "new", "myapp", "--yes"],
            check=True,
            env={**os.environ, "PYTHONPATH": str(where)},
        )
        made[where] = tree(lonely / "myapp")
        (lonely / "myapp").rename(lonely / f"from-{where.name}")

    assert made[site] == made[checkout / "generator"]


def test_plain_cookiecutter_gives_what_new_gives_from_a_dirty_checkout(
    checkout: Path, lonely: Path
) -> None:
    answers = {"name": "myapp", "timezone": "Europe/Berlin", "python": "3.12"}
    flags = [word for key in ("timezone", "python") for word in (f"--{key}", answers[key])]
    job = ("--job", "hello: interval minutes=15")
    command = [sys.executable, "-m", "herokuclock", "new", "myapp", *flags, *job]
    subprocess.run(command, check=True)
    by_new = tree(lonely / "myapp")
    (lonely / "myapp").rename(lonely / "by-new")

    pairs = [f"{key}={value}" for key, value in answers.items()]
    cookiecutter = [sys.executable, "-m", "cookiecutter", "--no-input", str(checkout), *pairs]
    subprocess.run(cookiecutter, check=True)

    assert tree(lonely / "myapp") == by_new


@pytest.mark.parametrize(
    "answer",
    [
        "name=../escape",
        "name=os",
        'name=x"; open("pwned", "w") #',
        "timezone=Mars/Phobos",
        "timezone='''\"\"\"\\",
        "timezone={{7*7}}",
    ],
)
def test_plain_cookiecutter_refuses_bad_answers_and_runs_none(
    checkout: Path, lonely: Path, answer: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cookiecutter", "--no-input", str(checkout), answer],
        capture_output=True,
        text=True,
    )

    assert done.returncode != 0
    assert "Error: " in done.stderr
    assert {path.name for path in lonely.iterdir()} == {"clone"}
