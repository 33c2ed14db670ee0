"""Start the program: `herokuclock`, or `python -m herokuclock`."""

import signal
from typing import NoReturn


def main() -> NoReturn:
    """Load the program and run it; Ctrl-C while it loads ends it without a traceback."""
    handler = signal.getsignal(signal.SIGINT)
    if handler is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from herokuclock import cli

    signal.signal(signal.SIGINT, handler)
    cli.main()


if __name__ == "__main__":
    main()
