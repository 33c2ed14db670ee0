"""Which names an app and a job may have, why not, and the nearest good one."""

import builtins
import keyword
import re
import sys
import unicodedata
from collections.abc import Collection

TEMPLATE_MODULES = frozenset({"app", "clockdyno", "jobs", "tests"})
# Names that jobs.py or the job's test needs for something else.
RESERVED = TEMPLATE_MODULES | {"Clock", "caplog", "capsys", "log", "logging", "sched", "test"}
LONGEST_JOB_NAME = 50
SHORTEST_APP_NAME, LONGEST_APP_NAME = 3, 30


def shown(name: str) -> str:
    """The name as a message may hold it: on one line, in quotes, not too long."""
    return repr(name if len(name) <= 40 else f"{name[:39]}…")


def job_name_problem(name: str, taken: Collection[str] = ()) -> str | None:
    """Say why this cannot be the name of a job; None when it can."""
    if not name:
        return "the job has no name."
    if not re.fullmatch("[A-Za-z][A-Za-z0-9_]*", name):
        return f"{shown(name)} is no job name: a letter first, then letters, digits and _."
    if len(name) > LONGEST_JOB_NAME:
        return f"{shown(name)} is longer than {LONGEST_JOB_NAME} characters."
    if keyword.iskeyword(name) or keyword.issoftkeyword(name):
        return f"{shown(name)} is a word of the Python language."
    if hasattr(builtins, name):
        return f"{shown(name)} is a function or class that Python itself brings."
    if name in RESERVED:
        return f"{shown(name)} means something else in the project."
    if name in taken:
        return f"{shown(name)} is taken."
    return None


def nearest_job_name(name: str, taken: Collection[str] = ()) -> str:
    """Return the good job name that is nearest to what was typed."""
    plain = re.sub("[^A-Za-z0-9]+", "_", _ascii(name[:1000])).strip("_")
    if not plain[:1].isalpha():
        plain = f"job_{plain}".rstrip("_")
    plain = plain[:LONGEST_JOB_NAME].rstrip("_")
    if job_name_problem(plain):
        plain = f"{plain}_job"
    best, number = plain, 1
    while best in taken:
        number += 1
        best = f"{plain[: LONGEST_JOB_NAME - 1 - len(str(number))]}_{number}"
    return best


def app_name_problem(name: str) -> str | None:
    """Say why this cannot be the name of an app, and so of its folder; None when it can."""
    for is_wrong, reason in (
        (not name.strip(), "the app has no name."),
        (re.match(r"[/\\~]|[A-Za-z]:", name), f"{shown(name)} is a path, not a name."),
        (".." in name, f"{shown(name)} leads out of this folder."),
        (re.search(r"[/\\]", name), f"{shown(name)} has a slash in it."),
        (keyword.iskeyword(name), f"{shown(name)} is a word of the Python language."),
        (name in TEMPLATE_MODULES, f"{shown(name)} is a module of the project itself."),
        (name in sys.stdlib_module_names, f"{shown(name)} is a module of Python itself."),
        (len(name) < SHORTEST_APP_NAME, f"{shown(name)} is shorter than 3 characters."),
        (len(name) > LONGEST_APP_NAME, f"{shown(name)} is longer than 30 characters."),
        (re.search("[^a-z0-9-]", name), f"{shown(name)} has more than a-z, 0-9 and - in it."),
        (not re.match("[a-z]", name), f"{shown(name)} does not begin with a letter."),
        (name.endswith("-"), f"{shown(name)} does not end with a letter or a digit."),
    ):
        if is_wrong:
            return reason
    return None


def nearest_app_name(name: str) -> str:
    """Return the good app name that is nearest to what was typed."""
    parts = [part for part in re.split(r"[/\\]", name[:1000]) if part.strip(". ")]
    plain = re.sub("[^a-z0-9]+", "-", _ascii(parts[-1] if parts else "").lower()).strip("-")
    if not plain:
        return "my-app"
    if not plain[0].isalpha():
        plain = f"app-{plain}"
    plain = plain[:LONGEST_APP_NAME].rstrip("-")
    return f"{plain}-app" if app_name_problem(plain) else plain


def _ascii(text: str) -> str:
    # NFKD takes é apart into e and an accent, and the accent is then dropped.
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
