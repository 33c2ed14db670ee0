"""The wheel, the sdist and the bake hold what git tracks of the template, and the library."""

import fnmatch
import io
import json
import os
import runpy
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from email import message_from_bytes
from pathlib import Path

import pytest
from herokuclock.new import bundle, library
from support import forks
from support.checkouts import copied, git, new
from support.files import REPOSITORY, tree
from support.program import Run
from support.rows import rows

PARTS = ("cookiecutter.json", "hooks", "template", "template-uv")
DIRT = {
    ".env": "SECRET_KEY=do-not-ship",
    "clock.sqlite3": "rows",
    "clock.sqlite3-wal": "rows",
    "notes.txt": "not tracked, and not ignored either",
    ".venv/pyvenv.cfg": "home = /usr",
    "__pycache__/jobs.cpython-311.pyc": "code",
    "tests/__pycache__/x.pyc": "code",
    ".pytest_cache/README.md": "cache",
    ".ruff_cache/x": "cache",
}


@pytest.fixture
def checkout(lonely: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a copy of this repository as it stands, uncommitted work too, with a dirty template."""
    first = tmp_path_factory.getbasetemp() / "clone"
    if not first.exists():
        dirtied(copied(first, "tests", "docs", "benchmarks"))
    subprocess.run(["cp", "-al", first, lonely], check=True)
    return lonely / "clone"


@pytest.fixture
def wheel(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the wheel that is built of such a checkout."""
    folder = tmp_path_factory.getbasetemp() / "wheel"
    if not folder.exists():
        build(checkout, "wheel").parent.rename(folder)
    (made,) = folder.iterdir()
    return made


def dirtied(clone: Path) -> None:
    for path, content in DIRT.items():
        (clone / "template" / path).parent.mkdir(parents=True, exist_ok=True)
        (clone / "template" / path).write_text(content)
    (clone / "library/clockdyno/clock/__pycache__").mkdir()
    (clone / "library/clockdyno/clock/__pycache__/x.pyc").write_text("code")


def tracked(checkout: Path) -> set[str]:
    return set(git(checkout, "ls-files", *PARTS).splitlines())


def build(checkout: Path, kind: str) -> Path:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", kind, "--directory", "dist"],
        cwd=checkout,
        check=True,
        capture_output=True,
    )
    (made,) = (checkout / "dist").iterdir()
    return made


def version(checkout: Path) -> str:
    """Return the version of the library that lies in a checkout."""
    return str(runpy.run_path(str(checkout / "library/version.py"))["__version__"])


def vendored(checkout: Path) -> str:
    return f"vendor/clockdyno-{version(checkout)}-py3-none-any.whl"


def bundle_of_wheel(wheel: Path) -> dict[str, bytes]:
    prefix = "herokuclock/_bundle/"
    with zipfile.ZipFile(wheel) as file:
        names = [name for name in file.namelist() if name.startswith(prefix)]
        return {name.removeprefix(prefix): file.read(name) for name in names}


def test_the_wheel_holds_what_git_tracks_and_the_librarys_wheel(
    checkout: Path, wheel: Path
) -> None:
    held = bundle_of_wheel(wheel)

    assert held.keys() == tracked(checkout) | {vendored(checkout), "CHANGELOG.md"}
    with zipfile.ZipFile(io.BytesIO(held[vendored(checkout)])) as library:
        code = {name for name in library.namelist() if ".dist-info/" not in name}
        (metadata,) = [name for name in library.namelist() if name.endswith("/METADATA")]
        assert f"\nVersion: {version(checkout)}\n" in library.read(metadata).decode()
    assert code == set(git(checkout / "library", "ls-files", "clockdyno").splitlines())


def test_the_tool_asks_for_the_library_that_lies_beside_it(checkout: Path, wheel: Path) -> None:
    assert f"clockdyno=={version(checkout)}" in requires(wheel)


