"""The command line: options and the order of steps, nothing else."""

import signal
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from herokuclock.errors import HerokuclockError

app = typer.Typer(
    name="herokuclock",
    help="Flask projects with scheduled jobs for Heroku: each run once, on time.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for programs.")]
App = Annotated[str | None, typer.Option("--app", "-a", help="The Heroku app, e.g. myapp.")]


@app.callback()
def root(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        from herokuclock import __version__

        print(f"herokuclock {__version__}")
        raise typer.Exit


@app.command()
def new(
    name: Annotated[str | None, typer.Argument(help="Folder and Heroku app, e.g. myapp.")] = None,
    job: Annotated[
        list[str] | None,
        typer.Option(
            "--job",
            metavar="'NAME: WHEN'",
            help="A job, e.g. 'refresh: interval minutes=15'; may be given again.",
        ),
    ] = None,
    timezone: Annotated[
        str | None, typer.Option(help="Zone of the jobs, e.g. Europe/Berlin.")
    ] = None,
    python: Annotated[
        str | None, typer.Option(help="Python on Heroku: 3.11 to 3.14, e.g. 3.13.")
    ] = None,
    answers: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Answers, as TOML or JSON.")
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Take the defaults; ask nothing.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List the files; write none.")] = False,
    json: Json = False,
) -> None:
    """Make a project: a Flask app, its jobs, and all that Heroku needs."""
    from herokuclock import new as steps

    given = {"name": name, "jobs": job, "timezone": timezone, "python": python}
    steps.run(given, answers, yes=yes, dry_run=dry_run, json=json)


def main() -> NoReturn:
    """Run the program; the one place where an error of the user's becomes words."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        app()
    except HerokuclockError as error:
        _report(error)
        sys.exit(error.code)
    sys.exit(0)


def _interrupt(number: int, frame: Any) -> NoReturn:
    # As Ctrl-C: every step cleans up behind itself, and Typer ends with 130.
    raise KeyboardInterrupt


def _report(error: HerokuclockError) -> None:
    from herokuclock import screen

    if "--json" in sys.argv:
        screen.as_json({"error": error.message, "hint": error.hint})
    else:
        screen.error(error.message, error.hint)
