"""Says on stderr what is being measured: in a terminal in a line that changes."""

import sys


def doing(text: str) -> None:
    """Say what goes on."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K{text} …")
    else:
        sys.stderr.write(f"{text} …\n")
    sys.stderr.flush()


def show(text: str) -> None:
    """Print a line of the result in place of what goes on."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K")
        sys.stderr.flush()
    print(text, flush=True)
