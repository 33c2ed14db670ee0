"""What was edited while it runs: nothing takes that up by itself, so it is said."""

from collections.abc import Callable
from pathlib import Path
from threading import Event

SECONDS = 1.0  # between two looks
SAID = "{} has changed: Ctrl-C and `herokuclock run` take it up."


def watch(root: Path, over: Event, say: Callable[[str], None]) -> None:
    """Name each Python file beside the Procfile that is new, or other than it was."""
    known = _marks(root)
    while not over.wait(SECONDS):
        now = _marks(root)
        for name in sorted(now):
            if now[name] != known.get(name):
                say(SAID.format(name))
        known = now


def _marks(root: Path) -> dict[str, tuple[int, int]]:
    """Return what tells one state of a file from another."""
    found = {}
    for path in root.glob("*.py"):
        try:
            facts = path.stat()
        except OSError:  # Gone since.
            continue
        found[path.name] = (facts.st_mtime_ns, facts.st_size)
    return found
