"""How a project gets the library: its wheel lies in vendor/ until an index has it."""

import re
import runpy
import shutil
import tempfile
from functools import cache
from pathlib import Path

from herokuclock.errors import HerokuclockError
from herokuclock.new import bundle

NAME = "clockdyno"
IS_PUBLISHED = False
FOLDER = "vendor"
ASKED = re.compile(rf"{NAME}(\[.*\])?")
FIND = f"--find-links {FOLDER}"
PINNED_IN = ("requirements.in", "requirements.txt")
TELLS_OF_IT = "README.md"


@cache
def version() -> str:
    """Return the version that a project is given, e.g. 0.2.0+ab12cd34."""
    if carried := _carried():
        return carried.name.split("-")[1]
    return str(runpy.run_path(str(_source() / "version.py"))["__version__"])


def file_names() -> list[str]:
    """List what a project has beside the template's files."""
    return [] if IS_PUBLISHED else [f"{FOLDER}/{_wheel_name()}"]


def put(project: Path) -> None:
    """Give a baked project the library, and pin it in its requirements."""
    for name in PINNED_IN:
        path = project / name
        path.write_bytes(pinned(path.read_bytes()))
    if IS_PUBLISHED:
        told = project / TELLS_OF_IT
        told.write_bytes(untold(told.read_bytes()))
    else:
        folder = project / FOLDER
        folder.mkdir()
        shutil.copy(wheel(), folder)


def pinned(requirements: bytes) -> bytes:
    """Return the template's requirements with the library's version in them."""
    lines = requirements.decode("utf-8").split("\n")
    exact = [f"{line}=={version()}" if ASKED.fullmatch(line) else line for line in lines]
    return "\n".join(line for line in exact if not IS_PUBLISHED or line != FIND).encode()


def untold(text: bytes) -> bytes:
    """Return the README without its lines on a folder that is not there."""
    lines = text.decode("utf-8").split("\n")
    return ("\n".join(line for line in lines if f"{FOLDER}/" not in line).rstrip() + "\n").encode()


def wheel() -> Path:
    """Return the library's wheel: the one that this program carries, in a checkout a fresh one."""
    if carried := _carried():
        return carried
    kept = _source() / "dist" / _wheel_name()
    return kept if kept.is_file() else _build(kept)


def _build(kept: Path) -> Path:
    try:
        from hatchling.builders.wheel import WheelBuilder
    except ImportError:
        raise HerokuclockError(
            f"the wheel of {NAME}, which a project carries, cannot be built here.",
            "pip install hatchling",
        ) from None
    kept.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
        # Several may build it at the same time: it appears whole or not at all.
        (made,) = WheelBuilder(str(_source())).build(directory=folder, versions=["standard"])
        Path(made).replace(kept)
    return kept


def _wheel_name() -> str:
    return f"{NAME}-{version()}-py3-none-any.whl"


def _carried() -> Path | None:
    return next((bundle.home() / FOLDER).glob(f"{NAME}-*.whl"), None)


def _source() -> Path:
    return bundle.home() / "library"
