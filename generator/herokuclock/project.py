"""The generated project that we stand in: where it is, its Python, what `new` was told."""

import os
import tokenize
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from herokuclock.errors import HerokuclockError

ANSWERS = ".herokuclock.toml"
NO_PYTHON = "This project has no environment of its own yet: {}"


class Project(NamedTuple):
    """A project's folder; everything else is read from it when it is asked for."""

    root: Path

    @property
    def jobs(self) -> Path:
        return self.root / "jobs.py"

    def source(self) -> str:
        """Return the text of jobs.py with its line endings and BOM as they are."""
        return read_text(self.jobs)

    def python(self) -> Path | None:
        """Return the project's own interpreter, None where there is none yet."""
        active = os.environ.get("VIRTUAL_ENV")
        for folder in (
            self.root / ".venv",
            self.root / "venv",
            *([Path(active)] if active else []),
        ):
            for program in ("bin/python", "Scripts/python.exe"):
                if (folder / program).exists():
                    return folder / program
        return None

    def name(self) -> str:
        """Return the name that `new` was told, else the folder's."""
        return self.answered("name") or self.root.name

    def answered(self, key: str) -> str | None:
        """Return what `new` was told, as .herokuclock.toml has it."""
        import tomllib

        try:
            answers = tomllib.loads((self.root / ANSWERS).read_text(encoding="utf-8"))["answers"]
            return str(answers[key])
        except (OSError, ValueError, LookupError, TypeError):
            return None


def find(start: Path | None = None, *, jobs: bool = True) -> Project:
    """Return the project around a folder, by default the one that we stand in.

    Without `jobs` also one that lacks its jobs.py.
    """
    here = Path(os.path.abspath(start or Path.cwd()))
    for folder in (here, *here.parents):
        marked = (folder / ANSWERS).is_file() or (folder / "Procfile").is_file()
        if marked and (not jobs or (folder / "jobs.py").is_file()):
            return Project(folder)
    raise HerokuclockError(
        "There is no project here: no jobs.py with a Procfile in this folder or above it.",
        "Go into a project's folder, or make one: herokuclock new myapp",
    )


def read_text(path: Path) -> str:
    """Return a Python file's text, decoded as Python does it, its bytes otherwise unchanged."""
    try:
        content = path.read_bytes()
        return content.decode(encoding_of(content))
    except OSError as error:
        raise HerokuclockError(
            f"{path.name} cannot be read: {error.strerror}.", "Check the file and its permissions."
        ) from None
    except (SyntaxError, ValueError) as error:
        raise HerokuclockError(
            f"{path.name} cannot be decoded: {error}.", "Save it as UTF-8."
        ) from None


def encoding_of(content: bytes) -> str:
    """Return the encoding that a Python file declares; a BOM stays part of the text."""
    encoding, _ = tokenize.detect_encoding(BytesIO(content).readline)
    return "utf-8" if encoding == "utf-8-sig" else encoding
