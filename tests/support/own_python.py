"""A project's own Python, as the tool starts it: this interpreter, and begun as a fork."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from herokuclock import shell

from support import forks

HERE = Path(sys.executable).resolve()


def give_python(project: Path) -> None:
    """Give a project an environment: that of this interpreter, which has all it needs."""
    folder = project / ".venv/bin"
    folder.mkdir(parents=True)
    (folder / "python").symlink_to(sys.executable)


@pytest.fixture
def forked_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what the tool runs with this interpreter have all libraries loaded when it begins."""
    as_ever = shell.run

    def run(
        args: Sequence[str | Path],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str | None] | None = None,
        capture: bool = True,
    ) -> shell.Result:
        program = [os.fspath(arg) for arg in args]
        if program[1:2] != ["-m"] or Path(program[0]).resolve() != HERE:
            return as_ever(args, cwd=cwd, env=env, capture=capture)
        done = forks.run(program[1:], cwd=cwd, env=shell._environment(env))
        return shell.Result(tuple(program), done.returncode, done.stdout, done.stderr)

    monkeypatch.setattr(shell, "run", run)
