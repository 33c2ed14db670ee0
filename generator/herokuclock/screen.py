"""The only module that prints: plain words, with colour where there is a terminal for it."""

import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

from herokuclock.errors import HerokuclockError
from herokuclock.program import spelled

STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


# Where the last line is one that `rewrite` has written.
_unfinished: list[TextIO] = []


def _styled(text: str, style: str, stream: TextIO) -> str:
    """Colour `text` for a terminal that wants it (https://no-color.org); never the only signal."""
    wanted = stream.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
    return f"\x1b[{STYLES[style]}m{text}\x1b[0m" if wanted and style in STYLES else text


def _inert(text: str) -> str:
    """Make control characters visible, so that foreign text cannot steer the terminal."""
    return "".join(c if c.isprintable() or c in "\n\t" else repr(c)[1:-1] for c in text)


def _write(text: str, style: str, stream: TextIO) -> None:
    for line in [*_unfinished]:
        rewrite("", line)
    encoding = stream.encoding or "ascii"
    safe = _inert(text).encode(encoding, "backslashreplace").decode(encoding)
    try:
        print(_styled(safe, style, stream), file=stream, flush=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        # What is still in the buffer would fail once more as Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        raise HerokuclockError(
            f"cannot print: {error.strerror}.", "Send the output to a place that takes it."
        ) from None


def put(text: str, stream: TextIO, style: str = "") -> None:
    """Print a line of somebody else's on one of the two streams, as it is."""
    _write(text, style, stream)


def rewrite(text: str, stream: TextIO) -> None:
    """Write a terminal's last line anew, cut to one line; nothing takes it away."""
    columns = shutil.get_terminal_size().columns
    encoding = stream.encoding or "ascii"
    safe = _inert(text)[: columns - 1].encode(encoding, "replace").decode(encoding)
    stream.write(f"\r\x1b[2K{safe}")
    stream.flush()
    _unfinished[:] = [stream] if safe else []


def width() -> int:
    """Return the columns of the terminal; 80 where there is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 80


def say(text: str = "", style: str = "") -> None:
    """Print a line on standard output."""
    _write(spelled(text), style, sys.stdout)


def tell(text: str, style: str = "", stream: TextIO | None = None) -> None:
    """Print what is to be read: one line for programs, broken between words at a terminal."""
    stream = stream or sys.stdout
    text = spelled(text)
    if stream.isatty():
        from clockdyno.schedule import listing

        columns = shutil.get_terminal_size().columns
        lines = (listing.wrapped(line, "", "  ", columns) for line in text.split("\n"))
        text = "\n".join(part for line in lines for part in line)
    _write(text, style, stream)


def say_lines(lines: Iterable[str]) -> None:
    """Print a preview: what surprises, and what could not be read, stands out."""
    for line in lines:
        say(line, "yellow" if line.lstrip().startswith(("!", "?")) else "")


def diff_line(line: str, style: str = "") -> None:
    """Print a line of a diff, in the colours of one; what stands in a file is printed as it is."""
    colour = {"+": "green", "-": "red", "@": "cyan"}.get(line.strip()[:1], style)
    put(line, sys.stdout, colour)


def note(text: str, style: str = "") -> None:
    """Print a line on standard error: for people, not for the program that reads our output."""
    _write(spelled(text), style, sys.stderr)


def labelled(label: str, text: str, style: str) -> None:
    """Print a line behind a coloured label: one of several programs that speak at once."""
    safe = _inert(text)
    encoding = sys.stdout.encoding or "ascii"
    plain = safe.encode(encoding, "backslashreplace").decode(encoding)
    sys.stdout.write(f"{_styled(label, style, sys.stdout)} {plain}\n")
    sys.stdout.flush()


def error(message: str, hint: str) -> None:
    """Print what is wrong, then what to do."""
    tell(f"Error: {message}", "red", sys.stderr)
    if hint:
        note(f"Hint: {hint}")


def as_json(value: Any) -> None:
    """Print a value as JSON, readable by people too."""
    import json

    put(json.dumps(value, indent=2, ensure_ascii=True), sys.stdout)


def table(rows: Iterable[Sequence[str]], indent: str = "  ") -> list[str]:
    """Lay out rows in columns as wide as their longest cell; return the lines."""
    grid = [list(row) for row in rows]
    widths = [max(len(cell) for cell in column) for column in zip(*grid, strict=True)]
    lines = ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in grid]
    return [(indent + line).rstrip() for line in lines]
