"""`herokuclock destroy`: take an app off Heroku, with all that was made for it and nothing else."""

import sys
from collections.abc import Iterator
from pathlib import Path

from herokuclock import screen
from herokuclock.errors import HerokuclockError
from herokuclock.heroku import platform, remotes
from herokuclock.heroku.refusals import Refusal


def run(app: str | None, confirm: str | None, *, dry_run: bool, json: bool) -> None:
    """Say what will be gone, have its name typed, destroy it, and make sure of that."""
    name = remotes.required(Path.cwd(), app)
    found = platform.app(name)
    if found is None:
        raise HerokuclockError(f"Heroku has no app {name}, or it is not yours.", "heroku apps")
    tell = screen.note if json else screen.say
    tell(f"This destroys {name} for good:")
    for line in screen.table([(what, how) for what, how in _all_that_goes(found)]):
        tell(line)
    tell("The project in this folder, with its git history, stays.")
    if not dry_run:
        _have_it_typed(name, confirm)
        _destroy(name)
    if json:
        addons = [addon.name for addon in found.addons]
        screen.as_json({"app": name, "add-ons": addons, "destroyed": not dry_run})
    else:
        tell("Nothing was done." if dry_run else f"{name} is gone. Once more: herokuclock deploy")


def _destroy(name: str) -> None:
    try:
        platform.destroy(name)
    except Refusal:  # It may be gone all the same, and only the answer was lost.
        if platform.app(name) is not None:
            raise
    if platform.app(name) is not None:
        raise HerokuclockError(f"{name} is still there.", f"heroku apps:destroy --app {name}")


def _all_that_goes(app: platform.App) -> Iterator[tuple[str, str]]:
    yield "the app", app.url
    dynos = ", ".join(dyno.name for dyno in app.dynos)
    if dynos:
        yield "its dynos", dynos
    for addon in app.addons:
        what = "a database and all data in it" if addon.is_database else "an add-on"
        yield what, f"{addon.name} ({addon.plan})"
    yield "its config vars", "and its releases and log"


def _have_it_typed(name: str, confirm: str | None) -> None:
    if confirm is None:
        if not sys.stdin.isatty():
            raise HerokuclockError(
                "There is no terminal to ask at.", f"Add --confirm {name} to do it.", code=2
            )
        from herokuclock.new import terminal

        confirm = terminal.typed(f"Type {name} to destroy it:")
    if confirm.strip() != name:
        raise HerokuclockError(f"That is not {name}: nothing was done.", "herokuclock destroy")
