"""The jobs of a new project, asked for one after the other: added, changed and taken out."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime

from clockdyno.schedule.typed import parse

from herokuclock import screen
from herokuclock.errors import Back
from herokuclock.new import terminal
from herokuclock.new.questions import EXAMPLE_JOBS, check_job_name, check_when
from herokuclock.preview import preview

# What the jobs are until somebody says something: a name and a schedule for each.
Jobs = dict[str, str]
EXAMPLES = "weekdays at 17:00; every 15 minutes"


def ask(default: Mapping[str, str], zone: str) -> Jobs:
    """Ask for the jobs, beginning with those of `default`; Back leaves the list."""
    jobs = {} if default == EXAMPLE_JOBS else dict(default)
    if not jobs:
        _add(jobs, zone)
    while (choice := _choice(jobs)) != "done":
        what, _, name = choice.partition(" ")
        try:
            _do(what, name, jobs, zone)
        except Back:
            if not jobs:
                raise
    return jobs


def _do(what: str, name: str, jobs: Jobs, zone: str) -> None:
    if what == "change":
        _change(name, jobs, zone)
        return
    if what == "remove":
        del jobs[name]
    if what == "add" or not jobs:
        _add(jobs, zone)


def _choice(jobs: Jobs) -> str:
    choices = {"done": "That is all", "add": "Add another"}
    choices |= {f"change {name}": f"Change {name}: {when}" for name, when in jobs.items()}
    choices |= {f"remove {name}": f"Take {name} out" for name in jobs}
    number = len(jobs)
    try:
        return terminal.choose(f"{number} job{'s' if number > 1 else ''} so far.", choices, "done")
    except Back:
        raise Back(jobs) from None


def _add(jobs: Jobs, zone: str) -> None:
    example = EXAMPLE_JOBS if not jobs else {}
    prompt = f"Job {len(jobs) + 1}, its function's name"
    name, when = _job(prompt, next(iter(example), ""), example, set(jobs), zone)
    jobs[name] = when


def _change(old: str, jobs: Jobs, zone: str) -> None:
    """Ask anew for a job's name and schedule; it keeps its place."""
    usual = {**jobs, "": jobs[old]}
    name, when = _job("Its function's name", old, usual, set(jobs) - {old}, zone)
    changed = {name if each == old else each: jobs[each] for each in jobs} | {name: when}
    jobs.clear()
    jobs.update(changed)


def _job(
    prompt: str, usual: str, schedules: Mapping[str, str], taken: set[str], zone: str
) -> tuple[str, str]:
    """Ask for a name and a schedule; a step back from the second leads to the first."""
    while True:
        name = terminal.text(prompt, lambda text: check_job_name(text, taken), usual)
        with suppress(Back):
            return name, _when(name, schedules.get(name, schedules.get("", "")), zone)


def _when(name: str, default: str, zone: str) -> str:
    """Ask for a schedule and show what it means."""
    examples = "" if default else f" ({EXAMPLES})"
    when = terminal.text(f"When does {name} run?{examples}", check_when, default)
    shown = preview(parse(when), zone, datetime.now(UTC), 3)
    screen.say_lines(shown.lines("  "))
    return when
