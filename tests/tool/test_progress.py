"""What a person sees of a deployment: a line a step in a terminal, all of it in a pipe."""

import io

import pytest
from herokuclock.errors import HerokuclockError
from herokuclock.progress import Progress


class Terminal(io.StringIO):
    """A stream that people look at."""

    def isatty(self) -> bool:
        return True


def build(progress: Progress, error: BaseException | None = None) -> None:
    with progress.step(2, "Push 1a2b3c4", "a minute or two") as say:
        say("-----> Installing")
        if error:
            raise error


def seen(terminal: io.StringIO) -> list[str]:
    """Return the lines that are left on the terminal, without the colours."""
    text = terminal.getvalue()
    for code in ("\x1b[32m", "\x1b[31m", "\x1b[2m", "\x1b[0m"):
        text = text.replace(code, "")
    return [line.rsplit("\r\x1b[2K", 1)[-1] for line in text.rstrip("\n").split("\n")]


def test_in_a_pipe_every_line_stands_below_its_step() -> None:
    pipe = io.StringIO()
    build(Progress(3, pipe))

    assert pipe.getvalue().splitlines() == [
        "Step 2 of 3: Push 1a2b3c4 (a minute or two) ...",
        "  -----> Installing",
        "Step 2 of 3: Push 1a2b3c4: done",
    ]


def test_in_a_terminal_one_line_is_left_of_a_step_that_is_done() -> None:
    terminal = Terminal()
    build(Progress(3, terminal))

    assert seen(terminal) == ["Step 2 of 3: Push 1a2b3c4: done"]
    assert "(a minute or two) ..." in terminal.getvalue()


def test_a_step_that_fails_unfolds_what_was_said() -> None:
    terminal = Terminal()
    with pytest.raises(HerokuclockError):
        build(Progress(3, terminal), HerokuclockError("No."))

    assert seen(terminal) == [
        "Step 2 of 3: Push 1a2b3c4 (a minute or two): not done",
        "  -----> Installing",
    ]


def test_an_interrupted_step_unfolds_nothing() -> None:
    terminal = Terminal()
    with pytest.raises(KeyboardInterrupt):
        build(Progress(3, terminal), KeyboardInterrupt())

    assert seen(terminal) == ["Step 2 of 3: Push 1a2b3c4 (a minute or two): not done"]
