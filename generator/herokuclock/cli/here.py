"""The commands about the project on this machine."""

from typing import Annotated, Literal

import typer

from herokuclock.cli.options import App, DryRun, Json

app = typer.Typer()


@app.command()
def workers(
    switch: Annotated[
        Literal["on", "off"], typer.Argument(help="Run the jobs on worker dynos, or no longer.")
    ],
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Let the jobs run on worker dynos, or on the clock dyno again."""
    from herokuclock.workers import command as steps

    steps.run(switch == "on", dry_run=dry_run, json=json)


@app.command()
def check(
    app: App = None,
    fix: Annotated[bool, typer.Option("--fix", help="Mend what is safe to mend.")] = False,
    resolve: Annotated[bool, typer.Option("--resolve", help="Ask the index, too.")] = False,
    json: Json = False,
) -> None:
    """Find what would go wrong on Heroku; with --app also what goes wrong there now."""
    from herokuclock.check import command as steps

    if not steps.run(app, fix=fix, resolve=resolve, json=json):
        raise typer.Exit(1)


@app.command()
def run(
    port: Annotated[int, typer.Option("--port", "-p", help="Port of the web process.")] = 5000,
) -> None:
    """Run web and clock on this machine, as Heroku starts them; Ctrl-C stops all."""
    from herokuclock.run import command as local

    raise typer.Exit(local.run(port))
