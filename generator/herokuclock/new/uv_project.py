"""What makes a new project one of uv: its own files in the place of pip's, with a lock at once.

They lie in template-uv/, with stand-ins for the project's name and the library's wheel; `.ci/locks`
makes the locks.
"""

import re
import shutil
from hashlib import sha256
from pathlib import Path

from herokuclock.new import bundle, library

FOLDER = "template-uv"
WORKFLOW = ".github/workflows/ci.yml"
LOCK, LOCK_WITH_WORKERS = "uv.lock", "uv-workers.lock"
FILES = frozenset({WORKFLOW, "pyproject.toml", LOCK})
OF_PIP = frozenset({"requirements-test.txt", "requirements.in", "requirements.txt"})
SOURCES = "\n[tool.uv.sources]\n"
PACKAGE = "\n[[package]]\n"


def put(project: Path, name: str, *, workers: bool) -> None:
    """Turn a baked project, which has the library, into one of uv."""
    for name_of_pip in OF_PIP:
        (project / name_of_pip).unlink()
    home = bundle.home() / FOLDER
    shutil.copy(home / WORKFLOW, project / WORKFLOW)
    lock = _read(home / (LOCK_WITH_WORKERS if workers else LOCK))
    names = stand_ins(_project_name(name, lock))
    _write(project / LOCK, _in_order(_filled(lock, names)))
    asked = _filled(_asked(_read(home / "pyproject.toml"), workers), names)
    start, table, sources = asked.partition(SOURCES)
    settings = _read(project / "pyproject.toml").partition("\n")[2]
    # The sources stand last: there uv itself puts them.
    end = "" if library.IS_PUBLISHED else table + sources
    _write(project / "pyproject.toml", f"{start}\n{settings}{end}")


def stand_ins(name: str) -> dict[str, str]:
    """Return what stands in the place of what, for a project of this name."""
    wheel = library.wheel()
    version = f'name = "{library.NAME}"\nversion = "{{}}"'
    return {
        'name = "myapp"': f'name = "{name}"',
        version.format(0): version.format(library.version()),
        f"{library.NAME}-0-py3-none-any.whl": wheel.name,
        '"sha256:0"': f'"sha256:{sha256(wheel.read_bytes()).hexdigest()}"',
    }


def _in_order(lock: str) -> str:
    """Return a lock whose packages stand in the order in which uv writes them."""
    start, *packages = lock.split(PACKAGE)
    return PACKAGE.join([start, *sorted(packages)])


def _filled(text: str, names: dict[str, str]) -> str:
    for stand_in, real in names.items():
        text = text.replace(stand_in, real)
    return text


def _asked(text: str, workers: bool) -> str:
    return text.replace("[dashboard]", "[dashboard,workers]") if workers else text


def _project_name(name: str, lock: str) -> str:
    """Return the name as Python knows it, and never that of a package: none can need itself."""
    plain = re.sub("-+", "-", name)
    return f"{plain}-app" if f'\nname = "{plain}"\n' in lock else plain


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _write(path: Path, text: str) -> None:
    path.write_bytes(text.encode())
