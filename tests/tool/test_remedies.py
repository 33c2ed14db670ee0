"""What a refusal says to type mends it, when it is typed: then what was refused works."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest
from support.program import Run

OURS = "herokuclock "
BLOCKING = (
    "from apscheduler.schedulers.blocking import BlockingScheduler\n"
    "sched = BlockingScheduler()\nsched.start()\n"
)
APP = (
    "printf 'from flask import Flask\\napp = Flask(__name__)\\n' > app.py;"
    " echo flask > requirements.txt"
)
TWO_BLOCK = f"{APP}; for name in a b; do printf '{BLOCKING}' > $name.py; done"
COMMITTED = "git init -q && git add --all && git commit -qm Old"

# What somebody did before, what they type, what they are told, and what they do as told.
IN_PROJECT = [
    ("true", "add tick", "herokuclock add tick weekdays at 17:00", None),
    ("true", "add hello hourly", "hello_2", "herokuclock add hello_2 hourly"),
    ("true", "add my-job hourly", "my_job", "herokuclock add my_job hourly"),
    ("true", "add tick evry 15 mins", '"every 15 mins"', "herokuclock add tick every 15 mins"),
    ("true", "add tick 9 to 5", '"9am to 5pm"', "herokuclock add tick 9am to 5pm"),
    ("true", "remove helo", "Did you mean hello?", "herokuclock remove hello"),
    ("true", "next helo", "Did you mean hello?", "herokuclock next hello"),
    ("true", "next helo --calendar", "mean hello?", "herokuclock next hello --calendar"),
    (
        "true",
        "next --calendar --from 8/3",
        "2027-03-08",
        "herokuclock next --calendar --from 2027-03-08",
    ),
    ("true", "explain 99 9 * * *", '"59 9 * * *"', "herokuclock explain '59 9 * * *'"),
    ("true", "init --zone Berln", "herokuclock init -h", None),
    (
        "sed -i 's/ran\"/was\"/' jobs.py",
        "remove hello",
        "Use --force",
        "herokuclock remove hello --force",
    ),
    (
        "echo '# mine' >> tests/test_job_hello.py",
        "remove hello",
        "Use --force",
        "herokuclock remove hello --force",
    ),
    (
        "touch tests/test_job_tick.py",
        "add tick hourly",
        "Move it away",
        "rm tests/test_job_tick.py",
    ),
    ("echo 'def (' >> jobs.py", "add tick hourly", "python3 -m py_compile", "sed -i '$d' jobs.py"),
    ("rm jobs.py", "next", "git restore jobs.py", None),
    (
        "mv jobs.py mine.py",
        "next",
        "Name your clock's file in it",
        "sed -i s/jobs.py/mine.py/ Procfile",
    ),
    ("git rm -q Procfile .herokuclock.toml; git commit -qm Old", "next", "herokuclock init", None),
    (
        f"printf '{BLOCKING}' > jobs.py; git commit -qam Old",
        "add tick hourly",
        "herokuclock init",
        None,
    ),
    (f"printf '{BLOCKING}' > jobs.py; git commit -qam Old", "workers on", "herokuclock init", None),
    ("rm .herokuclock.toml", "update", "git checkout HEAD -- .herokuclock.toml", None),
    (
        "git rm -q .herokuclock.toml; git commit -qm Gone; git commit -qm More --allow-empty",
        "update",
        r"git checkout \w+~1 -- .herokuclock.toml",
        None,
    ),
    (
        "sed -i s/^timezone.*// .herokuclock.toml; git commit -qam Broken",
        "update",
        "git log -p -- .herokuclock.toml",
        "git revert --no-edit HEAD",
    ),
]
# The same where no project is.
OUTSIDE = [
    ("true", "new My-App --yes", "Try 'my-app'", "herokuclock new my-app --yes"),
    ("true", "new shop", "--yes for the defaults", "herokuclock new shop --yes"),
    ("mkdir shop", "new shop --yes", "move it away", "rmdir shop"),
    (
        "true",
        "new shop --yes --timezone Berln",
        '"Europe/Berlin"',
        "herokuclock new shop --yes --timezone Europe/Berlin",
    ),
    ("true", "new shop --yes --python 2.7", "'3.14'", "herokuclock new shop --yes --python 3.14"),
    (
        "true",
        "new shop --yes --job 'tick hourly'",
        "Write it like --job 'refresh: interval minutes=15'",
        "herokuclock new shop --yes --job 'refresh: interval minutes=15'",
    ),
    (
        "echo zone=1 > a.toml",
        "new shop --yes --answers a.toml",
        "Did you mean timezone?",
        "echo 'timezone = \"UTC\"' > a.toml",
    ),
    (
        "echo x > a.toml",
        "new shop --yes --answers a.toml",
        'one line is enough: timezone = "Europe/Berlin"',
        "echo 'timezone = \"Europe/Berlin\"' > a.toml",
    ),
    (APP, "init", "Add --yes to do it", "herokuclock init --yes"),
    (
        f"{APP}; {COMMITTED}; echo >> app.py",
        "init --yes",
        "git add --all && git commit -m Work",
        None,
    ),
    (f"{APP}; echo 3.9 > .python-version", "init --yes", "echo 3.13 > .python-version", None),
    (
        f"{APP}; echo flask==2.0 > requirements.txt",
        "init --yes",
        r"flask==3\.\d\.\d",
        "echo flask==3.1.2 > requirements.txt",
    ),
    (TWO_BLOCK, "init --yes", "clock: python a.py", "echo 'clock: python a.py' > Procfile"),
    (
        f"{APP}; echo 'clock: python no.py' > Procfile; touch mine.py",
        "init --yes",
        "Write it as `clock: python FILE`",
        "echo 'clock: python mine.py' > Procfile",
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize(("given", "typed", "told", "then"), IN_PROJECT)
def test_what_is_told_in_a_project_is_typed_and_all_is_well(
    run: Run, lonely: Path, given: str, typed: str, told: str, then: str | None
) -> None:
    run("new", "shop", "--yes")
    follow(run, lonely / "shop", given, typed, told, then)


@pytest.mark.slow
@pytest.mark.parametrize(("given", "typed", "told", "then"), OUTSIDE)
def test_what_is_told_outside_of_one_is_typed_and_all_is_well(
    run: Run, lonely: Path, given: str, typed: str, told: str, then: str | None
) -> None:
    here = lonely / "here"
    here.mkdir()
    follow(run, here, given, typed, told, then)


def follow(run: Run, here: Path, given: str, typed: str, told: str, then: str | None) -> None:
    """Break it, be refused, do as told, and see that what was refused works now."""
    typed_in_bash(given, here)
    refused = run(*shlex.split(typed), cwd=here)
    found = re.search(told if then is None or "\\" in told else re.escape(told), refused.stderr)
    assert refused.returncode and found, refused.stderr
    then = then or found[0]
    if then.startswith(OURS):
        words = shlex.split(then.removeprefix(OURS))
        mended = run(*words, *(["--yes"] if words == ["init"] else []), cwd=here)
        assert mended.returncode == 0, mended.stdout + mended.stderr
    else:
        typed_in_bash(then, here)
    if not then.startswith(OURS + typed.split()[0]):
        again = run(*shlex.split(typed), cwd=here)
        assert again.returncode == 0, again.stdout + again.stderr


def typed_in_bash(line: str, here: Path) -> None:
    done = subprocess.run(["bash", "-euc", line], cwd=here, capture_output=True, text=True)
    assert done.returncode == 0, line + done.stdout + done.stderr
