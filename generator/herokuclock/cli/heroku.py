"""The commands that talk to Heroku."""

from typing import Annotated

import typer

from herokuclock.cli.options import App, DryRun, Json, Yes

app = typer.Typer()


@app.command(epilog="Example: herokuclock deploy --region eu")
def deploy(
    app: App = None,
    region: Annotated[str | None, typer.Option(help="Region of a new app: us or eu.")] = None,
    team: Annotated[str | None, typer.Option(help="Team that owns a new app.")] = None,
    no_check: Annotated[
        bool, typer.Option("--no-check", help="Also when `check` finds an error.")
    ] = False,
    in_browser: Annotated[
        bool, typer.Option("--open", help="Show its dashboard in a browser at the end.")
    ] = False,
    yes: Yes = False,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Bring it onto Heroku, and prove that its clock runs.

    It shows its plan, says what that costs and asks; run again, it changes nothing.
    """
    from herokuclock.deploy import command as steps

    how = {"yes": yes, "dry_run": dry_run, "json": json, "in_browser": in_browser}
    steps.run(app, region, team, checked=not no_check, **how)


@app.command(epilog="Example: herokuclock scale --workers 2")
def scale(
    app: App = None,
    off: Annotated[bool, typer.Option("--off", help="Run no clock at all.")] = False,
    workers: Annotated[
        int | None, typer.Option("--workers", min=0, max=100, help="So many worker dynos.")
    ] = None,
    json: Json = False,
) -> None:
    """Run exactly one clock, and make sure of it."""
    from herokuclock.deploy import scale as steps

    steps.run(app, off=off, workers=workers, json=json)


@app.command(epilog="Example: herokuclock status")
def status(app: App = None, json: Json = False) -> None:
    """Show dynos, release, clock, and each job's runs."""
    from herokuclock.deploy import status as steps

    steps.run(app, json=json)


@app.command(epilog="Example: herokuclock logs --tail")
def logs(
    app: App = None,
    process: Annotated[
        str | None, typer.Option(help="One process type: clock, web, worker or release.")
    ] = None,
    tail: Annotated[bool, typer.Option("--tail", "-t", help="Go on as it comes.")] = False,
) -> None:
    """Show what they said since the last deploy, in words."""
    from herokuclock.heroku import logs as steps

    steps.run(app, process, tail=tail)


@app.command("open", epilog="Example: herokuclock open")
def open_(
    app: App = None,
    home: Annotated[bool, typer.Option("--home", help="The app's first page instead.")] = False,
    json: Json = False,
) -> None:
    """Open the dashboard in a browser."""
    from herokuclock.heroku import opening as steps

    steps.run(app, home=home, json=json)


@app.command(epilog="Example: herokuclock destroy --dry-run")
def destroy(
    app: App = None,
    confirm: Annotated[
        str | None, typer.Option(metavar="APP", help="The app's name, instead of typing it.")
    ] = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Take it off Heroku, database and all; this folder stays."""
    from herokuclock.deploy import destroy as steps

    steps.run(app, confirm, dry_run=dry_run, json=json)
