"""The owner of an app: runs the real `heroku` and git, with every way out of here closed."""

import json
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loopback.heroku import Heroku
from loopback.state import App

# Read before a test gives itself an empty HOME.
HOME = Path(os.environ.get("HEROKU_CLI_HOME") or Path.home() / ".cache/herokuclock/heroku-11.10.0")


def heroku_program() -> Path:
    """Return the real `heroku`; without it the test is skipped, which in CI is a failure."""
    installed = HOME / "node_modules/.bin/heroku"
    found = str(installed) if installed.exists() else shutil.which("heroku")
    if found is None:
        pytest.skip(f"no heroku command; .ci/run installs it in {HOME}")
    return Path(found)


def heroku_env(heroku: Heroku, home: Path) -> dict[str, str]:
    """Return the environment in which `heroku` and `git` see the loopback Heroku and no other.

    Each variable closes a way out, or keeps the command from leaving processes behind.
    """
    accepted = home / ".cache/heroku/terms-of-service"
    accepted.parent.mkdir(parents=True, exist_ok=True)
    accepted.touch()
    foreign = ("HEROKU_", "GIT_", "SSL_CERT", "XDG_", "http_proxy", "https_proxy", "HTTP")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    identity = {k: v for k, v in os.environ.items() if k.startswith(("GIT_AUTHOR", "GIT_COMMIT"))}
    return {
        **kept,
        **identity,
        "PATH": f"{HOME / 'node_modules/.bin'}:{os.environ['PATH']}",
        "HOME": str(home),
        "HEROKU_HOST": heroku.url,
        "HEROKU_API_KEY": heroku.key,
        "HEROKU_PARTICLEBOARD_URL": heroku.url,
        "HEROKU_DATA_HOST": "127.0.0.1",
        "HEROKU_GIT_HOST": f"127.0.0.1:{heroku.git.port}",
        "HEROKU_SKIP_NEW_VERSION_CHECK": "true",
        "HEROKU_DISABLE_AUTOUPDATE": "true",
        "DISABLE_TELEMETRY": "true",
        "NO_COLOR": "1",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_SSL_CAINFO": str(heroku.root / "public.pem"),
        "GIT_TERMINAL_PROMPT": "0",
    }


def run_heroku(
    heroku: Heroku, home: Path, *args: str, cwd: Path | None = None, **env: str
) -> subprocess.CompletedProcess[str]:
    """Run the real command against the loopback Heroku."""
    return subprocess.run(
        [heroku_program(), *args],
        cwd=cwd,
        env={**heroku_env(heroku, home), **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=180,
    )


# What hands git the credentials as `heroku` does, and at once.
HELPER = '!f() { echo username=heroku; echo "password=$HEROKU_API_KEY"; }; f'


def run_git(
    heroku: Heroku, home: Path, folder: Path, *args: str
) -> subprocess.CompletedProcess[str]:
    """Run git in a project, with the credentials that the real command would hand it."""
    return subprocess.run(
        ["git", "-c", f"credential.helper={HELPER}", *args],
        cwd=folder,
        env=heroku_env(heroku, home),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=280,
    )


def commit(project: Path, message: str = "Change") -> None:
    """Commit all there is."""
    subprocess.run(["git", "add", "-A"], cwd=project, check=True)
    subprocess.run(["git", "commit", "-qm", message, "--allow-empty"], cwd=project, check=True)


def push(heroku: Heroku, project: Path, app: str = "demo") -> subprocess.CompletedProcess[str]:
    """Commit all there is and push it."""
    commit(project)
    url = f"https://127.0.0.1:{heroku.git.port}/{app}.git"
    return run_git(heroku, project.parent, project, "push", url, "main")


def call(heroku: Heroku, method: str, path: str, body: Any = None) -> Any:
    """Send one request to the API."""
    headers = {"Authorization": f"Bearer {heroku.key}"}
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(heroku.url + path, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:
            return json.loads(reply.read())
    except urllib.error.HTTPError as error:
        error.close()
        raise


def scale(heroku: Heroku, type: str = "clock", quantity: int = 1) -> None:
    """Scale a process type of the app `demo`."""
    update = {"type": type, "quantity": str(quantity)}
    call(heroku, "PATCH", "/apps/demo/formation", {"updates": [update]})


def until(condition: Callable[[], Any], app: App, timeout: float = 240) -> Any:
    """Wait for a condition; fail with the app's log if it does not come."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.02)
    raise AssertionError("waited in vain:\n" + "\n".join(app.log))
