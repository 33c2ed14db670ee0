"""A build: the buildpack's checks, an environment with what is locked, the Procfile."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from uv import find_uv_bin

from loopback import buildpack
from loopback.buildpack import BuildError
from loopback.state import App, Slug

Say = Callable[[str], None]
# Read before a test gives itself an empty HOME: what was downloaded once serves every build.
HOME = Path.home()
WHEELS = HOME / ".cache/herokuclock/wheels"
PYENV = Path(os.environ.get("PYENV_ROOT") or HOME / ".pyenv")
# Heroku's builds see no config vars; ours need what lets pip find an index on this machine.
HOST_VARIABLES = ("PATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "http_proxy", "https_proxy")
LOCKS = ("requirements.txt", "uv.lock")


def build(app: App, folder: Path, commit: str, environment: Path | None, say: Say) -> Slug:
    """Build the files of a commit; raise BuildError, with its title said, where Heroku would.

    With `environment` that one serves instead of a new one: a build in no time.
    """
    say(f"-----> Building on the {app.stack.title()} stack")
    say("-----> Using buildpack: heroku/python")
    if not buildpack.detected(folder):
        raise BuildError("Unable to detect a Python app.")
    say("-----> Python app detected")
    version = buildpack.check(folder, app.stack)
    say(f"-----> Using Python {version} specified in .python-version")
    processes = read_procfile(folder)
    made = environment or _environment(app, folder, version, say)
    say("-----> Discovering process types")
    say(f"       Procfile declares types -> {', '.join(sorted(processes)) or '(none)'}")
    return Slug(commit, folder, made, processes)


def read_procfile(folder: Path) -> dict[str, str]:
    """Read the process types as Heroku does; lines that are none are passed over."""
    file = folder / "Procfile"
    text = file.read_text() if file.exists() else ""
    pattern = r"^[^\S\n]*([a-zA-Z0-9_-]+):?[^\S\n]+(.*?)[^\S\n]*$"
    return dict(re.findall(pattern, text, re.MULTILINE))


def _environment(app: App, folder: Path, version: str, say: Say) -> Path:
    python = _interpreter(version)
    target = folder.parent / "environment"
    if not _restored(app, folder, python, target, say):
        _run([python, "-m", "venv", "--without-pip", str(target)], say)
    if (folder / "uv.lock").exists():
        _sync(target, folder, say)
    else:
        _install(python, target, folder, say)
    return target


def _sync(target: Path, folder: Path, say: Say) -> None:
    """Let uv bring the environment to what the lock says; it keeps what it downloads in HOME."""
    command = ["uv", "sync", "--locked", "--no-default-groups"]
    say(f"-----> Installing dependencies using '{' '.join(command)}'")
    # As the buildpack sets it: uv manages that Python's own packages, and brings no other Python.
    settings = {
        "UV_PROJECT_ENVIRONMENT": str(target),
        "UV_NO_MANAGED_PYTHON": "1",
        "UV_PYTHON_DOWNLOADS": "never",
    }
    _run([find_uv_bin(), *command[1:], "--no-progress"], say, folder, "uv", settings)


def _install(python: str, target: Path, folder: Path, say: Say) -> None:
    say("-----> Installing dependencies using 'pip install -r requirements.txt'")
    wheels = _download(python, folder, say)
    here = str(target / "bin/python")
    options = ["--no-index", "--find-links", str(wheels), "--no-compile", "--progress-bar=off"]
    install = [sys.executable, "-m", "pip", "--python", here, "install", *options]
    # In the folder of the build, as Heroku does it: `--find-links vendor` is one in there.
    _run([*install, "-r", "requirements.txt"], cwd=folder)


def _restored(app: App, folder: Path, python: str, target: Path, say: Say) -> bool:
    """Take the environment of the last build over where the buildpack does so, from its cache."""
    last = next((each.slug for each in reversed(app.releases) if each.slug), None)
    if last is None:
        return False
    reasons = []
    if (last.environment / "bin/python").resolve() != Path(python).resolve():
        reasons.append("The Python version has changed")
    before, now = (
        next(name for name in LOCKS if (each / name).exists()) for each in (last.folder, folder)
    )
    if before != now:
        reasons.append("The package manager has changed")
    elif now == LOCKS[0] and (last.folder / now).read_bytes() != (folder / now).read_bytes():
        reasons.append(f"The contents of {now} changed")
    if reasons:
        say("-----> Discarding cache since:")
        for reason in reasons:
            say(f"       - {reason}")
        return False
    say("-----> Restoring cache")
    shutil.copytree(last.environment, target, symlinks=True)
    for script in (target / "bin").iterdir():
        if not script.is_symlink():
            old = script.read_bytes()
            script.write_bytes(old.replace(bytes(last.environment), bytes(target)))
    return True


def _interpreter(version: str) -> str:
    """Find the Python that the project asks for on this machine."""
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        return sys.executable
    for home in sorted(PYENV.glob(f"versions/{version}.*")):
        return str(home / "bin/python")
    found = shutil.which(f"python{version}")
    if found is None:
        raise RuntimeError(f"the loopback Heroku has no Python {version} on this machine")
    return found


def _download(python: str, folder: Path, say: Say) -> Path:
    """Fetch the wheels of these requirements once; later builds need no network.

    What lies in the project itself, in a version that no index has, stays out of it.
    """
    lines = (folder / "requirements.txt").read_bytes().splitlines()
    public = b"\n".join(line for line in lines if b"+" not in line)
    wheels = WHEELS / hashlib.sha256(python.encode() + public).hexdigest()[:16]
    if not wheels.exists():
        fresh = wheels.with_suffix(f".{os.getpid()}")
        command = [python, "-m", "pip", "download", "--progress-bar=off", "-d", str(fresh)]
        try:
            _run([*command, "-r", "requirements.txt"], say, folder)
            for own in fresh.glob("*+*.whl"):
                own.unlink()
            if not wheels.exists():
                fresh.rename(wheels)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    return wheels


def _run(
    command: list[str | Path],
    say: Say = lambda line: None,
    cwd: Path | None = None,
    tool: str = "pip",
    settings: Mapping[str, str] = MappingProxyType({}),
) -> None:
    kept = {name: os.environ[name] for name in HOST_VARIABLES if name in os.environ}
    tools = {name: v for name, v in os.environ.items() if name.startswith(("PIP_", "UV_"))}
    fixed = {"HOME": str(HOME), "PYTHONUNBUFFERED": "1", "LANG": "en_US.UTF-8"}
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**kept, **tools, **fixed, **settings},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    for line in done.stdout.splitlines():
        say(f"       {line}")
    if done.returncode:
        raise BuildError(f"Unable to install dependencies using {tool}.")
