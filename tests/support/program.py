"""The program as a test types it: in this process, with nobody at the terminal."""

import contextlib
import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

import pytest
from herokuclock import cli, interrupts

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run() -> Run:
    """Run `herokuclock`; what takes a process of its own starts `python -m herokuclock`."""
    return _run


def _run(*args: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    words = ["herokuclock", *map(str, args)]
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    with (
        Path(os.devnull).open() as nobody,
        mock.patch.multiple(sys, argv=words, stdin=nobody, stdout=out, stderr=err),
        contextlib.chdir(cwd or Path.cwd()),
        _as_before(),
        pytest.raises(SystemExit) as ended,
    ):
        cli.main()
    texts = [stream.buffer.getvalue().decode() for stream in (out, err)]
    assert isinstance(ended.value.code, int)
    return subprocess.CompletedProcess(words, ended.value.code, *texts)


@contextlib.contextmanager
def _as_before() -> Iterator[None]:
    """Give back what the program takes for itself: the process is not its own here."""
    handlers = {number: signal.getsignal(number) for number in interrupts.SIGNALS}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
