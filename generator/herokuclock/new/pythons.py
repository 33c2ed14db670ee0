"""The versions of Python that Heroku builds, and which of them a new project is to have."""

import os
import shutil
import sys
from pathlib import Path

# https://devcenter.heroku.com/articles/python-support: 3.10 leaves in January 2027.
ALL = ("3.14", "3.13", "3.12", "3.11")


def default() -> tuple[str, str]:
    """Return Heroku's own version where this machine can have it, else one that it has, and why."""
    usual, running = ALL[0], f"{sys.version_info.major}.{sys.version_info.minor}"
    if running == usual or shutil.which(f"python{usual}"):
        return usual, "Heroku's default, and this machine has it"
    if shutil.which("uv") and not is_refused_by_pyenv(usual):
        return usual, "Heroku's default; uv brings it"
    if running in ALL:
        return running, "the Python that runs herokuclock"
    return usual, "Heroku's default"


def is_refused_by_pyenv(version: str) -> bool:
    """Say whether pyenv would refuse every command in a folder that asks for this version."""
    if not shutil.which("pyenv"):
        return False
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    return not any(root.glob(f"versions/{version}*"))
