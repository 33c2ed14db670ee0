"""Where the template lies, and which files belong to it: exactly those that git tracks."""

import fnmatch
import importlib
import importlib.util
import os
import sys
from functools import cache
from pathlib import Path, PurePosixPath
from types import ModuleType

PARTS = ("cookiecutter.json", "hooks", "template", "workers")


@cache
def home() -> Path:
    """Return the folder that holds cookiecutter.json, hooks/ and template/.

    An installed wheel carries them inside the package; an editable install reads the checkout.
    """
    packaged = Path(__file__).parent / "_bundle"
    return packaged if packaged.is_dir() else Path(__file__).parents[2]


def files(root: Path) -> list[str]:
    """List the bundle's files under `root`, relative and sorted, with forward slashes.

    In a checkout these are the files that git tracks. Elsewhere (a wheel, an unpacked sdist)
    they are all there are, less what the template's own .gitignore names.
    """
    tracked = _tracked(root) if (root / ".git").exists() else None
    found = _walked(root) if tracked is None else tracked
    return sorted(path for path in found if (root / path).is_file())


def template_files() -> list[str]:
    """List the files of the template, relative to it."""
    return _below("template/")


def worker_files() -> list[str]:
    """List the files that a project with worker dynos has beside those, or instead of them."""
    return [path for path in _below("workers/") if path != "README.md"]


def _below(folder: str) -> list[str]:
    return [path.removeprefix(folder) for path in files(home()) if path.startswith(folder)]


def load(path: str) -> ModuleType:
    """Load one Python file of the template by its path, e.g. "clock/triggers.py".

    So the tool and the projects that it makes share one set of rules.
    """
    file = home() / "template" / path
    package = file.parent.name
    if package not in sys.modules:
        spec = importlib.util.spec_from_file_location(package, file.parent / "__init__.py")
        assert spec is not None and spec.loader is not None
        sys.modules[package] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[package])
    return importlib.import_module(f"{package}.{file.stem}")


def _tracked(root: Path) -> list[str] | None:
    from herokuclock import shell

    result = shell.git(root, "ls-files", "-z", "--", *PARTS)
    return result.out.split("\0")[:-1] if result.ok else None


def _walked(root: Path) -> list[str]:
    lines = (root / "template" / ".gitignore").read_text(encoding="utf-8").splitlines()
    patterns = [line.rstrip("/") for line in lines if line and not line.startswith("#")]
    found = [path for path in PARTS if (root / path).is_file()]
    for folder, folders, names in os.walk(root):
        here = PurePosixPath(Path(folder).relative_to(root).as_posix())
        if not here.parts:
            folders[:] = [name for name in folders if name in PARTS]
            continue
        folders[:] = [name for name in folders if not _matches(name, patterns)]
        found += [str(here / name) for name in names if not _matches(name, patterns)]
    return found


def _matches(name: str, patterns: list[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)
