"""`python -m clockdyno ...`: look at the jobs, at what ran, and steer the running clock."""

import argparse
import sys
from collections.abc import Sequence

from sqlalchemy.exc import SQLAlchemyError

from clockdyno import history, host, procfile, texts
from clockdyno.commands import jobs, steering, upkeep
from clockdyno.ledger import database
from clockdyno.schedules import command as schedules_command

COMMANDS = {
    "next": (jobs.show_next, "show when each job runs next"),
    "zone": (jobs.zone, "say in which time zone the clock counts"),
    "check": (jobs.check, "find mistakes in the jobs; exit 2 if there are any"),
    "run-now": (steering.run_now, "ask the clock to run a job now"),
    "pause": (steering.pause, "let a job's times pass until it is resumed"),
    "resume": (steering.resume, "let a paused job run again, from now on"),
    "again": (steering.again, "ask the clock to do a run once more, as a further attempt"),
    "stop": (steering.stop, "ask the clock to end a run of a job with timeout="),
    "history": (steering.show_history, "show what ran"),
    "alert": (upkeep.alert, "send an alert to each place, to see whether it arrives"),
    "schedules": (steering.schedules, "look at schedules put at run time, and steer them"),
    "setup": (upkeep.setup, "make the tables, or bring them up to date"),
    "worker": (upkeep.worker, "be a worker dyno: do the runs that wait"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, do what it says, return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m clockdyno")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (_, text) in COMMANDS.items():
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("--json", action="store_true", help="print JSON")
        _declare(name, command)
    options = parser.parse_args(arguments)
    # As the clock has it; on Heroku the project itself is on PYTHONPATH.
    sys.path[:0] = [str(procfile.clock().folder), str(host.project())]
    try:
        return int(COMMANDS[options.command][0](options))
    except SQLAlchemyError as error:
        print(f"Error: the database cannot be used: {texts.brief(error)}", file=sys.stderr)
    except database.WrongDatabase as error:
        print(f"Error: {texts.message(error)}", file=sys.stderr)
    return 1


def _declare(name: str, command: argparse.ArgumentParser) -> None:
    """Say what a command takes."""
    if name in ("run-now", "pause", "resume"):
        command.add_argument("job", nargs="*" if name != "run-now" else "+")
    if name in ("pause", "resume"):
        command.add_argument("--all", action="store_true", help="all jobs")
    if name in ("again", "stop"):
        command.add_argument("run", type=_number, help="its number, as history --json has it")
    if name in ("next", "history"):
        command.add_argument("job", nargs="?", help="only this job")
        usual = None if name == "next" else 20
        command.add_argument("-n", type=_count, default=usual, help="so many", metavar="COUNT")
    if name == "history":
        command.add_argument("--output", action="store_true", help="and what they said last")
        zones = "job (each job's own), utc, mine, or a name as Europe/Paris"
        command.add_argument("--zone", type=history.zone_name, default="job", help=zones)
    if name == "alert":
        command.add_argument("--test", action="store_true", required=True, help="send one")
    if name == "schedules":
        schedules_command.declare(command)
    if name == "next":
        command.add_argument("--from", dest="start", metavar="DATE", help="from then on")


def _count(text: str) -> int:
    if not 1 <= int(text) <= 10_000:
        raise argparse.ArgumentTypeError("a number from 1 to 10000, please")
    return int(text)


def _number(text: str) -> int:
    if not 1 <= int(text) < 2**63:
        raise argparse.ArgumentTypeError("the number of a run, please")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
