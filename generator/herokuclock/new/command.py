"""`herokuclock new`: collect the answers, review them, make the project, say what comes next."""

import shutil
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from herokuclock import screen
from herokuclock.errors import Back, HerokuclockError
from herokuclock.new import completion, pythons, scaffold
from herokuclock.new.answers import Ask, asked_again, collect, in_asked_form
from herokuclock.new.questions import QUESTIONS, UV, Answer, Job, split_job
from herokuclock.preview import preview
from herokuclock.program import spelled

Answers = dict[str, Answer]
INDENT = "  "
COMMENTS = (
    "",
    "# web, clock and dashboard on this machine",
    "# onto Heroku; README.md says it step by step",
)


def run(
    given: Mapping[str, Any], file: Path | None, *, yes: bool, dry_run: bool, json: bool
) -> None:
    """Do the whole of `new`; `given` holds the flags, None where one was not given."""
    try:
        answers = _answers(given, file, yes=yes, json=json)
        target = Path.cwd() / answers["name"].value
        scaffold.refuse_existing(target)
        values = {key: answer.value for key, answer in answers.items()}
        committed = True if dry_run else scaffold.make(values, target)
    except KeyboardInterrupt:
        screen.note("\nInterrupted: nothing was written.")
        raise
    if json:
        screen.as_json(_facts(answers, target, committed, dry_run))
    elif dry_run:
        _say_dry_run(answers)
    else:
        _say_done(answers, committed)
        if not yes and _is_person():
            completion.offer()


def _is_person() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _answers(given: Mapping[str, Any], file: Path | None, *, yes: bool, json: bool) -> Answers:
    flags = {**given, "jobs": _jobs_of_flags(given["jobs"])}
    asking = _asker() if _is_person() and not (yes or json) else None
    answers = collect(flags, file, yes=yes, ask=asking)
    if asking:
        return _reviewed(answers, asking)
    if not json:
        screen.say_lines(_lines(answers))
    return answers


def _jobs_of_flags(texts: list[str] | None) -> dict[str, str] | None:
    jobs: dict[str, str] = {}
    for name, when in map(split_job, texts or []):
        if name in jobs:
            raise HerokuclockError(f"--job {name!r} is given twice.", "Give each its name.", code=2)
        jobs[name] = when
    return jobs or None


def _asker() -> Ask:
    from herokuclock.new import prompts

    return prompts.ask


def _reviewed(answers: Answers, ask: Ask) -> Answers:
    from herokuclock.new import prompts

    by_key = {question.key: question for question in QUESTIONS}
    while (choice := prompts.review(_lines(answers), list(by_key))) != "create":
        if choice == "cancel":
            raise KeyboardInterrupt
        with suppress(Back):
            answers = {**answers, choice: asked_again(by_key[choice], answers, ask)}
    return answers


def _lines(answers: Answers) -> list[str]:
    """Lay out the answers, each with where it came from, and in one line what each job will do."""
    jobs: tuple[Job, ...] = answers["jobs"].value
    values = {key: answer.value for key, answer in answers.items()}
    values["jobs"] = str(len(jobs) or "none")
    rows = [(key, values[key], f"({answer.source})") for key, answer in answers.items()]
    lines = screen.table(rows) + _pyenv_warning(values["python"]) + _uv_warning(values["packages"])
    return lines + _job_lines(jobs, values["timezone"]) if jobs else lines


def _job_lines(jobs: tuple[Job, ...], zone: str) -> list[str]:
    from clockdyno.schedule import listing

    now = datetime.now(UTC)
    shown = [preview(job.schedules, zone, now, 1, job.name, rates=False) for job in jobs]
    told = listing.each([job.line() for job in shown], now, screen.width() - len(INDENT))
    lines = ["", *(f"{INDENT}{line}" for line in told)]
    for job in shown:
        if job.surprises:
            lines += ["", f"{INDENT}{job.job}", *listing.remarks(job.surprises, INDENT)]
    return lines


def _pyenv_warning(version: str) -> list[str]:
    """Warn where pyenv would refuse every command in the folder for want of this version."""
    if not pythons.is_refused_by_pyenv(version):
        return []
    return [
        f"  Note: pyenv has no Python {version}, and would refuse every `python` in the folder.",
        f"  Run `pyenv install {version}` first, or choose a version that it has.",
    ]


def _uv_warning(manager: str) -> list[str]:
    """Say where uv comes from, which setting the project up needs."""
    if manager != UV or shutil.which(UV):
        return []
    return ["  Note: there is no uv on the PATH yet; `pip install uv` brings it."]


def _say_dry_run(answers: Answers) -> None:
    screen.say(f"Would make {answers['name'].value}/ with these files:")
    for path in _files(answers):
        screen.say(f"  {path}")
    screen.say("Nothing was written.")


def _say_done(answers: Answers, committed: bool) -> None:
    name = answers["name"].value
    count = len(_files(answers))
    state = "the first commit is on main" if committed else "everything is staged, not committed"
    screen.say(f"Made {name}: {count} files, {state}.", "green")
    if not committed:
        screen.note(
            "Git does not know who you are, so there is no first commit yet. In the folder:"
        )
        screen.note('  git config --global user.name "Your Name"')
        screen.note("  git config --global user.email you@example.com")
        screen.note(f'  git commit -m "Start {name}"')
    screen.say()
    for line in _beside(_next_steps(name), COMMENTS):
        screen.put(line, sys.stdout)


def _beside(commands: Sequence[str], comments: Sequence[str]) -> list[str]:
    """Lay out commands with what they do behind them, or above them where they are long."""
    lines = screen.table(zip(commands, comments, strict=True), INDENT)
    if max(map(len, lines)) <= screen.width():
        return lines
    pairs = zip(comments, commands, strict=True)
    return [f"{INDENT}{line}" for pair in pairs for line in pair if line]


def _next_steps(name: str) -> list[str]:
    return [f"cd {name}", spelled("herokuclock run"), spelled("herokuclock deploy")]


def _files(answers: Answers) -> list[str]:
    return scaffold.file_names(answers["jobs"].value, answers["packages"].value)


def _facts(answers: Answers, target: Path, committed: bool, dry_run: bool) -> dict[str, Any]:
    jobs: tuple[Job, ...] = answers["jobs"].value
    values = {key: answer.value for key, answer in answers.items() if key != "jobs"}
    return {
        "status": "planned" if dry_run else "made",
        "path": str(target),
        "answers": {**values, "jobs": in_asked_form(jobs)},
        "sources": {key: answer.source for key, answer in answers.items()},
        "files": _files(answers),
        "committed": committed and not dry_run,
        "next": _next_steps(target.name),
    }
