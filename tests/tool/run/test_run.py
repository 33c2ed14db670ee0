"""`herokuclock run`: web and clock together, as Heroku starts them."""

import json
import os
import signal
import socket
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import psutil
import pytest
from herokuclock import shell
from herokuclock.errors import HerokuclockError
from herokuclock.run import addresses
from loopback import Heroku
from loopback.owner import heroku_env, heroku_program
from support.heroku_project import small_project, write
from support.program import Run
from support.run_sessions import Session, until_answered

TELL = "import json, os\nprint('env', json.dumps(dict(os.environ)), flush=True)\n"
WAIT = "import time\ntime.sleep(1000)\n"


@pytest.fixture
def project(lonely: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)
    return small_project(lonely / "tick")


# The program, but it leaves a process all the time that it takes to stop.
PATIENT = """
from herokuclock import cli
from herokuclock.run import command

command.STOP_SECONDS = 100_000
cli.main()
"""


def test_web_and_clock_run_and_one_interrupt_stops_both(
    project: Path, sessions: list[Session]
) -> None:
    session = Session(project)
    sessions.append(session)
    session.until("at=job job=tick")
    until_answered(f"http://127.0.0.1:{session.port}/")

    session.interrupt()

    assert session.ends() == 130
    assert [line for line in session.lines if "ended with status" in line]
    with pytest.raises(OSError):
        urllib.request.urlopen(f"http://127.0.0.1:{session.port}/")


def test_the_address_of_the_app_is_said_once_it_answers(
    project: Path, sessions: list[Session]
) -> None:
    session = Session(project)
    sessions.append(session)

    line = session.until("the app")

    assert line.split() == ["the", "app", f"http://localhost:{session.port}/"]
    assert "the dashboard" in session.until("the dashboard")
    with socket.create_connection(("127.0.0.1", session.port)):
        pass


