"""What people look at: at 80 and at 120 columns no line is too long, and none is cut."""

import io
import re

import pytest
from clockdyno.schedule import listing
from herokuclock import screen
from herokuclock.cli import app
from support.program import Run
from typer.main import get_command

ARTICLE = "cron day_of_week=sat-sun hour=12-16 minute=0-59/15"
COMMANDS = sorted(get_command(app).commands)  # type: ignore[attr-defined]
# One after the other, in a folder that is empty at first; each with the way it ends.
TYPED = (
    (1, "next"),
    (1, "status"),
    (2, "new", "My App", "--yes"),
    (2, "new", "myapp", "--yes", "--timezone", "Berln"),
    (2, "new", "myapp", "--yes", "--job", "tick: evry 15 mins"),
    (0, "new", "myapp", "--dry-run", "--yes"),
    (0, "new", "myapp", "--yes", "--timezone", "America/New_York", "--job", f"weekend: {ARTICLE}"),
    (1, "new", "myapp", "--yes"),
    (0, "explain", ARTICLE, "--timezone", "America/New_York"),
    (0, "explain", "every 2 hours from 9am to 5pm on weekdays"),
    (2, "explain", "9 to 5"),
    (2, "explain", "0 0 9 * * 1-5"),
)
MOST = 240  # three lines of a terminal
IN_PROJECT = (
    (0, "check"),
    (0, "add", "a_report_whose_name_is_long", "weekdays", "at", "17:00"),
    (0, "add", "tick", "mondays at 9 and weekends at 11"),
    (1, "add", "tick", "hourly"),
    (1, "add", "my-job", "hourly"),
    (0, "add", "never", "0 9 31 2 *"),
    (0, "next"),
    (0, "next", "weekend"),
    (1, "next", "wekend"),
    (0, "next", "--calendar", "--from", "2027-03-08"),
    (1, "remove", "nothing"),
    (0, "remove", "tick"),
    (0, "check"),
    (0, "workers", "on", "--dry-run"),
    (0, "init"),
    (0, "update"),
    (2, "deplyo"),
)


@pytest.fixture(params=[80, 120])
def columns(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Let the terminal have so many columns."""
    width: int = request.param
    monkeypatch.setenv("COLUMNS", str(width))
    for module in (screen, listing):
        monkeypatch.setattr(module, "width", lambda: width)
    return width


def cut(text: str, columns: int) -> list[str]:
    """Return the lines that are too long, and those that end before their words do.

    What an error or a finding says may be long: it is one line for those who search it, and the
    terminal breaks it.
    """
    lines = [line for line in text.splitlines() if not line.startswith(("Usage: ", "warning: "))]
    return [line for line in lines if len(line) > columns or re.search(r"(\.\.\.|…)$", line)]


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_no_help_is_cut(run: Run, columns: int, name: str) -> None:
    told = run(*filter(None, [name]), "--help")

    assert told.returncode == 0
    assert cut(told.stdout, columns) == []


def test_what_is_wrong_is_one_line_in_a_pipe_and_breaks_between_words_at_a_terminal(
    monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    text, streams = "error: " + "jobs.py:12 names a/path/of-several.parts " * 9, []
    for is_terminal in (True, False):
        stream = io.StringIO()
        monkeypatch.setattr(stream, "isatty", lambda is_terminal=is_terminal: is_terminal)
        screen.tell(text.strip(), "", stream)
        streams.append(stream.getvalue())
    folded, whole = streams

    assert whole == text.strip() + "\n"
    assert " ".join(folded.split()) == text.strip()
    assert len(folded.splitlines()) > 1 and max(map(len, folded.splitlines())) <= columns


def test_no_screen_of_a_new_project_is_cut(
    run: Run, columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong: list[object] = []
    for folder, typed in ((".", TYPED), ("myapp", IN_PROJECT)):
        monkeypatch.chdir(folder)
        for code, *words in typed:
            done = run(*map(str, words))
            wrong += [(words, line) for line in cut(done.stdout, columns)]
            wrong += [(words, line) for line in cut(done.stderr, MOST)]
            wrong += [(words, done.stdout + done.stderr)] if done.returncode != code else []
    print(*wrong, sep="\n")
    assert wrong == []
