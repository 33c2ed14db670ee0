"""The only module that starts other programs: lists of arguments, but for a Procfile's lines."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from herokuclock.errors import HerokuclockError


@dataclass(frozen=True)
class Result:
    """How a program ended, and what it printed where that was captured."""

    args: tuple[str, ...]
    code: int
    out: str
    err: str

    @property
    def ok(self) -> bool:
        return self.code == 0


def find(program: str, hint: str) -> str:
    """Return the full path of a program; raise HerokuclockError with `hint` if there is none."""
    path = shutil.which(program)
    if path is None:
        raise HerokuclockError(f"'{program}' is not installed, or not on the PATH.", hint)
    return path


def run(
    args: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str | None] | None = None,
    capture: bool = True,
) -> Result:
    """Run a program to its end and return how it ended.

    `env` changes our own environment for it; None takes a variable away. With `capture` its
    output is kept, otherwise it goes to the terminal.
    """
    stream = subprocess.PIPE if capture else None
    done = subprocess.run(
        [str(arg) for arg in args],
        cwd=cwd,
        env=_environment(env),
        stdin=subprocess.DEVNULL if capture else None,
        stdout=stream,
        stderr=stream,
        check=False,
        encoding="utf-8",
        errors="replace",
    )
    return Result(tuple(map(str, args)), done.returncode, done.stdout or "", done.stderr or "")


def reason(result: Result) -> str:
    """Return the line that says what is wrong; a hint comes behind it."""
    lines = [line.strip() for line in result.err.splitlines() if line.strip()]
    said = [line for line in lines if line.startswith("Error: ")]
    shown = [line for line in lines if not line.startswith("Hint: ")]
    return (said or shown or ["it printed no JSON"])[-1].removeprefix("Error: ")


def stream(
    args: Sequence[str | Path],
    say: Callable[[str], None],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str | None] | None = None,
) -> Result:
    """Run a program and pass on each line of its output as it comes; the Result has them all."""
    lines: list[str] = []
    with _begun([str(arg) for arg in args], cwd, _environment(env)) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                lines.append(line.rstrip())
                say(lines[-1])
        except BaseException:
            process.terminate()
            raise
    return Result(tuple(map(str, args)), process.returncode, "\n".join(lines), "")


def _begun(
    args: Sequence[str],
    cwd: Path | None,
    env: Mapping[str, str] | None,
    *,
    in_own_group: bool = False,
) -> subprocess.Popen[str]:
    """Start a program whose output and errors are read as one text."""
    return subprocess.Popen(
        args,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        start_new_session=in_own_group,
    )


class Running:
    """A program that runs beside us, in a process group of its own, as a dyno does."""

    def __init__(self, command: str, cwd: Path, env: Mapping[str, str]) -> None:
        # As on Heroku; bash becomes the program, so that its exit code is the program's own.
        bash = [shutil.which("bash") or "/bin/sh", "-c", command]
        self._process = _begun(bash, cwd, env, in_own_group=True)

    def lines(self) -> Iterator[str]:
        """Yield its output line by line until all of the group has closed it."""
        assert self._process.stdout is not None
        with self._process.stdout as stream:
            for line in stream:
                yield line.rstrip("\n")

    def wait(self) -> int:
        """Wait for its end; return its exit code as a shell says it."""
        code = self._process.wait()
        return code if code >= 0 else 128 - code

    def send(self, number: signal.Signals) -> None:
        """Send a signal to every process of the group."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)


def git(folder: Path, *args: str) -> Result:
    """Run git in the repository of `folder`, whichever repository surrounds us."""
    return run(["git", *args], cwd=folder)


def _environment(changes: Mapping[str, str | None] | None) -> dict[str, str]:
    """Return our environment with these changes, and with nothing that says which repository.

    Inside a git hook such variables lead git to the hook's repository, also the git that `heroku`
    runs.
    """
    kept = {k: v for k, v in os.environ.items() if k not in LOCAL_TO_A_REPOSITORY}
    return {k: v for k, v in {**kept, **(changes or {})}.items() if v is not None}


# What `git rev-parse --local-env-vars` lists of today's and older versions, but for what `git -c`
# says: that git hands on to other repositories, too.
LOCAL_TO_A_REPOSITORY = frozenset(
    f"GIT_{name}"
    for name in (
        "ALTERNATE_OBJECT_DIRECTORIES COMMON_DIR CONFIG DIR GRAFT_FILE IMPLICIT_WORK_TREE"
        " INDEX_FILE INTERNAL_SUPER_PREFIX NAMESPACE NO_REPLACE_OBJECTS OBJECT_DIRECTORY PREFIX"
        " QUARANTINE_PATH REPLACE_REF_BASE SHALLOW_FILE WORK_TREE"
    ).split()
)