def test_a_port_that_is_taken_is_said_before_anything_starts(project: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(HerokuclockError, match=f"listens on port {port} already") as refused:
            addresses.refuse_taken(str(port))
    assert refused.value.hint == f"herokuclock run --port {port + 1}"
    addresses.refuse_taken(str(port))


@pytest.mark.parametrize("port", ["0", "70000", "x", ""])
def test_what_is_no_port_is_refused(port: str) -> None:
    with pytest.raises(HerokuclockError, match="is no port"):
        addresses.refuse_taken(port)


@pytest.mark.parametrize("place", ["--port", ".env"])
def test_a_port_is_refused_before_an_environment_is_made(
    run: Run, monkeypatch: pytest.MonkeyPatch, project: Path, place: str
) -> None:
    monkeypatch.delenv("VIRTUAL_ENV")
    write(project, {".env": "PORT=nine\n" if place == ".env" else "PORT=1\n"})

    refused = run("run", *(["--port", "70000"] if place == "--port" else []), cwd=project)

    assert "is no port" in refused.stderr and "herokuclock run --port 8000" in refused.stderr
    assert not (project / ".venv").exists()


def test_two_signals_at_once_leave_nothing_running(project: Path, sessions: list[Session]) -> None:
    session = Session(project)
    sessions.append(session)
    session.until("at=job job=tick")
    begun = psutil.Process(session.process.pid).children()
    assert len(begun) == 2

    # So does `timeout`: once for the program, once for its group. Held, it gets both at once.
    for number in (signal.SIGSTOP, signal.SIGTERM, signal.SIGINT, signal.SIGCONT):
        session.process.send_signal(number)

    assert session.ends() == 130
    assert psutil.wait_procs(begun, 60)[1] == []
    assert sum("ended with status" in line for line in session.lines) == 2, session.lines
    assert not any("killed" in line for line in session.lines)


def test_only_web_gets_a_port_and_env_wins(project: Path, sessions: list[Session]) -> None:
    tell = {"app.py": TELL + WAIT, "jobs.py": TELL + WAIT}
    write(project, {**tell, ".env": "WHO='from .env'\n# no\nEMPTY=\nTWO=b # a comment\n"})
    session = Session(project, WHO="the shell", PORT="1")
    sessions.append(session)

    seen = {}
    while len(seen) < 2:
        line = session.until(" env {")
        seen[line.split()[0]] = json.loads(line.partition(" env ")[2])

    assert seen["web"]["PORT"] == str(session.port)
    assert "PORT" not in seen["clock"]
    assert {each["WHO"] for each in seen.values()} == {"from .env"}
    assert seen["clock"]["EMPTY"] == "" and seen["clock"]["TWO"] == "b"
    assert "DYNO" not in seen["clock"]


def test_when_one_ends_the_others_are_stopped(project: Path, sessions: list[Session]) -> None:
    write(project, {"jobs.py": "raise SystemExit(3)\n"})
    session = Session(project)
    sessions.append(session)

    assert session.ends() == 3
    assert any("clock" in line and "ended with status 3" in line for line in session.lines)


def test_what_ignores_sigterm_is_killed_at_the_second_interrupt(
    project: Path, sessions: list[Session]
) -> None:
    deaf = "import signal, time\nsignal.signal(15, signal.SIG_IGN)\nprint('deaf', flush=True)\n"
    write(project, {"jobs.py": deaf + WAIT})
    session = Session(project, sys.executable, "-c", PATIENT, "run", "--port")
    sessions.append(session)
    session.until("deaf")

    session.interrupt()
    session.until("ended with status")
    session.insist("killed")

    assert session.ends() == 130
    assert any("clock" in line and "killed" in line for line in session.lines)


def test_a_process_that_stops_cleanly_is_said_to_have_ended_with_0(
    project: Path, sessions: list[Session]
) -> None:
    clean = (
        "import signal, sys\nsignal.signal(15, lambda *_: sys.exit(0))\nprint('up', flush=True)\n"
    )
    write(project, {"jobs.py": clean + WAIT})
    session = Session(project)
    sessions.append(session)
    session.until("up")

    session.interrupt()

    assert "ended with status 0" in session.until("clock   | ended")


def test_a_release_command_that_is_interrupted_is_stopped(
    project: Path, sessions: list[Session]
) -> None:
    text = (project / "Procfile").read_text()
    write(project, {"Procfile": f"{text}release: echo is''ready && sleep 1000\n"})
    session = Session(project)
    sessions.append(session)
    session.until("isready")
    begun = psutil.Process(session.process.pid).children(recursive=True)

    session.interrupt()

    assert session.ends() == 130
    assert begun and psutil.wait_procs(begun, 60)[1] == []


def test_a_release_command_that_has_just_begun_is_stopped_too(
    project: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(project, {"Procfile": "web: python app.py\nrelease: sleep 1000\n"})
    monkeypatch.chdir(project)
    begun = []

    class Interrupted(shell.Running):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            begun.append(self)
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(shell, "Running", Interrupted)

    assert run("run").returncode == 130
    assert [process.wait() for process in begun] == [128 + signal.SIGTERM]


def test_the_release_command_runs_first(project: Path, sessions: list[Session]) -> None:
    text = (project / "Procfile").read_text()
    write(project, {"Procfile": f"{text}release: echo ready && exit 7\n"})
    session = Session(project)
    sessions.append(session)

    assert session.ends() == 1
    assert any("ready" in line for line in session.lines)
    assert any("The release command failed." in line for line in session.lines)


@pytest.mark.slow
def test_heroku_local_runs_both_and_one_interrupt_stops_both(
    project: Path, heroku: Heroku, sessions: list[Session]
) -> None:
    environment = heroku_env(heroku, project.parent)
    session = Session(project, str(heroku_program()), "local", "-p", **environment)
    sessions.append(session)
    session.until("at=job job=tick")
    until_answered(f"http://127.0.0.1:{session.port}/")

    session.interrupt()

    session.ends()
    with pytest.raises(OSError):
        urllib.request.urlopen(f"http://127.0.0.1:{session.port}/")
    assert not [p for p in psutil.process_iter(["cwd"]) if p.info["cwd"] == str(project)]


@pytest.mark.slow
def test_without_an_environment_it_makes_one(
    project: Path, sessions: list[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VIRTUAL_ENV")
    write(project, {"jobs.py": TELL + WAIT})
    session = Session(project)
    sessions.append(session)

    line = session.until(" env {")

    path = json.loads(line.partition(" env ")[2])["PATH"]
    assert path.split(os.pathsep)[0] == str(project / ".venv/bin")
