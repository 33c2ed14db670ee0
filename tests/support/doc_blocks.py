"""The code blocks of a page, and what is done with each: run, parsed, or a reason why neither."""

import contextlib
import json
import re
import shlex
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pytest
import typer.main
import yaml
from herokuclock import cli

from support import forks
from support.files import REPOSITORY
from support.program import Run

DOCS = REPOSITORY / "docs"
BLOCK = re.compile(r"^```(\{?\w+\}?)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# Commands of ours that a page shows and that cannot be run here; their options are parsed.
PARSED = {
    "run": "serves until Ctrl-C",
    **dict.fromkeys(
        ("deploy", "scale", "status", "logs", "open", "destroy"),
        "needs a Heroku, and tests/loopback has one",
    ),
    "workers": "edits requirements, and installs",
}
# Programs of others, which only their owners' machines answer.
ELSEWHERE = {
    "heroku": "a Heroku account",
    "git": "a host to push to",
    "dokku": "a server with Dokku",
    "scalingo": "an account at Scalingo",
    "fly": "an account at Fly",
}
PROCFILE_LINE = re.compile(r"[a-z]+: \S.*")


class Block(NamedTuple):
    """A block's language, and its text."""

    language: str
    text: str

    @property
    def file(self) -> str | None:
        """The file that its first line says it is."""
        found = re.match(r"# ([\w.]+\.\w+)(;.*)?$", self.text.partition("\n")[0])
        return found and found[1]


def blocks(page: Path) -> list[Block]:
    """Return the blocks of a page in their order, but for its tables of contents."""
    found = [Block(*each) for each in BLOCK.findall(page.read_text(encoding="utf-8"))]
    return [block for block in found if block.language != "{toctree}"]


class Reader:
    """Somebody who follows a page from its top to its end, in a folder."""

    def __init__(self, folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self._run, self._monkeypatch = folder, run, monkeypatch
        self.names: dict[str, Any] = {"__name__": "page"}
        self.did: list[str] = []

    def follow(self, block: Block) -> None:
        """Do what a block says; a language that nobody knows here is an error."""
        known: dict[str, Callable[[Block], None]] = {
            "python": self._python,
            "console": self._console,
            "toml": lambda block: self._data(block, tomllib.loads),
            "json": lambda block: self._data(block, json.loads),
            "yaml": lambda block: self._data(block, yaml.safe_load),
            "procfile": lambda block: self._data(block, _lines),
        }
        known[block.language](block)

    def _data(self, block: Block, parse: Callable[[str], Any]) -> None:
        assert parse(block.text)
        self._write(block)

    def _write(self, block: Block) -> None:
        if block.file:
            (self.folder / block.file).write_text(block.text, encoding="utf-8")

    def _python(self, block: Block) -> None:
        self._write(block)
        if block.file:
            module = ModuleType(block.file.removesuffix(".py"))
            module.__file__ = str(self.folder / block.file)
            self._monkeypatch.setitem(sys.modules, module.__name__, module)
            names = module.__dict__
        else:
            names = self.names
        before = set(names)
        exec(compile(block.text, block.file or "page", "exec"), names)
        for name in [name for name in names if name.startswith("test_") and name not in before]:
            names[name]()
            self.did.append(name)

    def _console(self, block: Block) -> None:
        for command, shown in _commands(block.text):
            words = shlex.split(command)
            printed = self._do(words)
            self.did.append(" ".join(words[:3]))
            for line in shown:
                assert line in printed.splitlines(), f"{command} does not print: {line}"

    def _do(self, words: list[str]) -> str:
        if words[0] == "herokuclock":
            return self._ours(words[1:])
        if words[:3] == ["python", "-m", "clockdyno"]:
            done = forks.run(words[1:], cwd=self.folder)
            assert done.returncode == 0, done.stdout + done.stderr
            return done.stdout
        assert words[0] in ELSEWHERE, f"{words[0]}: run it here, or say why that cannot be"
        return ""

    def _ours(self, words: list[str]) -> str:
        name, *rest = words
        if name in PARSED:
            command = typer.main.get_command(cli.app).commands[name]  # type: ignore[attr-defined]
            command.make_context(name, rest)
            return ""
        with contextlib.chdir(self.folder.parent if name == "new" else self.folder):
            if name == "new" and "--answers" in rest:
                rest[rest.index("--answers") + 1] = str(self.folder / "answers.toml")
            done = self._run(name, *rest)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def _commands(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each command of a console with what is shown below it."""
    head, *rest = re.split(r"^\$ ", text, flags=re.MULTILINE)
    assert not head
    for each in rest:
        command, *shown = each.splitlines()
        yield command, [line for line in shown if line]


def _lines(text: str) -> bool:
    return all(PROCFILE_LINE.fullmatch(line) for line in text.splitlines())
