"""Waits and tries again where Heroku asks for patience."""

import time
from collections.abc import Callable

from herokuclock import screen
from herokuclock.heroku.refusals import refusal
from herokuclock.shell import Result

# How long to wait before each further try.
BACK_OFF = (1, 2, 4, 8, 16)
# So many further tries where there is no answer at all: we may simply be offline.
FEW = 2


def tried(command: Callable[[], Result], again: bool) -> Result:
    """Run it, and again after a while as long as Heroku asks for patience.

    What it did not answer may have been done all the same: `again` says that twice is as once.
    """
    for number, seconds in enumerate(BACK_OFF):
        done = command()
        id = "" if done.ok else refusal(done.err, "").id
        if id != "rate_limit" and not (id == "unavailable" and again and number < FEW):
            return done
        screen.note(f"Heroku asks for patience; trying again in {seconds} s.", "dim")
        time.sleep(seconds)
    return command()
