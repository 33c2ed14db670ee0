"""The command line: options and the order of steps, nothing else; a file for each group."""

import sys
from typing import NoReturn

from herokuclock import interrupts
from herokuclock.cli import groups, here, heroku, make, schedules
from herokuclock.cli.options import app
from herokuclock.errors import REFUSED, HerokuclockError, ScheduleError

groups.add(app, "Make a project", make.app)
groups.add(app, "Jobs and when they run", schedules.app)
groups.add(app, "On this machine", here.app)
groups.add(app, "On Heroku", heroku.app)


def main() -> NoReturn:
    """Run the program; the one place where an error of the user's becomes words."""
    interrupts.hear(interrupts.interrupt)
    try:
        groups.narrowed(app, sys.argv[1:])()
    except REFUSED as error:
        _report(error)
        sys.exit(error.code)
    sys.exit(0)


def _report(error: HerokuclockError | ScheduleError) -> None:
    from herokuclock import screen

    if "--json" in sys.argv:
        readings = getattr(error, "readings", None)
        told = {"readings": list(readings)} if readings else {}
        screen.as_json({"error": error.message, "hint": error.hint, **told})
    else:
        screen.error(error.message, error.hint)
        for line in getattr(error, "lines", ()):
            screen.note(line)
