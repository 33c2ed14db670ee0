"""The loopback Heroku itself: does it do what Heroku does, as far as our tests lean on it?"""

import shutil
import subprocess
import sys
import urllib.error
from pathlib import Path

import pytest
from support.heroku_project import write

from loopback import Heroku, dynos, failures
from loopback.owner import (
    call,
    heroku_env,
    heroku_program,
    push,
    run_heroku,
    scale,
    until,
)
from loopback.state import App

VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
WEB = "python -m http.server --bind 127.0.0.1 $PORT"


@pytest.fixture
def project(lonely: Path) -> Path:
    """Make a repository whose web and clock are a few lines each."""
    folder = lonely / "tick"
    folder.mkdir()
    write(
        folder,
        {
            ".python-version": f"{VERSION}\n",
            "requirements.txt": "",
            "Procfile": f"web: {WEB}\nclock: python clock.py\n",
            "clock.py": "import time\nprint('the clock is up')\ntime.sleep(1000)\n",
        },
    )
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=folder, check=True)
    return folder


def states(heroku: Heroku, app: App) -> dict[str, str]:
    return {dyno.name: dyno.state for dyno in heroku.dynos[app.name].running()}


def test_every_request_is_noted_and_reads_are_no_mutations(heroku: Heroku) -> None:
    call(heroku, "POST", "/apps", {"name": "demo"})
    call(heroku, "GET", "/apps/demo/formation")
    call(heroku, "POST", "/apps/demo/log-sessions", {"lines": 5})

    assert [request.path for request in heroku.requests][1:] == [
        "/apps/demo/formation",
        "/apps/demo/log-sessions",
    ]
    assert [(r.method, r.path, r.body) for r in heroku.mutations()] == [
        ("POST", "/apps", {"name": "demo"})
    ]


@pytest.mark.parametrize("after", [False, True])
def test_a_request_can_be_refused_before_or_after_it_is_done(heroku: Heroku, after: bool) -> None:
    heroku.fail("POST", "/apps", failures.UNAVAILABLE, after=after)

    with pytest.raises(urllib.error.HTTPError, match="503"):
        call(heroku, "POST", "/apps", {"name": "demo"})

    assert ("demo" in heroku.apps) is after


def test_a_line_can_be_cut(heroku: Heroku) -> None:
    heroku.fail("GET", "/account", None)

    with pytest.raises((ConnectionError, urllib.error.URLError)):
        call(heroku, "GET", "/account")
    call(heroku, "GET", "/account")


@pytest.mark.slow
def test_a_wrong_key_is_refused(heroku: Heroku, project: Path) -> None:
    call(heroku, "POST", "/apps", {"name": "demo"})
    heroku.key = "another"

    refused = run_heroku(heroku, project.parent, "whoami", HEROKU_API_KEY="bad")

    assert refused.returncode == 2
    assert "Invalid credentials provided." in refused.stderr


def test_the_first_build_runs_one_web_and_no_clock(heroku: Heroku, project: Path) -> None:
    app = heroku.create(App("demo"))
    with pytest.raises(urllib.error.HTTPError, match="404"):
        scale(heroku)

    assert push(heroku, project).returncode == 0

    until(lambda: states(heroku, app) == {"web.1": "up"}, app)


SLOW_TO_STOP = """
import os, signal, time

def stop(*told):
    while not os.path.exists({may_stop!r}):
        time.sleep(0.02)
    print("bye")
    raise SystemExit

signal.signal(signal.SIGTERM, stop)
print("up", flush=True)
time.sleep(1000)
"""


