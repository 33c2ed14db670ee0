"""Put template/ where cookiecutter looks for it, holding exactly the files that git tracks.

cookiecutter runs this in a temporary copy of the repository, before it asks anything.
"""

import os
import shutil
import sys
from pathlib import Path

ROOT = Path.cwd()
sys.path.insert(0, str(ROOT / "generator"))

from herokuclock.new import bundle  # noqa: E402  (it lies in the copy that we run in)


def main() -> None:
    """Move the template's files into the folder whose name is the project's."""
    target = ROOT / "{{cookiecutter.name}}"
    for path in bundle.files(ROOT):
        if path.startswith("template/"):
            moved = target / path.removeprefix("template/")
            moved.parent.mkdir(parents=True, exist_ok=True)
            os.replace(ROOT / path, moved)
    shutil.rmtree(ROOT / "template")


if __name__ == "__main__":
    main()
