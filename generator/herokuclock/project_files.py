"""The only module that writes into a project that exists: in one step, and nowhere else."""

import os
import stat
from contextlib import suppress
from pathlib import Path

from herokuclock.errors import HerokuclockError

UNFINISHED = ".herokuclock-unfinished"


def place(root: Path, name: str) -> Path:
    """Return where a file of the project lies, through links; refuse one that leads elsewhere."""
    top, real = Path(os.path.realpath(root)), Path(os.path.realpath(root / name))
    if not real.is_relative_to(top) or ".git" in real.relative_to(top).parts:
        raise HerokuclockError(
            f"{name} is a link that leads out of the project, to {real}: it is not written.",
            f"Make {name} a file of its own, or change {real} by hand.",
        )
    return real


def write(root: Path, name: str, content: bytes) -> None:
    """Put a file in place in one step; a link stays one, and a file keeps its mode."""
    path = place(root, name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else None
        write_new(hidden(path), content, mode)
        hidden(path).replace(path)
    except OSError as error:
        with suppress(OSError):
            hidden(path).unlink(missing_ok=True)
        raise _unwritten(name, error) from error


def delete(root: Path, name: str) -> None:
    """Take a file away; of a link the link alone."""
    path = place(root, str(Path(name).parent)) / Path(name).name
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise _unwritten(name, error) from error


def write_new(path: Path, content: bytes, mode: int | None = None) -> None:
    """Write a file that nothing may be in the place of, down to the disk."""
    with suppress(FileNotFoundError):
        path.unlink()
    with path.open("xb") as file:
        if mode is not None:
            path.chmod(mode)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def hidden(path: Path) -> Path:
    """Return where a file lies until it is whole."""
    return path.with_name(f".{path.name}{UNFINISHED}")


def _unwritten(name: str, error: OSError) -> HerokuclockError:
    return HerokuclockError(
        f"{name} could not be written: {error.strerror}.", "Mend that and run it again."
    )
