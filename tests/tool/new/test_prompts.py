"""`herokuclock new` at a real terminal: the prompts, driven as a person's fingers would."""

import os
import pty
import sys
import termios
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pexpect
import pytest
from ptyprocess import PtyProcess
from support import forks
from support.files import tree
from support.program import Run

UP, DOWN, ENTER = "\x1b[A", "\x1b[B", "\r"


class Terminal(pexpect.spawn):
    """A terminal in which a program of Python begins."""

    def _spawnpty(self, program: list[str], **options: Any) -> PtyProcess:
        ours, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, options["dimensions"])
        files = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
        process = forks.Brief(program[1:], env=options["env"], **files)
        process.returncode = 0  # It is the terminal that waits for its end.
        os.close(theirs)
        return PtyProcess(process.pid, ours)


@pytest.fixture
def terminal() -> Iterator[pexpect.spawn]:
    child = Terminal(
        sys.executable,
        ["-m", "herokuclock", "new"],
        encoding="utf-8",
        dimensions=(24, 80),
        timeout=150,
        # This terminal does not tell where its cursor is, and each prompt would wait for that.
        env={**os.environ, "TERM": "xterm-256color", "PROMPT_TOOLKIT_NO_CPR": "1"},
    )
    child.delaybeforesend = None
    yield child
    child.close(force=True)


def answer(child: pexpect.spawn, prompt: str, *keys: str) -> None:
    child.expect(prompt)
    for key in keys:
        child.send(key)


def add_job(child: pexpect.spawn, number: int, name: str, when: str) -> None:
    if number > 1:
        answer(child, f"{number - 1} jobs? so far", DOWN, ENTER)
    answer(child, f"Job {number}", name, ENTER)
    answer(child, f"When does {name} run", when, ENTER)


def take_the_example(child: pexpect.spawn) -> None:
    """Press Enter until the jobs are asked for."""
    answer(child, "Job 1", ENTER)
    answer(child, "When does hello run", ENTER)
    answer(child, "1 job so far", ENTER)


def test_prompts_give_the_same_bytes_as_flags(
    run: Run, lonely: Path, terminal: pexpect.spawn
) -> None:
    answer(terminal, "Name of the project", "myapp", ENTER)
    answer(terminal, "Time zone", "Europe/Berlin", ENTER)
    weekend = "day_of_week=sat-sun hour=12-16 minute=0-59/15 timezone=America/New_York"
    add_job(terminal, 1, "refresh", "every 15 minutes")
    add_job(terminal, 2, "weekend", f"cron {weekend}")
    add_job(terminal, 3, "party", 'date run_date="2031-01-05 09:00"')
    answer(terminal, "3 jobs so far", ENTER)
    answer(terminal, "Python version", ENTER)
    answer(terminal, "What manages the packages", ENTER)
    answer(terminal, "Where do jobs run", ENTER)
    answer(terminal, "All right", ENTER)
    terminal.expect("Made myapp")
    terminal.expect(pexpect.EOF)
    by_prompts = tree(lonely / "myapp")
    (lonely / "myapp").rename(lonely / "by-prompts")

    jobs = (
        "refresh: interval minutes=15",
        f"weekend: cron {weekend}",
        'party: date run_date="2031-01-05 09:00"',
    )
    flags = [word for job in jobs for word in ("--job", job)]
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    run("new", "myapp", "--timezone", "Europe/Berlin", "--python", python, *flags)

    assert by_prompts == tree(lonely / "myapp")


def test_a_bad_answer_is_refused_where_it_is_typed(terminal: pexpect.spawn, lonely: Path) -> None:
    answer(terminal, "Name of the project", "My App", ENTER)
    terminal.expect("my-app")
    for _ in "My App":
        terminal.send("\x7f")
    terminal.send("myapp" + ENTER)
    answer(terminal, "Time zone", "Europe/Berln", ENTER)
    terminal.expect('Did you mean "Europe/Berlin"')
    terminal.sendintr()
    terminal.expect("nothing was written")
    terminal.expect(pexpect.EOF)
    terminal.wait()

    assert terminal.exitstatus == 130
    assert list(lonely.iterdir()) == []


def test_an_error_is_shown_whole_below_what_was_typed(terminal: pexpect.spawn) -> None:
    answer(terminal, "Name of the project", "myapp", ENTER)
    answer(terminal, "Time zone", ENTER)
    answer(terminal, "Job 1", "my job", ENTER)
    terminal.expect("no job name: a letter first, then letters, digits and _[.].*Try 'my_job'")

    assert terminal.after.count("\n") == 1
    answer(terminal, "", "\x15", "report", ENTER)
    answer(terminal, "When", "cron hour=25", ENTER)
    terminal.expect_exact("hour: 25 is not between 0 and 23.")
    terminal.expect_exact('Did you mean "cron hour=23"?')


