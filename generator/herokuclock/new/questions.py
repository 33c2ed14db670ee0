"""The one table of questions of `new`: flag, key in an answers file, prompt, default and check."""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from clockdyno.schedule import zones
from clockdyno.schedule.refusal import Misread
from clockdyno.schedule.typed import Schedule, build, parse

from herokuclock import names
from herokuclock.errors import REFUSED, HerokuclockError
from herokuclock.new import pythons

CLOCK_DYNO, WORKER_DYNOS = "clock dyno", "worker dynos"
UV, PIP = "uv", "pip"
EXAMPLE_JOBS = {"hello": "every 15 minutes"}


@dataclass(frozen=True)
class Job:
    """A job as it was asked for: its function's name and its schedules."""

    name: str
    schedules: tuple[Schedule, ...]

    @property
    def when(self) -> str | list[str]:
        """Return the schedules in the form that an answers file takes."""
        texts = [str(schedule) for schedule in self.schedules]
        return texts[0] if len(texts) == 1 else texts


@dataclass(frozen=True)
class Question:
    """One question. `check` returns the clean answer or raises HerokuclockError with code 2."""

    key: str
    flag: str
    prompt: str
    check: Callable[[Any], Any]
    default: Callable[[], tuple[Any, str]] | None = None
    is_settled: bool = False  # Where nobody can be asked, the default will do.


@dataclass(frozen=True)
class Answer:
    """A checked answer and where it came from."""

    value: Any
    source: str


def check_name(value: Any) -> str:
    """Return a name that Heroku takes."""
    name = _text(value, "the project's name")
    problem = names.app_name_problem(name)
    if problem:
        good = names.nearest_app_name(name)
        raise HerokuclockError(problem, f"Try {good!r}." if good else "", code=2)
    return name


def check_timezone(value: Any) -> str:
    """Check a zone, or a city that has one: "new york" is America/New_York."""
    try:
        return zones.find(_text(value, "the time zone"))
    except Misread as misread:
        raise HerokuclockError(f"{misread.reason}.", misread.hint, code=2) from None


def check_python(value: Any) -> str:
    """Return a version of Python that Heroku builds."""
    version = _text(value, "the Python version")
    if version not in pythons.ALL:
        raise HerokuclockError(
            f"Python {version!r} is not offered: Heroku runs {', '.join(pythons.ALL)}.",
            f"Try {pythons.ALL[0]!r}: the major form, so that Heroku keeps it patched.",
            code=2,
        )
    return version


def check_jobs(value: Any) -> tuple[Job, ...]:
    """Check jobs given as a mapping of names to schedules (a text, or a list of texts)."""
    if not isinstance(value, Mapping):
        raise HerokuclockError(
            "jobs must be a table of names and schedules.",
            'Write [jobs], and below it: refresh = "interval minutes=15".',
            code=2,
        )
    jobs: list[Job] = []
    for name, when in value.items():
        jobs.append(check_job(name, when, {job.name for job in jobs}))
    return tuple(jobs)


def check_job(name: Any, when: Any, taken: set[str]) -> Job:
    """Check one job: its name against those taken, its schedule by building the trigger."""
    check_job_name(name, taken)
    texts = when if isinstance(when, list) and when else [when]
    try:
        return Job(name, tuple(schedule for text in texts for schedule in check_when(text)))
    except REFUSED as error:
        raise HerokuclockError(f"job {name!r}: {error.message}", error.hint, code=2) from None


def check_when(text: Any) -> list[Schedule]:
    """Check what stands for a time, by building the triggers that it means."""
    found = parse(_text(text, "the schedule"))
    for schedule in found:
        build(schedule, "UTC")
    return found


def check_job_name(name: Any, taken: set[str]) -> str:
    """Return a name for a job that no other has."""
    text = _text(name, "the job's name")
    problem = names.job_name_problem(text, taken)
    if problem:
        good = names.nearest_job_name(text)
        usable = good and names.job_name_problem(good, taken) is None
        raise HerokuclockError(problem, f"Try {good!r}." if usable else "", code=2)
    return text


def split_job(text: str) -> tuple[str, str]:
    """Split what --job takes, "NAME: WHEN", at its first colon."""
    name, colon, when = text.partition(":")
    if not colon:
        raise HerokuclockError(
            f"--job {text!r} has no colon between the name and the schedule.",
            "Write it like --job 'refresh: interval minutes=15'.",
            code=2,
        )
    return name.strip(), when.strip()


def check_answers_keys(answers: Mapping[str, Any], source: str) -> None:
    """Refuse a key that no question has, naming the one that was meant."""
    known = [question.key for question in QUESTIONS]
    for key in answers:
        if key not in known:
            close = get_close_matches(key, known, n=1) or [f"one of {', '.join(known)}"]
            raise HerokuclockError(
                f"{source}: {key!r} is not a question.", f"Did you mean {close[0]}?", code=2
            )


def check_packages(value: Any) -> str:
    """Check which tool is to manage the packages."""
    if value not in (UV, PIP):
        raise HerokuclockError(
            f"packages cannot be managed by {value!r}.", f"Write {UV!r} or {PIP!r}.", code=2
        )
    return str(value)


def default_packages() -> tuple[str, str]:
    """Return the tool for packages that this machine has, and why it is that one."""
    if shutil.which(UV):
        return UV, "it is on the PATH"
    return PIP, "no uv on the PATH"


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str):
        raise HerokuclockError(f"{what} must be text, not {value!r}.", "Put it in quotes.", code=2)
    return value


def check_workers(value: Any) -> str:
    """Check where the jobs are to run; true and false are as good as the words."""
    words = (CLOCK_DYNO, WORKER_DYNOS)[value] if isinstance(value, bool) else value
    if words not in (CLOCK_DYNO, WORKER_DYNOS):
        raise HerokuclockError(
            f"jobs cannot run on {value!r}.",
            f"workers is true ({WORKER_DYNOS}) or false ({CLOCK_DYNO}).",
            code=2,
        )
    return str(words)


QUESTIONS = (
    Question("name", "NAME", "Name of the project, and of its Heroku app", check_name),
    Question(
        "timezone",
        "--timezone",
        "Time zone of the jobs",
        check_timezone,
        lambda: (zones.of_this_machine(), "this machine's"),
    ),
    Question(
        "jobs", "--job", "Which jobs?", check_jobs, lambda: (EXAMPLE_JOBS, "an example to change")
    ),
    Question("python", "--python", "Python version", check_python, pythons.default),
    Question(
        "packages",
        "--packages",
        "What manages the packages?",
        check_packages,
        default_packages,
        is_settled=True,
    ),
    Question(
        "workers",
        "--workers",
        "Where do jobs run?",
        check_workers,
        lambda: (CLOCK_DYNO, "enough for most"),
        is_settled=True,
    ),
)
