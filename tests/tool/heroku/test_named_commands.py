"""Each `heroku` command that we tell people to type is one of the real CLI, with its options."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from loopback.owner import heroku_program
from support.files import REPOSITORY

SAID = re.compile(r"\bheroku ([a-z]+(?::[a-z]+)*)([^\"`\n]*)")
OPTION = re.compile(r"(?<=\s--)[a-z][a-z-]*")
PROSE = {"command", "does", "import", "is", "itself", "main", "master"}  # May follow the name.
PLACES = (("generator/herokuclock", "*.py"), ("template", "*.md"), ("docs", "*.md"))


def test_each_is_a_command_of_heroku_which_knows_its_options() -> None:
    known = dict(commands(Path(heroku_program()).resolve()))
    files = [file for folder, name in PLACES for file in (REPOSITORY / folder).rglob(name)]
    said = [each for file in files for each in SAID.findall(file.read_text())]

    assert len(said) > 40
    assert {name for name, _ in said} - {*known} <= PROSE
    for name, rest in said:
        assert {*OPTION.findall(rest)} <= known.get(name, {*()}) | {"help"}, (name, rest)


def commands(program: Path) -> Iterator[tuple[str, set[str]]]:
    """Read each command of the installed CLI, by all its names, with its options."""
    modules = next(folder for folder in program.parents if folder.name == "node_modules")
    for file in [*modules.glob("heroku/oclif.manifest.json"), *modules.glob("@oclif/*/oclif.m*")]:
        for name, facts in json.loads(file.read_text())["commands"].items():
            for each in (name, *facts["aliases"], *facts.get("hiddenAliases", ())):
                yield each, {*facts["flags"]}
