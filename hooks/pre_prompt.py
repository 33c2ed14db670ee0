"""Put template/ where cookiecutter looks for it, holding exactly the files that git tracks.

cookiecutter runs this in a temporary copy of the repository, before it asks anything.
"""

import json
import shutil
import sys
from pathlib import Path

ROOT = Path.cwd()
sys.path[:0] = [str(ROOT / "generator"), str(ROOT / "library")]

from herokuclock.errors import HerokuclockError  # noqa: E402  (it lies in the copy that we run in)
from herokuclock.new import bundle, library  # noqa: E402
from herokuclock.new.questions import default_packages  # noqa: E402


def main() -> None:
    """Make the folder whose name is the project's: the template's files, and the library."""
    _offer_what_is_there()
    target = ROOT / "{{cookiecutter.name}}"
    for path in bundle.files(ROOT):
        if path.startswith("template/"):
            moved = target / path.removeprefix("template/")
            moved.parent.mkdir(parents=True, exist_ok=True)
            (ROOT / path).replace(moved)
    shutil.rmtree(ROOT / "template")
    try:
        library.put(target)
    except HerokuclockError as error:
        sys.exit(f"Error: {error.message}\nHint: {error.hint}")


def _offer_what_is_there() -> None:
    """Put the tool for packages that this machine has first: cookiecutter takes that by default."""
    path = ROOT / "cookiecutter.json"
    questions = json.loads(path.read_text(encoding="utf-8"))
    tool, reason = default_packages()
    questions["packages"].sort(key=lambda name: name != tool)
    questions["__prompts__"]["packages"][tool] += f" ({reason})"
    path.write_text(json.dumps(questions), encoding="utf-8")


if __name__ == "__main__":
    main()
