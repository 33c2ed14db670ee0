"""Asks the index of packages what files cannot tell: whether all that is asked for exists."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from herokuclock import packages, shell
from herokuclock.check import installed, python
from herokuclock.check.findings import Finding, Site
from herokuclock.project import Project

UNREACHED = (
    *("Failed to fetch", "error sending request", "client error", "dns error", "timed out"),
    *(
        "NewConnectionError",
        "network was disabled",
        "network connectivity is disabled",
        "Connection refused",
    ),
    # Of what pip cannot find for another machine it cannot say whether that has it.
    "(from versions: none)",
    *("Temporary failure in name resolution", "offline"),
)
# pip takes each of these by its name alone.
PLATFORMS = [f"manylinux_2_{minor}_x86_64" for minor in range(39, 4, -1)]
PLATFORMS += ["manylinux2014_x86_64", "manylinux2010_x86_64", "linux_x86_64"]


def resolved(site: Site) -> Iterator[Finding]:
    """Everything exists, for Heroku's Python and Linux, and fits together."""
    command = _command(site)
    if command is None:
        return
    done = shell.run(command, cwd=site.root, env={"VIRTUAL_ENV": None, "NO_COLOR": "1"})
    if done.ok:
        return
    lines = [line.strip(" ×╰─▶│") for line in done.err.splitlines() if line.strip(" │")]
    said = [line for line in lines if not line.startswith("WARNING:")]
    # uv breaks its lines where it likes.
    whole = " ".join(lines)
    if any(sign in whole for sign in UNREACHED):
        problem = "The index of packages did not answer: whether all of them exist is not known."
        yield Finding("resolve", problem, "herokuclock check --resolve", "note")
    else:
        told = " ".join(said[-4:])[:400].rstrip(".") or f"{command[0]} said nothing"
        problem = f"The packages cannot be installed together: {told}."
        yield Finding("resolve", problem, packages.of(site.root).relock)


def _command(site: Site) -> list[str | Path] | None:
    """Return what asks; None where nobody is there to do it, or nothing to be asked."""
    manager, uv = packages.of(site.root), shutil.which("uv")
    if manager is packages.UV:
        return [uv, "lock", "--check"] if uv and installed.of(site) else None
    if manager.name != "pip" or not site.has_file(manager.lock):
        return None
    version = ".".join(python.target(site).split(".")[:2])
    if uv:
        aim = ["--python-version", version, "--python-platform", "x86_64-unknown-linux-gnu"]
        # Any Python can ask; without a word uv would fetch the one that is aimed at.
        ask = ["pip", "compile", "-q", "--no-python-downloads"]
        return [uv, *ask, *aim, manager.lock, "-o", os.devnull]
    here = Project(site.folder).python()
    if here is None:
        return None
    platforms = [word for each in PLATFORMS for word in ("--platform", each)]
    aim = ["--python-version", version, *platforms, "--target", "none"]
    dry = ["install", "--dry-run", "-q", "--only-binary", ":all:", "--ignore-installed", *aim]
    return [here.absolute(), "-m", "pip", *dry, "-r", manager.lock]
