"""The buildpack of the loopback Heroku: what it refuses, and what it keeps from build to build."""

import subprocess
import sys
from pathlib import Path

import pytest
from support.checkouts import copied, new
from support.heroku_project import write

from loopback.build import build
from loopback.buildpack import BuildError, check
from loopback.state import App, Release

VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
GOOD = {".python-version": f"{VERSION}\n", "requirements.txt": ""}
BROKEN = [
    ({".heroku/python/x": ""}, "Existing '.heroku/python/' directory found."),
    ({".venv/pyvenv.cfg": ""}, "Existing '.venv/' directory found."),
    ({"venv/pyvenv.cfg": ""}, "Existing 'venv/' directory found."),
    ({"requirements.txt": None}, "Couldn't find any supported Python package manager files."),
    ({"poetry.lock": ""}, "Multiple Python package manager files were found."),
    ({"Pipfile": ""}, "No 'Pipfile.lock' found!"),
    (
        {"requirements.txt": None, "setup.py": ""},
        "Implicit setup.py file support has been sunset.",
    ),
    ({"runtime.txt": "3.12"}, "Invalid Python version in runtime.txt."),
    (
        {"requirements.txt": None, "uv.lock": "", "runtime.txt": "python-3.12"},
        "The runtime.txt file isn't supported when using uv.",
    ),
    (
        {".python-version": None, "python-version.txt": "3.12"},
        "Your .python-version file is spelled incorrectly.",
    ),
    ({".python-version": "python-3.12"}, "Invalid Python version in .python-version."),
    ({".python-version": "\ufeff3.12"}, "Unable to read .python-version."),
    ({".python-version": "# none"}, "No Python version found in .python-version."),
    ({".python-version": "3.12\n3.13"}, "Multiple Python versions found in .python-version."),
    (
        {".python-version": None, "requirements.txt": None, "uv.lock": ""},
        "No Python version was specified.",
    ),
    (
        {".python-version": None, "requirements.txt": None, "Pipfile.lock": "{"},
        "Can't parse Pipfile.lock.",
    ),
    ({".python-version": "3.9"}, "The requested Python version has reached end-of-life."),
    ({".python-version": "3.15"}, "The requested Python version isn't recognised."),
    ({".python-version": "3.12.99"}, "The requested Python version isn't available."),
]


@pytest.mark.parametrize(("files", "title"), BROKEN, ids=[title for _, title in BROKEN])
def test_the_buildpack_refuses(lonely: Path, files: dict[str, str | None], title: str) -> None:
    there = {**GOOD, **files}
    write(lonely, {name: text for name, text in there.items() if text is not None})

    with pytest.raises(BuildError) as refused:
        check(lonely, "heroku-24")

    assert str(refused.value) == title


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_changed_library_reaches_the_app_through_the_cache_of_builds(lonely: Path) -> None:
    checkout = copied(lonely / "clone")
    code, version = checkout / "library/clockdyno/errors.py", checkout / "library/version.py"
    app = App("demo")

    def built() -> tuple[bool, list[str]]:
        """Build a new project of the checkout; say if its library is the changed one."""
        said: list[str] = []
        folder = lonely / f"build-{len(app.releases)}" / "app"
        folder.parent.mkdir()
        new(checkout, "whole", "--yes", "--python", VERSION, "--packages", "pip").rename(folder)
        slug = build(app, folder, "0" * 40, None, said.append)
        app.releases.append(Release(len(app.releases) + 1, "Deploy", slug, {}))
        asked = "import clockdyno.errors; print(hasattr(clockdyno.errors, 'CHANGED'))"
        # Whatever PYTHONPATH says here: what has been installed there is asked for.
        python = [slug.environment / "bin/python", "-I", "-c", asked]
        is_changed = subprocess.check_output(python, text=True, cwd=folder) == "True\n"
        return is_changed, [line.removeprefix("----->").strip() for line in said]

    assert built()[0] is False
    code.write_text(code.read_text() + "\nCHANGED = True\n")

    # Where its version says nothing of the change, pip keeps what the last build had installed.
    marked = version.read_text()
    (wheel,) = (app.releases[0].slug.folder / "vendor").iterdir()  # type: ignore[union-attr]
    version.write_text(f'__version__ = "{wheel.name.split("-")[1]}"\n')
    is_changed, said = built()
    assert "Restoring cache" in said and not is_changed

    version.write_text(marked)
    is_changed, said = built()
    assert "- The contents of requirements.txt changed" in said and is_changed
