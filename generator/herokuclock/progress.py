"""What a person sees of the steps: one line each in a terminal, every line in a pipe."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Self, TextIO

from herokuclock import screen
from herokuclock.errors import HerokuclockError

Say = Callable[[str], None]


@contextmanager
def folded(head: str, stream: TextIO) -> Iterator[Say]:
    """Tell of something that takes its time; in a terminal what it says shows only if it fails."""
    if not stream.isatty():
        screen.put(f"{head} ...", stream)
        yield lambda line: screen.put(f"  {line}", stream)
        return
    with _Folded(head, stream) as lines:
        yield lines.say


class Progress:
    """Tells which of how many steps is done, for how long, and what it says meanwhile."""

    def __init__(self, steps: int, stream: TextIO) -> None:
        self._steps, self._stream = steps, stream

    @contextmanager
    def step(self, number: int, title: str, usual: str = "") -> Iterator[Say]:
        """Tell of one step; what the block gives it to say is folded away where all goes well."""
        head = f"Step {number} of {self._steps}: {title}"
        begun = time.monotonic()
        with folded(f"{head} ({usual})" if usual else head, self._stream) as say:
            yield say
        screen.put(f"{head}: done{_took(time.monotonic() - begun)}", self._stream, "green")


class _Folded:
    """One line of a terminal, written anew each second; a failure unfolds what was said."""

    def __init__(self, head: str, stream: TextIO) -> None:
        self._head, self._stream = head, stream
        self._lines: list[str] = []
        self._over = Event()
        self._thread = Thread(target=self._keep_up, daemon=True)

    def say(self, line: str) -> None:
        """Take one more line of what is going on."""
        self._lines.append(line)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        self._over.set()
        self._thread.join()
        screen.rewrite("", self._stream)
        if kind:
            screen.put(f"{self._head}: not done", self._stream, "red")
        if kind and issubclass(kind, HerokuclockError):
            for line in self._lines:
                screen.put(f"  {line}", self._stream, "dim")

    def _keep_up(self) -> None:
        begun = time.monotonic()
        while True:
            said = next((line.strip() for line in reversed(self._lines) if line.strip()), "")
            text = f"{self._head} ...{_took(time.monotonic() - begun, ' ')}  {said}"
            screen.rewrite(text.rstrip(), self._stream)
            if self._over.wait(1):
                return


def _took(seconds: float, link: str = " in ") -> str:
    """Say how long something took; nothing where that was next to nothing."""
    whole = round(seconds)
    if whole < 1:
        return ""
    return f"{link}{whole // 60} min {whole % 60} s" if whole >= 60 else f"{link}{whole} s"
