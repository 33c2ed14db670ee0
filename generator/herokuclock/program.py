"""How this program was started, so that a command that it prints works where the reader stands."""

import re
import shlex
import shutil
import sys
from functools import cache
from pathlib import Path

NAME = "herokuclock"
LIBRARY = "clockdyno"
UVX, PIPX = "uvx", "pipx run"
# Where these keep what they run once, wherever their cache is.
RUNNERS = {"/archive-v": UVX, "/environments-v": UVX, "/pipx/.cache/": PIPX}
COMMAND = re.compile(rf"(?<![\w./-]){NAME} (?=[a-z-])")


def command() -> str:
    """Return what has to be typed here to start this program."""
    return _name(sys.argv[0])


def spelled(text: str) -> str:
    """Return a text whose commands of ours are spelled as they have to be typed here."""
    name = command()
    return text if name == NAME else COMMAND.sub(f"{name} ".replace("\\", r"\\"), text)


@cache
def _name(started: str) -> str:
    path = Path(started)
    for folder, runner in RUNNERS.items():
        if folder in path.as_posix():
            return " ".join([runner, *_origin(runner), NAME])
    if path.name == "__main__.py":
        return f"{shlex.quote(sys.executable)} -m {NAME}"
    found = shutil.which(NAME)
    if found and _same(Path(found), path):
        return NAME
    return shlex.quote(str(path.parent.resolve() / path.name)) if path.exists() else NAME


def _same(found: Path, started: Path) -> bool:
    """Say whether it is this program that the PATH leads to."""
    return not started.exists() or found.samefile(started)


def _origin(runner: str) -> list[str]:
    """Return the options that lead a runner to where it took this program from; none: an index.

    Without them it would ask an index, where the name may be a stranger's.
    """
    ours, library = _source(NAME), _source(LIBRARY)
    if ours is None:
        return []
    words = ["--spec" if runner == PIPX else "--from", shlex.quote(ours)]
    beside = Path(ours).parent
    if library and runner == UVX:
        words += ["--with", shlex.quote(library)]
    elif any(beside.glob(f"{LIBRARY}-*.whl")):
        links = f"--find-links {shlex.quote(str(beside))}"
        words += [f"--pip-args={shlex.quote(links)}" if runner == PIPX else links]
    return words


def _source(name: str) -> str | None:
    """Return the file, or the address, that a distribution was installed from by its owner."""
    import json
    from importlib.metadata import PackageNotFoundError, distribution
    from urllib.parse import unquote, urlsplit

    # https://packaging.python.org/en/latest/specifications/direct-url/
    try:
        told = json.loads(distribution(name).read_text("direct_url.json") or "{}")
    except (PackageNotFoundError, ValueError):
        return None
    url = str(told.get("url", ""))
    if url.startswith("file:"):
        return unquote(urlsplit(url).path)
    system = told.get("vcs_info", {}).get("vcs")
    return f"{system}+{url}" if system else url or None
