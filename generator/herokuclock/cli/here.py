"""The commands about the project on this machine."""

from typing import Annotated, Literal

import typer

from herokuclock.cli.options import App, DryRun, Json

app = typer.Typer()


@app.command(epilog="Example: herokuclock workers on")
def workers(
    switch: Annotated[
        Literal["on", "off"], typer.Argument(help="Run the jobs on worker dynos, or no longer.")
    ],
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Run the jobs on worker dynos, or on the clock again."""
    from herokuclock.workers import command as steps

    steps.run(switch == "on", dry_run=dry_run, json=json)


@app.command(epilog="Example: herokuclock check --app myapp")
def check(
    app: App = None,
    fix: Annotated[bool, typer.Option("--fix", help="Mend what is safe to mend.")] = False,
    resolve: Annotated[bool, typer.Option("--resolve", help="Ask the index, too.")] = False,
    json: Json = False,
) -> None:
    """Find what would go wrong, or goes wrong, on Heroku.

    It looks at the commit that a push would take; with --app also at what runs there.
    """
    from herokuclock.check import command as steps

    if not steps.run(app, fix=fix, resolve=resolve, json=json):
        raise typer.Exit(1)


@app.command(epilog="Example: herokuclock run --port 8000")
def run(
    port: Annotated[
        int | None, typer.Option("--port", "-p", help="Port of the web process: .env's, or 5000.")
    ] = None,
    in_browser: Annotated[
        bool, typer.Option("--open", help="Show the dashboard in a browser.")
    ] = False,
) -> None:
    """Run web and clock as Heroku does; Ctrl-C stops them."""
    from herokuclock.run import command as local

    raise typer.Exit(local.run(port, in_browser=in_browser))
