"""Made-up versions of herokuclock: this one's template, changed, and a library in name only."""

import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import herokuclock
import pytest
from herokuclock import record
from herokuclock.new import bundle, library, scaffold
from herokuclock.update import command

from support.checkouts import git
from support.files import REPOSITORY, tree
from support.program import Run

Change = Callable[[str], str | None]
OURS = "0.3.0"
NEXT: Mapping[str, Change] = {
    "README.md": lambda text: text.replace("## Add a job\n", "## Add one more job\n"),
    "app.py": lambda text: text.replace("It works.", "It works well."),
    "requirements.txt": lambda text: text.replace("flask==3.1.3", "flask==3.1.4"),
    "gunicorn.conf.py": lambda text: None,
    "SECURITY.md": lambda text: "Tell us.\n",
    "jobs.py": lambda text: text.replace("Your jobs:", "All your jobs:"),
}
CHANGELOG = """# Changelog

## 0.5.0 - 2027-03-01

- Draw the clock in gold.

## 0.4.0 - 2027-02-01

- Draw the clock in blue.
"""


class Releases:
    """Lets the tool in this process be of one version or another."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self._folder, self._patch = folder, patch
        self._wheel = library.wheel()
        self._tracked = [
            path for path in bundle.files(REPOSITORY) if path.startswith(bundle.PARTS[2:])
        ]

    def be(self, version: str, changes: Mapping[str, Change] | None = None) -> None:
        """Be a version whose template has these files changed, added, or left out (None)."""
        home = self._folder / version
        shutil.rmtree(home, ignore_errors=True)
        for path in ["cookiecutter.json", *self._tracked]:
            (home / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(REPOSITORY / path, home / path)
        for path, change in (changes or {}).items():
            file = home / "template" / path
            text = change(file.read_text() if file.exists() else "")
            file.unlink() if text is None else file.write_text(text)
        (home / "vendor").mkdir()
        self._put_wheel(home / "vendor" / f"clockdyno-{version}-py3-none-any.whl", version)
        (home / "CHANGELOG.md").write_text(CHANGELOG)
        library.version.cache_clear()
        self._patch.setattr(bundle, "home", lambda: home)
        for module in (herokuclock, record, scaffold, command):
            self._patch.setattr(module, "__version__", version)

    def _put_wheel(self, file: Path, version: str) -> None:
        """Write a wheel that asks for what ours asks for, and holds nothing."""
        with zipfile.ZipFile(self._wheel) as real, zipfile.ZipFile(file, "w") as made:
            for name in real.namelist():
                folder, _, kind = name.partition(".dist-info/")
                if kind in ("METADATA", "WHEEL"):
                    text = real.read(name).decode()
                    ours = folder.removeprefix("clockdyno-")
                    changed = text.replace(f"\nVersion: {ours}\n", f"\nVersion: {version}\n")
                    entry = zipfile.ZipInfo(f"clockdyno-{version}.dist-info/{kind}")
                    made.writestr(entry, changed)


@pytest.fixture
def releases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Releases]:
    """Give a way to be another version; this is 0.3.0 by now."""
    made = Releases(tmp_path / "releases", monkeypatch)
    made.be(OURS)
    yield made
    monkeypatch.undo()
    library.version.cache_clear()


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keep a project of 0.3.0 for all tests."""
    return tmp_path_factory.mktemp("shelf")


@pytest.fixture
def project(run: Run, releases: Releases, shelf: Path) -> Path:
    """Give a project of 0.3.0 by pip, untouched."""
    kept = shelf / "shop"
    if not kept.exists():
        made(run, "shop").rename(kept)
    shutil.copytree(kept, "shop", symlinks=True)
    return Path.cwd() / "shop"


def made(run: Run, name: str, packages: str = "pip", *words: str) -> Path:
    """Make a project by the version that we are, with nobody's defaults."""
    done = run("new", name, "--yes", "--timezone", "UTC", "--packages", packages, *words)
    assert done.returncode == 0, done.stderr
    return Path.cwd() / name


def updated(run: Run, project: Path, *words: str, code: int = 0) -> str:
    """Update a project, and return what was said."""
    done = run("update", *words, cwd=project)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def commit(project: Path, message: str = "Work") -> None:
    """Commit all that lies in a project."""
    git(project, "add", "-A")
    git(project, "commit", "-q", "--allow-empty", "-m", message)


def contents(project: Path) -> dict[str, bytes]:
    """Return every file of a project but what its record says."""
    return {path: text for path, text in tree(project).items() if path != record.FILE}
