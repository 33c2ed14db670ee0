"""What hostile jobs do to their streams, to logging and to what is told of errors."""

import contextlib
import io
import logging.config
import os
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import NoReturn, cast


class Raises:
    """A stream that raises whatever it is asked."""

    def __getattribute__(self, name: str) -> NoReturn:
        raise SystemExit(name)


@contextlib.contextmanager
def whatever_others_did() -> Iterator[None]:
    """Go on where another hostile job has just broken what this one takes."""
    with contextlib.suppress(BaseException):
        yield


@whatever_others_did()
def prints_odd_text() -> None:
    print("\0", flush=True)
    print("\ud83d", flush=True)


@whatever_others_did()
def prints_binary() -> None:
    os.write(1, bytes(range(256)) * 8192)


@whatever_others_did()
def closes_stdout() -> None:
    sys.stdout.close()
    sys.stderr.close()


def closes_files() -> None:
    for number in range(3):
        os.close(number)


def takes_stdout_away() -> None:
    sys.stdout = sys.stderr = sys.stdin = None


def replaces_stdout() -> None:
    sys.stdout = sys.stderr = Raises()


@whatever_others_did()
def wraps_stdout() -> None:
    sys.stdout = io.TextIOWrapper(cast(io.TextIOWrapper, sys.stdout).detach())


def replaces_hooks() -> None:
    threading.excepthook = sys.excepthook = sys.unraisablehook = Raises  # type: ignore[assignment]


@whatever_others_did()
def shuts_logging_down() -> None:
    logging.shutdown()


def disables_logging() -> None:
    logging.disable()


@whatever_others_did()
def configures_logging() -> None:
    logging.config.dictConfig({"version": 1})


class Odd(logging.Handler):
    def flush(self) -> NoReturn:
        raise SystemExit("no flush")

    def emit(self, record: logging.LogRecord) -> NoReturn:
        raise SystemExit("no line")


def adds_handler() -> None:
    logging.getLogger().addHandler(Odd())


def warns() -> None:
    warnings.simplefilter("error")
    with contextlib.suppress(UserWarning):
        warnings.warn("an error now", stacklevel=1)