@pytest.mark.slow
def test_a_config_change_restarts_the_dynos_and_the_old_and_the_new_overlap(
    heroku: Heroku, project: Path
) -> None:
    app = heroku.create(App("demo"))
    may_stop = project.parent / "may-stop"
    write(project, {"clock.py": SLOW_TO_STOP.format(may_stop=str(may_stop))})
    push(heroku, project)
    scale(heroku)
    until(lambda: "app[clock.1]: up" in "\n".join(app.log), app)

    call(heroku, "PATCH", "/apps/demo/config-vars", {"A": "b"})
    until(lambda: "\n".join(app.log).count("app[clock.1]: up") == 2, app)
    may_stop.touch()
    until(lambda: "app[clock.1]: bye" in "\n".join(app.log), app)

    said = [line.split("app[clock.1]: ")[1] for line in app.log if "app[clock.1]" in line]
    assert said == ["up", "up", "bye"]
    assert app.releases[-1].description == "Set A config vars"


@pytest.mark.slow
def test_what_ignores_sigterm_is_killed(
    heroku: Heroku, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dynos, "STOP_SECONDS", 0.5)
    app = heroku.create(App("demo"))
    deaf = "import signal, time\nsignal.signal(15, signal.SIG_IGN)\nprint('up')\ntime.sleep(1000)\n"
    write(project, {"clock.py": deaf})
    push(heroku, project)
    scale(heroku)
    until(lambda: "app[clock.1]: up" in "\n".join(app.log), app)

    scale(heroku, quantity=0)

    until(lambda: "Error R12 (Exit timeout)" in "\n".join(app.log), app)
    until(lambda: "Process exited with status 247" in "\n".join(app.log), app)


def test_a_crash_is_restarted_once_and_then_waits(heroku: Heroku, project: Path) -> None:
    app = heroku.create(App("demo"))
    write(project, {"clock.py": "print('falling')\nraise SystemExit(3)\n"})
    push(heroku, project)
    scale(heroku)

    until(lambda: "\n".join(app.log).count("exited with status 3") == 2, app)
    until(lambda: states(heroku, app)["clock.1"] == "crashed", app)


@pytest.mark.slow
def test_a_release_phase_that_fails_keeps_the_old_release(heroku: Heroku, project: Path) -> None:
    app = heroku.create(App("demo"))
    push(heroku, project)
    good = until(lambda: app.slug and app.current, app)

    write(project, {"Procfile": f"web: {WEB}\nrelease: python -c 'raise SystemExit(1)'\n"})
    push(heroku, project)

    until(lambda: app.releases[-1].status == "failed", app)
    assert app.current is good
    assert "clock.py" in heroku.get(app)


def test_a_build_that_fails_rejects_the_push_with_its_title(heroku: Heroku, project: Path) -> None:
    app = heroku.create(App("demo"))
    write(project, {"uv.lock": ""})

    rejected = push(heroku, project)

    assert rejected.returncode == 1
    assert "Error: Multiple Python package manager files were found." in rejected.stderr
    assert "Push rejected, failed to compile Python app." in rejected.stderr
    assert app.slug is None


@pytest.mark.slow
def test_nothing_leaves_this_machine(heroku: Heroku, project: Path, tmp_path: Path) -> None:
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("no strace; .ci/run installs it")
    app = heroku.create(App("demo"))
    push(heroku, project)
    url = f"https://127.0.0.1:{heroku.git.port}/demo.git"
    trace = tmp_path / "trace"
    for command in (
        [str(heroku_program()), "git:remote", "-a", "demo"],
        [str(heroku_program()), "apps:info", "-a", "demo", "--json"],
        [str(heroku_program()), "ps", "-a", "demo"],
        [str(heroku_program()), "config:set", "A=b", "-a", "demo"],
        [str(heroku_program()), "addons:create", "heroku-postgresql:essential-0", "-a", "demo"],
        ["git", "push", url, "HEAD:refs/heads/other"],
    ):
        subprocess.run(
            [strace, "-f", "-A", "-e", "trace=connect,sendto", "-o", trace, *command],
            cwd=project,
            env=heroku_env(heroku, project.parent),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
        )

    lines = [
        line for line in trace.read_text().splitlines() if "sin_addr" in line or "sin6" in line
    ]
    assert app.config["A"] == "b"
    assert lines
    # A name that is looked up has left already, even where the resolver is on this machine.
    stays = [line for line in lines if '"127.0.0.1"' in line and "htons(53)" not in line]
    assert lines == stays
