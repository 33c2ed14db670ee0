"""`herokuclock run`: the Procfile's processes on this machine, as Heroku starts them."""

import queue
import signal
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Lock, Thread

from herokuclock import event_words, interrupts, manifest, progress, project, screen, shell
from herokuclock.errors import HerokuclockError
from herokuclock.jobs.zone import zone_info_of
from herokuclock.run import addresses, changes, environment

STOP_SECONDS = 30
COLOURS = ("cyan", "yellow", "green", "red")
INTERRUPTED = 130
STOPPING = "\nStopping {names}: up to 25 s for a job under way; Ctrl-C again ends all."


def run(given: int | None, *, in_browser: bool = False) -> int:
    """Run everything until one process ends or somebody interrupts; return the exit code."""
    here = project.find()
    commands = manifest.procfile(here.root)
    if not commands:
        raise HerokuclockError("The Procfile starts nothing.", "herokuclock check --fix")
    port = environment.port(here.root, given)
    if "web" in commands:
        addresses.refuse_taken(port)
    variables = environment.of_dyno(here, environment.python_of(here))
    release = commands.pop("release", None)
    if release:
        _release(release, here.root, variables)
    together = _Together(commands, here.root, variables, port)
    if "web" in commands:
        together.announce(in_browser)
    together.watch()
    return together.run()


def _in_words(root: Path) -> Callable[[str], str]:
    """Return what puts a line of the log into words, with times in the project's zone."""
    zone = zone_info_of(root) or UTC
    return lambda line: event_words.in_words(line, zone, datetime.now(UTC))


def _release(command: str, root: Path, environment: Mapping[str, str]) -> None:
    process: shell.Running | None = None
    told: list[signal.Signals] = []

    def stop() -> None:
        told.append(signal.SIGKILL if told else signal.SIGTERM)
        if process:
            process.send(told[-1])

    with progress.folded(f"release: {command}", sys.stdout) as say:
        # Not an exception: while the command begins, nobody would know what to stop.
        interrupts.hear(stop)
        try:
            process = shell.Running(command, root, environment)
            if told:
                process.send(told[-1])
            for line in process.lines():
                say(line)
            code = process.wait()
        finally:
            interrupts.hear(interrupts.interrupt)
        if told:
            raise KeyboardInterrupt
        if code:
            raise HerokuclockError("The release command failed.", "See the lines above.")


class _Together:
    """Several processes that live and die together."""

    def __init__(
        self, commands: Mapping[str, str], root: Path, environment: Mapping[str, str], port: str
    ) -> None:
        self.ends: queue.SimpleQueue[tuple[str | None, int]] = queue.SimpleQueue()
        self.lock, self.over = Lock(), Event()
        self.root = root
        self.width = max(map(len, commands)) + 2
        self.style = dict(zip(commands, COLOURS * len(commands), strict=False))
        self.commands = dict(commands)
        self.environment = {name: v for name, v in environment.items() if name != "PORT"}
        self.port = port
        self.running: dict[str, shell.Running] = {}
        # Who reads a pipe, or a file, may want what Heroku's log would have.
        self.for_people, self.is_asked = sys.stdout.isatty(), False
        self.read: Callable[[str], str] = _in_words(root) if self.for_people else str

    def announce(self, in_browser: bool) -> None:
        """Say where to look once there is something to see."""

        def wait() -> None:
            interrupts.leave_to_main_thread()
            addresses.announce(self.port, self.over, in_browser=in_browser)

        Thread(target=wait, daemon=True).start()

    def watch(self) -> None:
        """Say what is edited meanwhile, as nothing takes it up by itself."""

        def wait() -> None:
            interrupts.leave_to_main_thread()
            changes.watch(self.root, self.over, self._note)

        Thread(target=wait, daemon=True).start()

    def run(self) -> int:
        """Start all; when one ends or we are told to stop, stop the others."""
        # Not an exception, as elsewhere: a second one would end us and leave them running.
        interrupts.hear(lambda: self.ends.put((None, INTERRUPTED)))
        try:
            for type, command in self.commands.items():
                self._start(type, command)
            ended, code = self.ends.get()
            if ended:
                self._ended(ended, f"{code}; stopping the others")
            else:
                self.is_asked = True
                screen.note(STOPPING.format(names=" and ".join(self.running)))
        finally:
            self._stop()
            interrupts.ignore()
        return code or 1

    def _start(self, type: str, command: str) -> None:
        port = {"PORT": self.port} if type == "web" else {}
        self._say(type, f"$ {command}" + (f"  (port {self.port})" if port else ""))
        process = shell.Running(command, self.root, {**self.environment, **port})
        self.running[type] = process
        Thread(target=self._listen, args=(type, process), daemon=True).start()

    def _listen(self, type: str, process: shell.Running) -> None:
        interrupts.leave_to_main_thread()
        for line in process.lines():
            self._say(type, self.read(line))
        self.ends.put((type, process.wait()))

    def _ended(self, type: str, how: str) -> None:
        del self.running[type]
        if how != "0" or not (self.for_people and self.is_asked):
            self._say(type, f"ended with status {how}")

    def _stop(self) -> None:
        """Tell all to stop, as Heroku does; kill what is left after 30 s, or when told again."""
        self.over.set()
        self._send(signal.SIGTERM)
        limit = time.monotonic() + STOP_SECONDS
        with suppress(queue.Empty):
            while self.running:
                ended, code = self.ends.get(timeout=max(limit - time.monotonic(), 0))
                if ended is None:
                    break
                self._ended(ended, str(code))
        for type in self.running:
            self._say(type, "did not stop in time; killed")
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        for process in self.running.values():
            process.send(number)

    def _note(self, text: str) -> None:
        with self.lock, suppress(OSError):
            screen.say(text, "yellow")

    def _say(self, type: str, text: str) -> None:
        # The terminal may be gone; what runs has to be stopped all the same.
        with self.lock, suppress(OSError):
            screen.labelled(f"{type:<{self.width}} |", text, self.style[type])
