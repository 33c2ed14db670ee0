"""Dynos: real processes that start, overlap, are told to stop, and are killed, as on Heroku."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from loopback.state import App, Release, new_id, now

STOP_SECONDS = 30
BOOT_SECONDS = 60
CPU_PATH = "/usr/local/bin:/usr/bin:/bin"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def listening(port: int) -> bool:
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex(("127.0.0.1", port)) == 0


class Dyno:
    """One process group with a disk of its own, which is gone when it ends."""

    def __init__(self, app: App, release: Release, type: str, number: int | str, size: str) -> None:
        assert release.slug is not None
        self.app, self.release, self.type, self.size = app, release, type, size
        self.command = release.slug.processes.get(type, "")
        self.name = f"{type}.{number}"
        self.state = "starting"
        self.id = new_id()
        self.created_at = self.updated_at = now()
        self.port = free_port() if type == "web" else None
        self.told_to_stop = threading.Event()
        self.ended = threading.Event()
        self.process: subprocess.Popen[str] | None = None
        self.on_crash: Callable[[], None] = lambda: None

    def start(self, command: str | None = None, env: dict[str, str] | None = None) -> None:
        """Start the process; `command` and `env` are those of a one-off dyno."""
        assert self.release.slug is not None
        self.command = command or self.command
        self.app.say(f"heroku[{self.name}]", f"Starting process with command `{self.command}`")
        self.disk = Path(tempfile.mkdtemp(prefix=f"{self.name}-"))
        shutil.copytree(self.release.slug.folder, self.disk / "app", symlinks=True)
        self.process = subprocess.Popen(
            ["bash", "-c", self.command],
            cwd=self.disk / "app",
            env={**self.environment(), **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=self._boot, daemon=True).start()

    def environment(self) -> dict[str, str]:
        """What the Python buildpack and the dyno manager set, around the app's config vars.

        PYTHONHOME is left out: the environment is a virtual one, which it would break.
        """
        slug = self.release.slug
        assert slug is not None
        home = str(self.disk / "app")
        env = {
            "FORWARDED_ALLOW_IPS": "*",
            "GUNICORN_CMD_ARGS": f"--access-logfile - --bind 127.0.0.1:{self.port}",
            "LANG": "en_US.UTF-8",
            "PYTHONPATH": home,
            "WEB_CONCURRENCY": "2",
            **self.release.config,
            "DYNO": self.name,
            "DYNO_RAM": "512",
            "HOME": home,
            "PATH": f"{slug.environment / 'bin'}:{CPU_PATH}",
            "PYTHONUNBUFFERED": "true",
        }
        return {**env, "PORT": str(self.port)} if self.port else env

    def _read(self) -> None:
        assert self.process is not None and self.process.stdout is not None
        for line in self.process.stdout:
            self.app.say(f"app[{self.name}]", line.rstrip("\n"))
        code = self.process.wait()
        self.app.say(f"heroku[{self.name}]", f"Process exited with status {code % 256}")
        self.process.stdout.close()
        shutil.rmtree(self.disk, ignore_errors=True)
        stopped = self.told_to_stop.is_set()
        self._become("down" if stopped else "crashed")
        self.ended.set()
        if not stopped:
            self.on_crash()

    def _boot(self) -> None:
        limit = time.monotonic() + BOOT_SECONDS
        while self.port and not self.ended.is_set() and not listening(self.port):
            if time.monotonic() > limit:
                text = "Error R10 (Boot timeout) -> Web process failed to bind to $PORT"
                self.app.say(f"heroku[{self.name}]", text)
                self._signal(signal.SIGKILL)
            self.ended.wait(0.05)
        if self.state == "starting" and not self.ended.is_set():
            self._become("up")

    def _become(self, state: str) -> None:
        self.app.say(f"heroku[{self.name}]", f"State changed from {self.state} to {state}")
        self.state, self.updated_at = state, now()

    def _signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def tell_to_stop(self) -> None:
        """Send SIGTERM to every process of the dyno, and SIGKILL 30 seconds later."""
        self.told_to_stop.set()
        self.app.say(f"heroku[{self.name}]", "Stopping all processes with SIGTERM")
        self._signal(signal.SIGTERM)
        threading.Thread(target=self._insist, daemon=True).start()

    def _insist(self) -> None:
        if not self.ended.wait(STOP_SECONDS):
            text = "Error R12 (Exit timeout) -> At least one process failed to exit"
            self.app.say(f"heroku[{self.name}]", text)
            self._signal(signal.SIGKILL)

    def kill(self) -> None:
        """End it at once, as a host that fails does."""
        self.told_to_stop.set()
        self._signal(signal.SIGKILL)
        self.ended.wait(10)


class Dynos:
    """The dynos of one app, kept as its formation and its current release want them."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.wanted: dict[str, Dyno] = {}
        self.all: list[Dyno] = []
        self.lock = threading.RLock()
        self.closed = False

    def running(self, type: str | None = None) -> list[Dyno]:
        """The dynos that `heroku ps` shows."""
        with self.lock:
            return [dyno for dyno in self.wanted.values() if type in (None, dyno.type)]

    def reconcile(self) -> None:
        """Stop what is no longer wanted and start what is, both at once: they overlap."""
        with self.lock:
            release = self.app.current
            if self.closed or release is None or release.slug is None:
                return
            places = self._places()
            for name, dyno in list(self.wanted.items()):
                if dyno.release is not release or places.get(name) != (dyno.type, dyno.size):
                    self._drop(name)
            for name, (type, size) in places.items():
                if name not in self.wanted:
                    self._start(release, name, type, size, may_restart=True)

    def restart(self, name: str | None = None, type: str | None = None) -> None:
        """Replace all dynos, or those of a type, or one."""
        with self.lock:
            for each, dyno in list(self.wanted.items()):
                if name in (None, each) and type in (None, dyno.type):
                    self._drop(each)
            self.reconcile()

    def run(self, command: str, env: dict[str, str], type: str = "run") -> Dyno:
        """Start a one-off dyno."""
        release = self.app.releases[-1]
        dyno = Dyno(self.app, release, type, 1000 + len(self.all), self._size())
        self.all.append(dyno)
        dyno.start(command, env)
        return dyno

    def _size(self) -> str:
        return "Eco" if self.app.tier == "eco" else "Basic"

    def _places(self) -> dict[str, tuple[str, str]]:
        return {
            f"{process.type}.{number}": (process.type, process.size)
            for process in self.app.formation.values()
            for number in range(1, process.quantity + 1)
        }

    def _start(self, release: Release, name: str, type: str, size: str, may_restart: bool) -> None:
        dyno = Dyno(self.app, release, type, name.rpartition(".")[2], size)
        dyno.on_crash = lambda: self._crashed(dyno, may_restart)
        self.wanted[name] = dyno
        self.all.append(dyno)
        dyno.start()

    def _crashed(self, dyno: Dyno, may_restart: bool) -> None:
        # The first crash is retried at once; the next one only after a long cool-off.
        with self.lock:
            wanted = self.wanted.get(dyno.name) is dyno
            if wanted and may_restart and not self.closed:
                self._start(dyno.release, dyno.name, dyno.type, dyno.size, may_restart=False)

    def _drop(self, name: str) -> None:
        dyno = self.wanted.pop(name)
        if dyno.process and not dyno.ended.is_set():
            dyno.tell_to_stop()

    def close(self) -> None:
        """Leave no process behind."""
        with self.lock:
            self.closed = True
            for dyno in self.all:
                if dyno.process and not dyno.ended.is_set():
                    dyno.kill()
