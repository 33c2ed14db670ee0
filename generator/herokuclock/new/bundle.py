"""Where the template lies, and which files belong to it: exactly those that git tracks."""

import fnmatch
import os
from functools import cache
from pathlib import Path, PurePosixPath

PARTS = ("cookiecutter.json", "hooks", "template", "template-uv")


@cache
def home() -> Path:
    """Return the folder that holds cookiecutter.json, hooks/ and template/.

    An installed wheel carries them inside the package; an editable install reads the checkout.
    """
    here = Path(__file__)
    packaged = here.parents[1] / "_bundle"
    return packaged if packaged.is_dir() else here.parents[3]


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
    inside = "template/"
    return [path.removeprefix(inside) for path in files(home()) if path.startswith(inside)]


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
