"""The program and the options that several commands have."""

from typing import Annotated

import typer

from herokuclock.cli.groups import Grouped

app = typer.Typer(
    name="herokuclock",
    help="Flask projects with scheduled jobs for Heroku: each run once, on time.",
    cls=Grouped,
    epilog="Help for one: herokuclock COMMAND --help",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for programs.")]
App = Annotated[str | None, typer.Option("--app", "-a", help="The Heroku app, e.g. myapp.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")]
WHEN = typer.Argument(
    metavar="WHEN...", help="When, e.g. weekdays at 17:00, or interval minutes=15."
)
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be done; do nothing.")]


def _version(wanted: bool) -> None:
    if wanted:
        from herokuclock import __version__

        print(f"herokuclock {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Take what stands before the command."""
