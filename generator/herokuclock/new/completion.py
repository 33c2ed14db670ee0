"""The offer to let the shell complete our commands: made once, to a person at a terminal."""

import os
from contextlib import suppress
from pathlib import Path

import typer

from herokuclock import screen
from herokuclock.program import NAME, spelled

COMMAND = f"{NAME} --install-completion"
REMEMBERED = "completion-offered"  # in the user's configuration, of us alone


def offer() -> None:
    """Say how the commands are completed, where that can work and has not been said before."""
    # The shell completes what is typed by its name, not what a path or a runner starts.
    if "CI" in os.environ or spelled(COMMAND) != COMMAND:
        return
    remembered = Path(typer.get_app_dir(NAME)) / REMEMBERED
    # Where nothing can be remembered, nothing is said: else it would be said each time.
    with suppress(OSError):
        remembered.parent.mkdir(parents=True, exist_ok=True)
        remembered.touch(exist_ok=False)
        screen.say(f"\nOnce, for Tab to complete the commands: {COMMAND}", "dim")
