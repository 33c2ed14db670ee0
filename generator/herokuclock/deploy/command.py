"""`herokuclock deploy`: plan, apply, verify; a second run changes nothing."""

import re
import sys
import webbrowser
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

from herokuclock import manifest, names, project, screen, shell
from herokuclock.check import order as checks
from herokuclock.deploy import inventory, jobs_table, plan
from herokuclock.deploy.inventory import Found, Target
from herokuclock.deploy.plan import Step
from herokuclock.deploy.verify import Verified, verify
from herokuclock.errors import HerokuclockError
from herokuclock.heroku import prices, remotes
from herokuclock.heroku.health import PASSWORD, Health
from herokuclock.heroku.platform import Process
from herokuclock.manifest import Manifest
from herokuclock.progress import Progress
from herokuclock.project import Project

Say = Callable[[str], None]
# What is over by itself after a while.
PASSING = ("unavailable", "rate_limit")
VERIFY = "Verify"  # the last step of each plan


def run(
    app: str | None,
    region: str | None,
    team: str | None,
    *,
    yes: bool,
    dry_run: bool,
    json: bool,
    checked: bool = True,
    in_browser: bool = False,
) -> None:
    """Do the whole of `deploy`; with `json` its progress goes to standard error."""
    here = project.find()
    name = _name(here, app)
    if checked:
        _refuse_unfit(here)
    tell: Say = screen.note if json else screen.say
    target = Target(name, here.root, region, team)
    wanted = manifest.read(here.root)
    found = inventory.read(target)
    steps = plan.steps(target, wanted, found)
    _tell_plan(target, wanted, found, steps, tell)
    if dry_run:
        tell("Nothing was done.")
        _tell_end("planned", target, steps, None, json)
        return
    if steps and not yes:
        from herokuclock.new import terminal

        terminal.go_ahead()
    progress = Progress(len(steps) + 1, sys.stderr if json else sys.stdout)
    apply(steps, progress)
    with progress.step(len(steps) + 1, VERIFY, "up to two minutes") as say:
        verified = verify(target.app, say)
    if PASSWORD in found.variables or not sys.stdout.isatty():
        # Told once, where it was made and to whoever made it: never to a pipe, a file or CI's log.
        verified = replace(verified, password="")
    _tell_end("deployed" if steps else "unchanged", target, steps, verified, json)
    if in_browser:
        webbrowser.open(_dashboard(target, verified.url) or verified.url)


def _name(here: Project, given: str | None) -> str:
    """Return the app's name; raise HerokuclockError for one that Heroku cannot have."""
    name = remotes.app_of(here.root, given) or here.name()
    if not re.fullmatch(r"[a-z][a-z0-9-]{1,28}[a-z0-9]", name):
        raise HerokuclockError(
            f"No app can be named {names.shown(name)}: a-z first, then a-z, 0-9 and -, 3 to 30.",
            f"herokuclock deploy --app {names.nearest_app_name(name)}",
            code=2,
        )
    return name


def _refuse_unfit(here: Project) -> None:
    """Raise HerokuclockError where the project would not work on Heroku."""
    errors = [
        each for each in checks.of_project(here.root, asking=True) if each.severity == "error"
    ]
    if errors:
        more = f" And {len(errors) - 1} more: herokuclock check" if len(errors) > 1 else ""
        raise HerokuclockError(errors[0].problem, errors[0].remedy + more)


def apply(steps: list[Step], progress: Progress) -> None:
    """Do the steps; where one fails or is interrupted, say what is done and what is left."""
    for number, step in enumerate(steps):
        try:
            with progress.step(number + 1, step.title, step.usual) as say:
                step.run(say)
        except (HerokuclockError, KeyboardInterrupt) as error:
            _tell_rest(steps, number, error)
            raise


