"""The command line: options and the order of steps, nothing else."""

import gc
import sys
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import typer

from herokuclock import interrupts
from herokuclock.errors import REFUSED, HerokuclockError, ScheduleError

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
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")]
When = Annotated[
    list[str],
    typer.Argument(metavar="WHEN...", help="When, e.g. weekdays at 17:00, or interval minutes=15."),
]
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
    timezone: Annotated[str | None, typer.Option(help="Zone, e.g. Europe/Berlin.")] = None,
    python: Annotated[str | None, typer.Option(help="Python on Heroku: 3.11 to 3.14.")] = None,
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
    """Make a project: a Flask app, its jobs, and all that Heroku needs."""
    from herokuclock.new import command as steps

    given = {"name": name, "jobs": job, "timezone": timezone, "python": python, "workers": workers}
    steps.run(given, answers, yes=yes, dry_run=dry_run, json=json)


@app.command()
def explain(
    when: When,
    timezone: Annotated[
        str | None, typer.Option(help="Zone, e.g. Europe/Berlin; default: the project's.")
    ] = None,
    count: Annotated[int, typer.Option("-n", min=1, max=1000, help="How many next runs.")] = 5,
    json: Json = False,
) -> None:
    """Say what a schedule means, when it runs next, and what may surprise."""
    from herokuclock.show import command as steps

    steps.explain(" ".join(when), timezone, count, json=json)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="The job's function, e.g. send_report.")],
    when: When,
    doc: Annotated[str | None, typer.Option(help="What the job does, in one sentence.")] = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Add a job to the project: its function in jobs.py, and its test."""
    from herokuclock.jobs import command as edit

    edit.add(name, " ".join(when), doc, dry_run=dry_run, json=json)


@app.command()
def remove(
    name: Annotated[str, typer.Argument(help="The job to take out.")],
    force: Annotated[bool, typer.Option("--force", help="Also when it has been edited.")] = False,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Take out a job: exactly what `add` put there."""
    from herokuclock.jobs import command as edit

    edit.remove(name, force=force, dry_run=dry_run, json=json)


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


@app.command("next")
def next_(
    name: Annotated[str | None, typer.Argument(help="One job; default: all.")] = None,
    count: Annotated[int, typer.Option("-n", min=1, max=1000, help="How many next runs.")] = 5,
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
    """Show when the project's jobs run next."""
    from herokuclock.show import command as steps

    if calendar or svg:
        steps.calendar(name, start, svg, json=json)
    else:
        steps.upcoming_runs(name, count, start, json=json)


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


@app.command()
def deploy(
    app: App = None,
    region: Annotated[str | None, typer.Option(help="Region of a new app: us or eu.")] = None,
    team: Annotated[str | None, typer.Option(help="Team that owns a new app.")] = None,
    no_check: Annotated[
        bool, typer.Option("--no-check", help="Also when `check` finds an error.")
    ] = False,
    yes: Yes = False,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Bring the project onto Heroku and prove that its clock runs; again changes nothing."""
    from herokuclock.deploy import command as steps

    steps.run(app, region, team, yes=yes, dry_run=dry_run, json=json, checked=not no_check)


@app.command()
def scale(
    app: App = None,
    off: Annotated[bool, typer.Option("--off", help="Run no clock at all.")] = False,
    workers: Annotated[
        int | None, typer.Option("--workers", min=0, max=100, help="So many worker dynos.")
    ] = None,
    json: Json = False,
) -> None:
    """Run exactly one clock on Heroku, and make sure of it."""
    from herokuclock.deploy import scale as steps

    steps.run(app, off=off, workers=workers, json=json)


@app.command()
def status(app: App = None, json: Json = False) -> None:
    """Show what runs on Heroku: dynos, release, the clock, each job's last and next run."""
    from herokuclock.deploy import status as steps

    steps.run(app, json=json)


def main() -> NoReturn:
    """Run the program; the one place where an error of the user's becomes words."""
    # Modules are not garbage: looking for some while they load takes a tenth of a short command.
    gc.set_threshold(50_000)
    interrupts.hear(interrupts.interrupt)
    try:
        app()
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