@pytest.mark.slow
def test_a_part_that_only_one_zone_has_is_enough(terminal: pexpect.spawn) -> None:
    answer(terminal, "Name of the project", "myapp", ENTER)
    answer(terminal, "Time zone", "BERLI", ENTER)
    take_the_example(terminal)
    answer(terminal, "Python version", ENTER)
    answer(terminal, "What manages the packages", ENTER)
    answer(terminal, "Where do jobs run", ENTER)
    terminal.expect("timezone +Europe/Berlin +[(]you[)]")


@pytest.mark.slow
def test_ctrl_d_leaves_as_ctrl_c_does(terminal: pexpect.spawn, lonely: Path) -> None:
    answer(terminal, "Name of the project", "\x04")
    terminal.expect("nothing was written")
    terminal.expect(pexpect.EOF)
    terminal.wait()

    assert terminal.exitstatus == 130
    assert list(lonely.iterdir()) == []


@pytest.mark.slow
def test_an_answer_can_be_changed_in_the_review(terminal: pexpect.spawn, lonely: Path) -> None:
    answer(terminal, "Name of the project", "myapp", ENTER)
    answer(terminal, "Time zone", ENTER)
    take_the_example(terminal)
    answer(terminal, "Python version", ENTER)
    answer(terminal, "What manages the packages", ENTER)
    answer(terminal, "Where do jobs run", ENTER)
    answer(terminal, "All right", DOWN, ENTER)
    answer(terminal, "Name of the project", "other", ENTER)
    terminal.expect("other")
    answer(terminal, "All right", ENTER)
    terminal.expect("Made other")
    terminal.expect(pexpect.EOF)

    assert [path.name for path in lonely.iterdir()] == ["other"]


def test_cancel_in_the_review_writes_nothing(terminal: pexpect.spawn, lonely: Path) -> None:
    answer(terminal, "Name of the project", "myapp", ENTER)
    answer(terminal, "Time zone", ENTER)
    take_the_example(terminal)
    answer(terminal, "Python version", ENTER)
    answer(terminal, "What manages the packages", ENTER)
    answer(terminal, "Where do jobs run", ENTER)
    answer(terminal, "All right", *[DOWN] * 7, ENTER)
    terminal.expect("nothing was written")
    terminal.expect(pexpect.EOF)

    assert list(lonely.iterdir()) == []


def test_from_every_question_there_is_a_way_back_to_the_one_before(
    terminal: pexpect.spawn,
) -> None:
    answer(terminal, "Name of the project", "myapp", ENTER)
    answer(terminal, "Time zone", "UTC", ENTER)
    answer(terminal, "Job 1", "<", ENTER)
    answer(terminal, "Time zone of the jobs [(]Enter: UTC[)]", "<", ENTER)
    answer(terminal, "Name of the project.*Enter: myapp", ENTER)
    answer(terminal, "Time zone", "Asia/Tokyo", ENTER)
    answer(terminal, "Job 1", ENTER)
    answer(terminal, "When does hello run", "<", ENTER)
    answer(terminal, "Job 1", ENTER)
    answer(terminal, "When does hello run", ENTER)
    answer(terminal, "1 job so far", UP, ENTER)
    answer(terminal, "Time zone of the jobs [(]Enter: Asia/Tokyo[)]", ENTER)
    answer(terminal, "1 job so far", ENTER)
    answer(terminal, "Python version", ENTER)
    # Without uv on the PATH pip is offered, the last before the way back.
    answer(terminal, "What manages the packages", DOWN, ENTER)
    answer(terminal, "Python version", ENTER)
    answer(terminal, "What manages the packages", ENTER)
    answer(terminal, "Where do jobs run", ENTER)

    terminal.expect("timezone +Asia/Tokyo")
    terminal.expect("jobs +1 +[(]you[)]")


def test_a_job_is_changed_and_taken_out_without_typing_the_others_again(
    terminal: pexpect.spawn,
) -> None:
    answer(terminal, "Name of the project", "myapp", ENTER)
    answer(terminal, "Time zone", ENTER)
    add_job(terminal, 1, "first", "hourly")
    add_job(terminal, 2, "second", "every day at 5pm")
    answer(terminal, "2 jobs so far", DOWN, DOWN, ENTER)
    answer(terminal, "function's name [(]Enter: first[)]", ENTER)
    answer(terminal, "When does first run[?] [(]Enter: hourly[)]", "every monday at 9", ENTER)
    answer(terminal, "2 jobs so far", UP, UP, ENTER)
    answer(terminal, "1 job so far", ENTER)
    answer(terminal, "Python version", ENTER)
    answer(terminal, "What manages the packages", ENTER)
    answer(terminal, "Where do jobs run", ENTER)

    terminal.expect("jobs +1 +[(]you[)]")
    terminal.expect("first +Mon .*At 09:00, on Monday")