def _tell_rest(steps: list[Step], number: int, error: BaseException) -> None:
    done = ", ".join(step.title.lower() for step in steps[:number]) or "nothing"
    left = ", ".join(step.title.lower() for step in steps[number:])
    screen.note(f"\nDone so far: {done}. Left: {left}.")
    passing = isinstance(error, KeyboardInterrupt) or getattr(error, "id", "") in PASSING
    again = "Run the same command again" if passing else "Mend that and run the command again"
    screen.note(f"{again}: it goes on from here, and makes nothing twice.")


def _tell_plan(
    target: Target, wanted: Manifest, found: Found, steps: list[Step], tell: Say
) -> None:
    if not steps:
        tell(f"{target.app} is as it should be; nothing to change.")
        return
    tell(f"To deploy {target.app} ({'there already' if found.app else 'a new app'}):")
    for number, step in enumerate(steps, 1):
        tell(f"  {number}. {step.title}")
        tell(f"     {step.command}")
    tell(f"  {len(steps) + 1}. {VERIFY}: read back that its clock runs")
    processes = expected(wanted, found)
    plans = [addon.plan for addon in (found.app.addons if found.app else ()) if addon.is_database]
    database = ", ".join(plans) or wanted.database
    tell(f"It costs about {prices.total(processes, database)}")
    for text in (prices.eco_warning(processes), _uncommitted(target)):
        if text:
            tell(f"Note: {text}")


def expected(wanted: Manifest, found: Found) -> list[Process]:
    """Return the formation as it will be; a new app is taken to get basic dynos."""
    known = {process.type: process for process in found.formation}
    new = plan.changes(wanted, found.formation)
    types = [type for type in wanted.processes if type != "release"]
    sizes = {type: known[type].size if type in known else "Basic" for type in types}
    return [
        Process(type, new.get(type, known[type].quantity if type in known else 1), sizes[type])
        for type in types
    ]


def _uncommitted(target: Target) -> str | None:
    changed = shell.git(target.folder, "status", "--porcelain").out.splitlines()
    if not changed:
        return None
    return f"{len(changed)} changed files are not committed, and so are not deployed."


def _tell_end(
    status: str, target: Target, steps: list[Step], verified: Verified | None, json: bool
) -> None:
    if json:
        screen.as_json(_facts(status, target, steps, verified))
    elif verified:
        _tell_verified(target, verified)


def _tell_verified(target: Target, verified: Verified) -> None:
    screen.say()
    screen.say(f"The clock of {target.app} is up{_age(verified.health)}.", "green")
    for line in jobs_table.lines(verified.health, datetime.now(UTC), target.folder):
        screen.say(line)
    warning = prices.eco_warning(verified.formation)
    if warning:
        screen.tell(f"Note: {warning}")
    screen.say()
    for line in screen.table(_next_steps(target, verified)):
        screen.say(line)


def _dashboard(target: Target, url: str) -> str:
    """Return the dashboard's address; nothing for an app that asks for no password of it."""
    return f"{url}clock" if PASSWORD in manifest.read(target.folder).secrets else ""


def _next_steps(target: Target, verified: Verified) -> Iterator[tuple[str, str]]:
    yield "the app", verified.url
    dashboard = _dashboard(target, verified.url)
    if dashboard:
        asked = f"heroku config:get {PASSWORD} --app {target.app}"
        yield "the dashboard", dashboard
        yield (
            "its password",
            f"{verified.password}  (any user name)" if verified.password else asked,
        )
    yield "what it does", "herokuclock logs"
    yield "after a change", "git commit -am 'What changed' && herokuclock deploy"
    yield "take it all down", "herokuclock destroy"


def _age(health: Health) -> str:
    return (
        "" if health.heartbeat_age is None else f", its heartbeat {health.heartbeat_age:.0f} s old"
    )


def _facts(
    status: str, target: Target, steps: list[Step], verified: Verified | None
) -> dict[str, Any]:
    facts = {
        "status": status,
        "app": target.app,
        "steps": [{"title": step.title, "command": step.command} for step in steps],
    }
    if verified is None:
        return facts
    return {**facts, "url": verified.url, "health": asdict(verified.health)}
