"""Records the first two minutes: a project is made, gets a job, and is seen running it.

.venv/bin/python docs/asciicast.py docs/first-minutes.cast

What is written is a real terminal's output, as asciinema's format v2 has it; pauses are cut short
where it is played. Exit code 1: it took 40 lines or more, which is too many for a first look.
"""

import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pexpect

WIDTH, HEIGHT, TOO_MANY_LINES = 80, 24, 40
PROMPT = "$ "
# What is typed, and what has to be seen before it goes on.
STEPS = (
    ("herokuclock new myapp --yes", r"\r\n\$ "),
    ("cd myapp", r"\r\n\$ "),
    ("herokuclock add tick every 20 seconds", r"\r\n\$ "),
    ("herokuclock run", r"(?s)stops all.* tick succeeded"),
)
CONTROL = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b\][^\x07]*\x07")


class Recorder:
    """The log of a terminal: each piece of its output, with the time at which it came."""

    def __init__(self) -> None:
        self.events: list[tuple[float, str, str]] = []
        self._began = time.monotonic()

    def write(self, text: str) -> None:
        """Keep a piece of output."""
        self.events.append((round(time.monotonic() - self._began, 3), "o", text))

    def flush(self) -> None:
        """Do nothing: all is in memory."""


def screen(events: Iterable[tuple[float, str, str]]) -> list[str]:
    """Return the lines of the terminal that these events take, but for the prompt at the end."""
    said = CONTROL.sub("", "".join(text for _, _, text in events)).replace("\r\n", "\n")
    shown = []
    for line in said.split("\n")[:-1]:
        # What is written anew stands on one line; what is too long for the terminal on more.
        last = line.rpartition("\r")[2]
        shown += [last[at : at + WIDTH] for at in range(0, len(last) or 1, WIDTH)]
    return shown


def record(folder: Path) -> Recorder:
    """Do the steps in a folder, in a terminal; return what it showed."""
    recorder = Recorder()
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    own = {"PATH": path, "PS1": PROMPT, "TERM": "xterm-256color", "HOME": str(folder)}
    for role in ("AUTHOR", "COMMITTER"):
        own |= {f"GIT_{role}_NAME": "You", f"GIT_{role}_EMAIL": "you@example.com"}
    # Else the shell puts its own marks before each prompt.
    own["INPUTRC"] = str(folder / ".inputrc")
    Path(own["INPUTRC"]).write_text("set enable-bracketed-paste off\n", encoding="utf-8")
    hidden = ("VIRTUAL_ENV", "DATABASE_URL", "PORT", "DYNO")
    environment = {k: v for k, v in os.environ.items() if k not in hidden} | own
    settings: dict[str, Any] = {"cwd": str(folder), "env": environment, "encoding": "utf-8"}
    settings |= {"timeout": 600, "dimensions": (HEIGHT, WIDTH)}
    shell = pexpect.spawn("bash", ["--norc", "--noprofile"], **settings)
    shell.expect_exact(PROMPT)
    shell.logfile_read = recorder
    recorder.write(PROMPT)
    for typed, seen in STEPS:
        for letter in typed:
            shell.send(letter)
            shell.expect_exact(letter)
            time.sleep(0.03)  # as somebody types
        shell.sendline()
        shell.expect(seen)
    shell.sendintr()
    shell.expect(r"\r\n\$ ")
    shell.logfile_read = None
    shell.sendline("exit")
    shell.expect(pexpect.EOF)
    return recorder


def main() -> int:
    """Record into the file that is named; say how long it is."""
    file = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        recorder = record(Path(folder))
    header = {"version": 2, "width": WIDTH, "height": HEIGHT, "idle_time_limit": 1.5}
    rows = [header | {"title": "herokuclock: the first two minutes"}, *recorder.events]
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    number = len(screen(recorder.events))
    print(f"{file}: {number} lines, {recorder.events[-1][0]:.0f} s")
    return int(number >= TOO_MANY_LINES)


if __name__ == "__main__":
    sys.exit(main())
