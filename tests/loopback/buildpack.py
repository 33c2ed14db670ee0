"""What the Python buildpack looks at before it installs anything, and how it refuses."""

import json
import re
from pathlib import Path

STACKS = ("heroku-22", "heroku-24", "heroku-26")
OLD_STACKS = ("cedar-14", "heroku-16", "heroku-18", "heroku-20")
DETECTED = (
    ".python-version __init__.py app.py main.py manage.py pdm.lock Pipfile Pipfile.lock poetry.lock"
    " pyproject.toml requirements.txt runtime.txt server.py setup.cfg setup.py uv.lock"
    " requeriments.txt requirement.txt requirements requirements.text Requirements.txt"
    " requirements.txt.txt requirments.txt __pycache__ .venv venv"
).split()
MANAGERS = ("Pipfile.lock", "requirements.txt", "poetry.lock", "uv.lock")
# The buildpack knows twenty; these are the likely ones.
MISSPELLED = (
    ".phyton-version .python-version.txt .python.version .python_version .pyton-version"
    " python-version python-version.txt python.version python_version python_version.txt"
).split()
OLDEST, NEWEST, DEFAULT = (3, 10), (3, 14), "3.14"
PATCHES = {"3.10": 21, "3.11": 16, "3.12": 14, "3.13": 15, "3.14": 7}
VERSION = r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))?"


class BuildError(Exception):
    """A build that failed; the text is the buildpack's title."""


def detected(folder: Path) -> bool:
    """Say whether this is a Python app at all."""
    return any((folder / name).exists() for name in DETECTED)


def check(folder: Path, stack: str) -> str:
    """Raise BuildError as the buildpack would; return the Python version it would install."""
    if stack in OLD_STACKS:
        raise BuildError(f"The '{stack}' stack is no longer supported.")
    if stack not in STACKS:
        raise BuildError(f"The '{stack}' stack isn't recognised.")
    if (folder / ".heroku/python").exists():
        raise BuildError("Existing '.heroku/python/' directory found.")
    for venv in (".venv", "venv"):
        if (folder / venv / "pyvenv.cfg").exists():
            raise BuildError(f"Existing '{venv}/' directory found.")
    manager = _package_manager(folder)
    return _supported(_version(folder, manager))


def _package_manager(folder: Path) -> str:
    found = [name for name in MANAGERS if (folder / name).exists()]
    if (folder / "Pipfile").exists() and "Pipfile.lock" not in found:
        raise BuildError("No 'Pipfile.lock' found!")
    if not found and (folder / "setup.py").exists() and not (folder / "pyproject.toml").exists():
        raise BuildError("Implicit setup.py file support has been sunset.")
    if not found:
        raise BuildError("Couldn't find any supported Python package manager files.")
    if len(found) > 1:
        raise BuildError("Multiple Python package manager files were found.")
    return found[0]


def _version(folder: Path, manager: str) -> str:
    runtime = folder / "runtime.txt"
    if runtime.exists():
        if manager == "uv.lock":
            raise BuildError("The runtime.txt file isn't supported when using uv.")
        match = re.fullmatch(rf"\s*python-({VERSION})\s*", runtime.read_text())
        if not match:
            raise BuildError("Invalid Python version in runtime.txt.")
        return match[1]
    if any((folder / name).exists() for name in MISSPELLED):
        raise BuildError("Your .python-version file is spelled incorrectly.")
    if (folder / ".python-version").exists():
        return _read(folder / ".python-version")
    if manager == "uv.lock":
        raise BuildError("No Python version was specified.")
    return _locked(folder) if manager == "Pipfile.lock" else DEFAULT


def _read(file: Path) -> str:
    raw = file.read_bytes()
    if raw.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")) or b"\0" in raw:
        raise BuildError("Unable to read .python-version.")
    lines = [line.strip() for line in raw.decode("utf-8", "replace").splitlines()]
    versions = [line for line in lines if line and not line.startswith("#")]
    if not versions:
        raise BuildError("No Python version found in .python-version.")
    if len(versions) > 1:
        raise BuildError("Multiple Python versions found in .python-version.")
    if not re.fullmatch(VERSION, versions[0]):
        raise BuildError("Invalid Python version in .python-version.")
    return versions[0]


def _locked(folder: Path) -> str:
    try:
        requires = json.loads((folder / "Pipfile.lock").read_text())["_meta"]["requires"]
    except (ValueError, KeyError) as error:
        raise BuildError("Can't parse Pipfile.lock.") from error
    version = requires.get("python_full_version") or requires.get("python_version") or DEFAULT
    if not re.fullmatch(VERSION, version):
        raise BuildError("Invalid Python version in Pipfile.lock.")
    return str(version)


def _supported(version: str) -> str:
    major, minor, *patch = map(int, version.split("."))
    if (major, minor) < OLDEST:
        raise BuildError("The requested Python version has reached end-of-life.")
    if (major, minor) > NEWEST:
        raise BuildError("The requested Python version isn't recognised.")
    if patch and patch[0] > PATCHES[f"{major}.{minor}"]:
        raise BuildError("The requested Python version isn't available.")
    return f"{major}.{minor}"
