"""The commands that make a project, bring the clock into one, and keep it up to date."""

from pathlib import Path
from typing import Annotated

import typer

from herokuclock.cli.options import DryRun, Json, Yes

app = typer.Typer()


@app.command(epilog="Example: herokuclock new myapp --job 'report: weekdays at 17:00'")
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
    timezone: Annotated[str | None, typer.Option(help="Zone, e.g. Europe/Berlin.")] = None,
    python: Annotated[str | None, typer.Option(help="Python on Heroku: 3.11 to 3.14.")] = None,
    packages: Annotated[
        str | None, typer.Option(metavar="uv|pip", help="What manages the packages: uv or pip.")
    ] = None,
    workers: Annotated[
        bool | None,
        typer.Option("--workers/--no-workers", help="Run the jobs on worker dynos."),
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
    """Make a Flask project with its jobs, ready for Heroku."""
    from herokuclock.new import command as steps

    given = {
        "name": name,
        "jobs": job,
        "timezone": timezone,
        "python": python,
        "packages": packages,
        "workers": workers,
    }
    steps.run(given, answers, yes=yes, dry_run=dry_run, json=json)


@app.command(epilog="Example: herokuclock init --timezone Europe/Berlin")
def init(
    timezone: Annotated[
        str | None, typer.Option(help="Zone of a clock that has none; default: UTC, as Heroku's.")
    ] = None,
    remove: Annotated[
        bool, typer.Option("--remove", help="Take out what init brought in.")
    ] = False,
    yes: Yes = False,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Bring the clock into the app that you have: one diff, asked once."""
    from herokuclock.init import command as steps

    if remove:
        steps.remove(yes=yes, dry_run=dry_run, json=json)
    else:
        steps.run(timezone, yes=yes, dry_run=dry_run, json=json)


@app.command(epilog="Example: herokuclock update --dry-run")
def update(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the diff; write none.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Exit 1 where something newer exists; write nothing.")
    ] = False,
    pins: Annotated[
        bool, typer.Option("--pins", help="Move the versions of the other packages, too.")
    ] = False,
    json: Json = False,
) -> None:
    """Bring a project up to this version; your edits stay.

    They are merged by git, and nothing is committed. Exit code 3 says that there are conflicts, or
    new texts to compare with yours.
    """
    from herokuclock.update import command as steps

    if code := steps.run(dry_run=dry_run, check=check, pins=pins, json=json):
        raise typer.Exit(code)
