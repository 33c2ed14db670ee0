"""Which of an app's files is the clock, or is to be it, by what the Procfile starts."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from clockdyno import procfile

from herokuclock.check import reach, started
from herokuclock.check.findings import Site
from herokuclock.errors import HerokuclockError
from herokuclock.init import elsewhere, processes
from herokuclock.init.hoisting import BLOCKING

NEW_NAMES = ("jobs.py", "clock.py", "scheduled.py")


@dataclass(frozen=True)
class Program:
    """The clock's file, how it is started, and the type that starts it by now."""

    file: str
    command: str
    type: str | None
    is_new: bool = False


def find(site: Site, lines: dict[str, str]) -> Program:
    """Return which file is the clock, or is to be it."""
    if "clock" in lines:
        found = procfile.clock(site.root)
        file = posixpath.normpath(found.file.as_posix())
        if not procfile.CLOCK_LINE.search(f"clock: {lines['clock']}") or not site.has_file(file):
            raise HerokuclockError(
                f"The Procfile's clock line starts no Python file that is here: {lines['clock']}",
                "Write it as `clock: python FILE` or `clock: python -m MODULE`, then run it again.",
            )
        return Program(file, lines["clock"], "clock")
    made = list(_blocking(site))
    for start in started.of(site):
        files = [f for f in reach.first_files(site, start) if f in made]
        if start.type not in ("web", "release") and files:
            return Program(files[0], lines[start.type], start.type)
    if len(made) > 1:
        raise HerokuclockError(
            f"{' and '.join(made)} each make a scheduler that blocks, and one is the clock.",
            f"Say in the Procfile which, and run it again: clock: {_command(site, made[0], lines)}",
        )
    if made:
        return Program(made[0], _command(site, made[0], lines), None)
    name = next((name for name in NEW_NAMES if not site.has_file(name)), None)
    if name is None:
        raise HerokuclockError(
            f"{', '.join(NEW_NAMES)} are all there, and none makes a scheduler that blocks.",
            "Say in the Procfile which is the clock, then run it again: clock: python clock.py",
        )
    return Program(name, _command(site, name, lines), None, is_new=True)


def _blocking(site: Site) -> Iterator[str]:
    for file in elsewhere.files(site, None):
        if elsewhere.kind_of(site, file) in (BLOCKING, "Clock"):
            yield file


def _command(site: Site, file: str, lines: dict[str, str]) -> str:
    folder = posixpath.dirname(file)
    how = processes.python_of(lines)
    if folder and site.has_file(f"{folder}/__init__.py"):
        return f"{how} -m {file.removesuffix('.py').replace('/', '.')}"
    return f"{how} {file}"