def requires(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as file:
        (name,) = [name for name in file.namelist() if name.endswith(".dist-info/METADATA")]
        facts = message_from_bytes(file.read(name))
    return list(facts.get_all("Requires-Dist", []))


@pytest.mark.slow
def test_the_sdist_holds_what_git_tracks_and_builds_the_same_wheel(
    checkout: Path, wheel: Path
) -> None:
    (checkout / "unpacked").mkdir()
    sdist = build(checkout, "sdist")
    subprocess.run(["tar", "-xzf", sdist, "-C", checkout / "unpacked"], check=True)
    (unpacked,) = (checkout / "unpacked").iterdir()

    assert {path for path in tree(unpacked) if path.split("/")[0] in PARTS} == tracked(checkout)
    assert bundle_of_wheel(build(unpacked, "wheel")) == bundle_of_wheel(wheel)


@pytest.mark.slow
def test_the_tool_and_the_library_are_installed_together(checkout: Path, lonely: Path) -> None:
    """What lies beside it alone satisfies the tool: the version has a mark that no index takes."""
    install = [sys.executable, "-m", "pip", "install", "--dry-run", "--no-index"]
    options = ["--no-build-isolation", "--report", str(lonely / "report.json"), "--quiet"]
    subprocess.run([*install, *options, "./library", "."], cwd=checkout, check=True)

    report = json.loads((lonely / "report.json").read_text())
    found = {each["metadata"]["name"]: each["metadata"] for each in report["install"]}
    assert found["clockdyno"]["version"] == version(checkout)
    assert f"clockdyno=={version(checkout)}" in found["herokuclock"]["requires_dist"]


@pytest.mark.slow
def test_the_bake_from_a_dirty_checkout_holds_what_git_tracks_and_the_wheels_is_the_same(
    checkout: Path, wheel: Path, lonely: Path
) -> None:
    new(checkout, "myapp", "--yes")

    from_checkout = tree(lonely / "myapp")
    template = {path.removeprefix("template/") for path in tracked(checkout) if "template/" in path}
    assert from_checkout.keys() == template | {vendored(checkout)}

    (lonely / "myapp").rename(lonely / "from-checkout")
    without_hatchling(lonely / "site")
    install([wheel, io.BytesIO(bundle_of_wheel(wheel)[vendored(checkout)])], lonely / "site")
    new([lonely / "site"], "myapp", "--yes")

    assert tree(lonely / "myapp") == from_checkout


def install(wheels: Iterable[Path | io.BytesIO], folder: Path) -> None:
    """Do what pip does with wheels that hold nothing but Python: take them apart."""
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as file:
            file.extractall(folder)


def without_hatchling(folder: Path) -> None:
    """Put a package into a folder of the path that is in hatchling's place and not to be had."""
    (folder / "hatchling").mkdir(parents=True)
    (folder / "hatchling/__init__.py").write_text("raise ImportError('not installed')\n")


@pytest.mark.parametrize("packages", rows(("pip", "uv"), ("pip",)))
def test_plain_cookiecutter_gives_what_new_gives_from_a_dirty_checkout(
    checkout: Path, lonely: Path, run: Run, packages: str
) -> None:
    answers = {
        "name": "myapp",
        "timezone": "Europe/Berlin",
        "python": "3.12",
        "packages": packages,
    }
    flags = [word for key in list(answers)[1:] for word in (f"--{key}", answers[key])]
    job = ("--job", "hello: interval minutes=15")
    assert run("new", "myapp", *flags, *job).returncode == 0
    by_new = tree(lonely / "myapp")
    (lonely / "myapp").rename(lonely / "by-new")

    pairs = [f"{key}={value}" for key, value in answers.items()]
    done = forks.run(["-m", "cookiecutter", "--no-input", str(checkout), *pairs])
    assert done.returncode == 0, done.stderr

    assert tree(lonely / "myapp") == by_new


@pytest.mark.slow
def test_where_hatchling_is_missing_plain_cookiecutter_says_so_and_leaves_nothing(
    checkout: Path, lonely: Path
) -> None:
    without_hatchling(lonely / "path")
    environment = {**os.environ, "PYTHONPATH": str(lonely / "path")}

    done = subprocess.run(
        [sys.executable, "-m", "cookiecutter", "--no-input", str(checkout), "name=myapp"],
        capture_output=True,
        text=True,
        env=environment,
    )

    assert done.returncode != 0
    assert "Error: the wheel of clockdyno, which a project carries, cannot be" in done.stderr
    assert "Hint: pip install hatchling\n" in done.stderr
    assert {path.name for path in lonely.iterdir()} == {"clone", "path"}
    assert not (checkout / "library/dist").exists()


BAD = [
    "name=../escape",
    'name=x"; open("pwned", "w") #',
    "timezone='''\"\"\"{{7*7}}\\",
]


@pytest.mark.parametrize("answer", rows(BAD, BAD[:1]))
def test_plain_cookiecutter_refuses_a_bad_answer_and_runs_none(
    checkout: Path, lonely: Path, answer: str
) -> None:
    kept = checkout / "library/dist" / library.wheel().name
    kept.parent.mkdir()
    shutil.copy(library.wheel(), kept)

    done = forks.run(["-m", "cookiecutter", "--no-input", str(checkout), answer])

    assert done.returncode != 0
    assert "Error: " in done.stderr
    assert {path.name for path in lonely.iterdir()} == {"clone"}


def test_what_has_something_to_fill_in_is_rendered_and_all_else_is_copied() -> None:
    shipped = json.loads((REPOSITORY / "cookiecutter.json").read_text())
    for path in bundle.template_files():
        text = (REPOSITORY / "template" / path).read_bytes().replace(b"${{", b"")
        copied = any(fnmatch.fnmatch(path, each) for each in shipped["_copy_without_render"])
        assert copied == (b"{{" not in text and b"{%" not in text), path
