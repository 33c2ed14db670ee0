"""How this program was started, so that a command that it prints works where the reader stands."""

import re
import shlex
import shutil
import sys
from functools import cache
from pathlib import Path

NAME = "herokuclock"
# Where these keep what they run once, and what to type for that to happen again.
RUNNERS = {"/uv/archive-": "uvx", "/uv/environments-": "uvx", "/pipx/.cache/": "pipx run"}
COMMAND = re.compile(rf"(?<![\w./-]){NAME} (?=[a-z-])")


def spelled(text: str) -> str:
    """Return a text whose commands of ours are spelled as they have to be typed here."""
    name = _name(sys.argv[0])
    return text if name == NAME else COMMAND.sub(f"{name} ".replace("\\", r"\\"), text)


@cache
def _name(started: str) -> str:
    path = Path(started)
    for folder, runner in RUNNERS.items():
        if folder in path.as_posix():
            return f"{runner} {NAME}"
    if path.name == "__main__.py":
        return f"{shlex.quote(sys.executable)} -m {NAME}"
    found = shutil.which(NAME)
    if found and _same(Path(found), path):
        return NAME
    return shlex.quote(str(path.absolute())) if path.exists() else NAME


def _same(found: Path, started: Path) -> bool:
    """Say whether it is this program that the PATH leads to."""
    return not started.exists() or found.samefile(started)
