"""The generated project that we stand in: where it is, its Python, what `new` was told."""

import os
import shlex
import tokenize
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from clockdyno import procfile

from herokuclock.errors import HerokuclockError

ANSWERS = ".herokuclock.toml"
NO_PYTHON = "There is no environment yet; herokuclock run makes it."


class Project(NamedTuple):
    """A project's folder; everything else is read from it when it is asked for."""

    root: Path

    @property
    def clock(self) -> procfile.Program:
        """What the Procfile's clock line starts; `python jobs.py` where there is none."""
        return procfile.clock(self.root)

    @property
    def jobs(self) -> Path:
        return self.root / self.clock.file

    @property
    def jobs_name(self) -> str:
        """The name of the clock's file, as the project's messages say it."""
        return self.clock.file.as_posix()

    def source(self) -> str:
        """Return the text of the clock's file with its line endings and BOM as they are."""
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

    def pip(self) -> str:
        """Return how its interpreter's pip is called in its folder."""
        python = self.python()
        if python and python.is_relative_to(self.root):
            return (python.parent / "pip").relative_to(self.root).as_posix()
        return "pip"

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

    Without `jobs` also one that lacks the file of its clock.
    """
    here = Path(os.path.abspath(start or Path.cwd()))
    without_clock = None
    for folder in (here, *here.parents):
        if (folder / ANSWERS).is_file() or (folder / "Procfile").is_file():
            found = Project(folder)
            if not jobs or found.jobs.is_file():
                return found
            without_clock = without_clock or found
    if without_clock:
        raise _without_clock(without_clock)
    raise HerokuclockError(
        "There is no project here: no Procfile in this folder or above it.",
        "Make one: herokuclock new myapp. In the folder of an app of yours: herokuclock init",
    )


def _without_clock(found: Project) -> HerokuclockError:
    if procfile.has_clock(found.root):
        return HerokuclockError(
            f"The Procfile's clock line starts {found.jobs_name}, which is not there.",
            f"Name your clock's file in it, or get that one back: git restore {found.jobs_name}",
        )
    return HerokuclockError(
        f"This app has no clock yet: there is no {found.jobs_name}.",
        f"Bring one in: cd {shlex.quote(str(found.root))} && herokuclock init",
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
