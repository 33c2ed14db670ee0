"""Start the program: `herokuclock`, or `python -m herokuclock`."""

import atexit
import gc
import signal
from typing import NoReturn


def main() -> NoReturn:
    """Load the program and run it; Ctrl-C while it loads ends it without a traceback."""
    # Modules are not garbage: looking for some as they load, and again as Python ends, takes a
    # tenth of a short command.
    gc.set_threshold(100_000)
    atexit.register(gc.freeze)
    handler = signal.getsignal(signal.SIGINT)
    if handler is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from herokuclock import cli, late

    late.arrange()
    signal.signal(signal.SIGINT, handler)
    cli.main()


if __name__ == "__main__":
    main()
