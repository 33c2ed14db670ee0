"""What manages a project's packages, and what its owner types to change them."""

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from herokuclock import shell
from herokuclock.errors import HerokuclockError


@dataclass(frozen=True)
class Manager:
    """A tool: its lock, and its commands, in which {} is a requirement."""

    name: str
    lock: str
    set_up: str
    add: str
    relock: str

    def adding(self, requirement: str) -> str:
        """Return the command that asks for one more package."""
        return self.add.format(shlex.quote(requirement))

    @property
    def install(self) -> str:
        """The hint for whom the tool itself is missing."""
        return f"Install it: pip install {self.name}"


COMPILE = "pip install uv && uv pip compile --emit-find-links requirements.in -o requirements.txt"
UV = Manager("uv", "uv.lock", "uv sync", "uv add {}", "uv lock")
POETRY = Manager("poetry", "poetry.lock", "poetry install", "poetry add {}", "poetry lock")
PIPENV = Manager("pipenv", "Pipfile.lock", "pipenv install", "pipenv install {}", "pipenv lock")
PIP = Manager(
    "pip",
    "requirements.txt",
    "python3 -m venv .venv && .venv/bin/pip install -r requirements.txt",
    "pip install {} && pip freeze > requirements.txt",
    "pip freeze > requirements.txt",
)
# pip, where requirements.txt is made from requirements.in.
COMPILED = Manager(
    "pip",
    "requirements.txt",
    PIP.set_up,
    f"echo {{}} >> requirements.in && {COMPILE}",
    COMPILE,
)
LOCKED = (UV, POETRY, PIPENV)
CHANGED_BY_UV = ("pyproject.toml", UV.lock)


def of(root: Path) -> Manager:
    """Return the manager of the project at `root`, by what lies in it."""
    for manager in LOCKED:
        if (root / manager.lock).is_file():
            return manager
    if (root / "requirements.txt").is_file():
        return COMPILED if (root / "requirements.in").is_file() else PIP
    return _by_what_it_would_lock(root)


def _by_what_it_would_lock(root: Path) -> Manager:
    """Return the manager whose lock is missing."""
    if (root / "Pipfile").is_file():
        return PIPENV
    file = root / "pyproject.toml"
    text = file.read_bytes() if file.is_file() else b""
    if b"[tool.poetry]" in text:
        return POETRY
    if b"[tool.uv" in text or b"[project]" in text:
        return UV
    return COMPILED if (root / "requirements.in").is_file() else PIP


def let_uv(root: Path, commands: Iterable[Sequence[str]]) -> None:
    """Let uv change what the project at `root` asks for, and its lock: all of it, or nothing."""
    paths = [root / name for name in CHANGED_BY_UV if (root / name).is_file()]
    before = {path: path.read_bytes() for path in paths}
    try:
        for arguments in commands:
            uv = shell.find(UV.name, UV.install)
            done = shell.run([uv, *arguments], cwd=root, env={"VIRTUAL_ENV": None, "NO_COLOR": "1"})
            if not done.ok:
                command = shlex.join([UV.name, *arguments])
                raise HerokuclockError(
                    f"`{command}` failed: {_reason(done.err)}",
                    "Nothing was changed. Run it again where uv reaches the index of packages.",
                )
    except BaseException:
        for path, content in before.items():
            path.write_bytes(content)
        raise


def _reason(said: str) -> str:
    """Return what uv says is wrong: what it did comes before, its hints behind."""
    wrong = said[max(said.find("error: "), 0) :].partition("\nhint: ")[0]
    text = " ".join(wrong.removeprefix("error: ").split())
    return text if len(text) < 400 else f"{text[:400]} ..."
