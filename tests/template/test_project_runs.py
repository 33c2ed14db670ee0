"""A generated project on this machine: its clock, its web server, and both from the Procfile."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.program import Run


@pytest.fixture
def project(run: Run, lonely: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a project with an every-second job; its programs are those of this interpreter."""
    done = run("new", "myapp", "--yes", "--job", "tick: interval seconds=1")
    assert done.returncode == 0, done.stderr
    bin_ = str(Path(sys.executable).parent)
    monkeypatch.setenv("PATH", bin_ + os.pathsep + os.environ["PATH"])
    monkeypatch.setenv("PYTHONUNBUFFERED", "1")
    return lonely / "myapp"


@contextlib.contextmanager
def started(project: Path, *command: str, **env: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        command,
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **env},
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()


def lines_until(process: subprocess.Popen[str], *phrases: str) -> list[str]:
    """Read the output until each phrase was seen; the test's own timeout guards the wait."""
    wanted, seen = set(phrases), []
    assert process.stdout is not None
    for line in process.stdout:
        seen.append(line)
        wanted = {phrase for phrase in wanted if phrase not in line}
        if not wanted:
            return seen
    raise AssertionError(f"never saw {wanted}:\n{''.join(seen)}")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def get(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=150) as reply:
        return str(reply.read().decode())


def test_the_clock_runs_an_every_second_job_and_stops_on_sigterm(project: Path) -> None:
    with started(project, sys.executable, "jobs.py") as clock:
        lines_until(clock, "tick ran")
        lines_until(clock, "tick ran")
        clock.send_signal(signal.SIGTERM)

        assert clock.wait(timeout=150) == 0


def test_gunicorn_answers(project: Path) -> None:
    port = free_port()
    with started(
        project, "gunicorn", "app:app", "--bind", f"127.0.0.1:{port}", WEB_CONCURRENCY="1"
    ) as web:
        lines_until(web, "Booting worker")

        assert "jobs.py" in get(port)


def test_honcho_starts_web_and_clock_from_the_procfile_and_one_signal_stops_both(
    project: Path,
) -> None:
    port = free_port()
    command = [sys.executable, "-m", "honcho", "start", "-p", str(port), "web", "clock"]
    with started(
        project,
        *command,
        WEB_CONCURRENCY="1",
        GUNICORN_CMD_ARGS=f"--bind 127.0.0.1:{port}",
    ) as honcho:
        lines_until(honcho, "Booting worker", "tick ran")
        assert "jobs.py" in get(port)
        honcho.send_signal(signal.SIGINT)
        rest = lines_until(honcho, "clock.1 stopped", "web.1 stopped")

    assert not [line for line in rest if "Traceback" in line]
