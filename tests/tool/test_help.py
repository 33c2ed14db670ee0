"""The help: groups of commands, whole summaries, an example that is a command of the program."""

import re
import shlex

import pytest
from herokuclock import program
from herokuclock.cli import app
from support.files import REPOSITORY
from support.program import Run
from typer.main import get_command

COMMANDS = sorted(get_command(app).commands)  # type: ignore[attr-defined]
SAID = re.compile(r"herokuclock ([a-z]+)((?: --?[a-z][a-z-]*(?: [^-\s]\S*)?)*)")
PROSE = {"does", "import", "is", "itself", "knows", "runs"}  # What may follow the name, too.
OPTION = re.compile(r"(?<= )--?[a-z][a-z-]*")


def test_every_command_stands_in_a_group_and_no_summary_is_cut(run: Run) -> None:
    told = run("--help").stdout

    groups = re.findall(r"^(\w[\w ]+):$", told, re.MULTILINE)
    assert groups == [
        "Options",
        "Make a project",
        "Jobs and when they run",
        "On this machine",
        "On Heroku",
    ]
    assert sorted(re.findall(r"^  ([a-z]+) {2,}[A-Z]", told, re.MULTILINE)) == COMMANDS
    assert not re.search(r"^  .*\.\.\.$", told, re.MULTILINE)
    assert max(map(len, told.splitlines())) <= 80


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_an_example_of_itself_whose_options_it_knows(run: Run, name: str) -> None:
    told = run(name, "--help").stdout

    (example,) = re.findall(r"Example: (.*)", told)
    program, command, *words = shlex.split(example)
    assert (program, command) == ("herokuclock", name)
    assert all(word in told for word in words if word.startswith("-"))


@pytest.mark.parametrize("mistyped", [["deploy", "--aap"], ["--aap"], ["deplyo"]])
def test_who_mistypes_is_told_of_a_help_that_can_be_typed_here(
    run: Run, monkeypatch: pytest.MonkeyPatch, mistyped: list[str]
) -> None:
    monkeypatch.setattr(program, "_name", lambda _: "/my/tool/bin/herokuclock")
    refused = run(*mistyped)

    (help_,) = re.findall("Try '(.*)' for help", refused.stderr)
    assert shlex.split(help_)[0] == "/my/tool/bin/herokuclock"
    assert run(*shlex.split(help_)[1:]).returncode == 0


def test_a_mistyped_command_is_answered_with_the_one_that_was_meant(run: Run) -> None:
    refused = run("deplyo")

    assert refused.returncode == 2
    assert "Did you mean 'deploy'?" in refused.stderr


def test_each_command_that_a_message_names_is_one_and_knows_its_options() -> None:
    files = (REPOSITORY / "generator/herokuclock").rglob("*.py")
    said = [each for file in files for each in SAID.findall(file.read_text())]

    assert {name for name, _ in said} - {*COMMANDS} <= PROSE
    commands = get_command(app).commands  # type: ignore[attr-defined]
    for name, options in said:
        for option in OPTION.findall(options):
            known = {word for each in commands[name].params for word in each.opts}
            assert option in known, (name, option)
