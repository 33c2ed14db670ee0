"""The commands about jobs and when they run."""

from pathlib import Path
from typing import Annotated

import typer

from herokuclock.cli.options import WHEN, DryRun, Json

app = typer.Typer()


@app.command(epilog="Example: herokuclock explain every 2 hours from 9am to 5pm on weekdays")
def explain(
    when: Annotated[list[str], WHEN],
    timezone: Annotated[
        str | None, typer.Option(help="Zone, e.g. Europe/Berlin; default: the project's.")
    ] = None,
    count: Annotated[int, typer.Option("-n", min=1, max=1000, help="How many next runs.")] = 5,
    json: Json = False,
) -> None:
    """Say what a schedule means, and when it would run."""
    from herokuclock.show import command as steps

    steps.explain(" ".join(when), timezone, count, json=json)


@app.command(epilog="Example: herokuclock add send_report weekdays at 17:00")
def add(
    name: Annotated[str, typer.Argument(help="The job's function, e.g. send_report.")],
    when: Annotated[list[str] | None, WHEN] = None,
    doc: Annotated[str | None, typer.Option(help="What the job does, in one sentence.")] = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Add a job: its function in jobs.py, and its test."""
    from herokuclock.jobs import command as edit

    edit.add(name, " ".join(when or ()), doc, dry_run=dry_run, json=json)


@app.command(epilog="Example: herokuclock remove send_report")
def remove(
    name: Annotated[str, typer.Argument(help="The job to take out.")],
    force: Annotated[bool, typer.Option("--force", help="Also when it has been edited.")] = False,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Take a job out: exactly what `add` put there."""
    from herokuclock.jobs import command as edit

    edit.remove(name, force=force, dry_run=dry_run, json=json)


@app.command("next", epilog="Example: herokuclock next send_report -n 10")
def next_(
    name: Annotated[str | None, typer.Argument(help="One job; default: all.")] = None,
    count: Annotated[
        int | None, typer.Option("-n", min=1, max=1000, help="So many next runs of each.")
    ] = None,
    start: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="From this day on: 2027-03-08.")
    ] = None,
    calendar: Annotated[
        bool, typer.Option("--calendar", help="A week as a picture: hours by days.")
    ] = False,
    svg: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write that picture into a file.")
    ] = None,
    json: Json = False,
) -> None:
    """Show when the jobs run next."""
    from herokuclock.show import command as steps

    if calendar or svg:
        steps.calendar(name, start, svg, json=json)
    else:
        steps.upcoming_runs(name, count, start, json=json)
