"""`herokuclock run` as somebody at a terminal has it before them."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from loopback.dynos import free_port

OURS = (sys.executable, "-m", "herokuclock", "run", "--port")


class Session:
    """`herokuclock run` or `heroku local`, with a terminal's Ctrl-C at hand."""

    def __init__(self, project: Path, *command: str, **env: str) -> None:
        self.port = free_port()
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [*(command or OURS), str(self.port)],
            cwd=project,
            env={**os.environ, **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def until(self, text: str) -> str:
        """Read on until a line has a text; return the line."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line)
            if text in line:
                return line
        raise AssertionError(f"{text!r} never came:\n{''.join(self.lines)}")

    def interrupt(self) -> None:
        """Do as Ctrl-C does."""
        os.killpg(self.process.pid, signal.SIGINT)

    def insist(self, text: str) -> None:
        """Interrupt again until a line has a text: two that come at one moment are one."""
        waiting = threading.Thread(target=self.until, args=[text])
        waiting.start()
        while waiting.is_alive():
            self.interrupt()
            waiting.join(3)

    def ends(self) -> int:
        """Read to the end and return the exit code."""
        assert self.process.stdout
        self.lines += self.process.stdout.readlines()
        return self.process.wait()


def until_answered(url: str) -> None:
    """Wait for the web process to listen; a test that waits in vain has its own limit."""
    while True:
        try:
            with urllib.request.urlopen(url) as reply:
                assert json.load(reply)["state"] == "up"
            return
        except urllib.error.HTTPError as error:
            error.close()
        except OSError:
            pass
        time.sleep(0.05)


@pytest.fixture
def sessions() -> Iterator[list[Session]]:
    """Give a list whose sessions are over when the test is."""
    made: list[Session] = []
    yield made
    for session in made:
        if session.process.poll() is None:
            session.interrupt()
            session.process.wait()
        assert session.process.stdout
        session.process.stdout.close()
