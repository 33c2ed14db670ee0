"""The lines that a new job gets: its decorators, its function, its test."""

import ast
import re
from collections.abc import Mapping, Sequence
from typing import Protocol

DOC = "Say what this job does; it is shown beside its runs."
LONGEST_DOC = 86
WIDTH = 100


class Schedule(Protocol):
    """What this module needs to know of a schedule."""

    @property
    def kind(self) -> str: ...

    @property
    def keywords(self) -> Mapping[str, str | int]: ...

    def source(self) -> str:
        """Return the arguments of the decorator: `"cron", hour="17"`."""
        ...


def decorators(scheduler: str, schedules: Sequence[Schedule], indent: str) -> list[str]:
    """Return one decorator per schedule, broken where `ruff format` breaks it."""
    lines = []
    for schedule in schedules:
        arguments = schedule.source()
        lines += _decorator(f"@{scheduler}.scheduled_job(", arguments, indent)
    return lines


def function(name: str, doc: str | None, log: str, indent: str, room: int = 2) -> list[str]:
    """Return the function; `room` is told by its looks (see `room_of`)."""
    arrow = " -> None" if room == 0 else ""
    gap = [""] if room == 1 else []
    text = one_line(doc or "") or DOC
    return [f"def {name}(){arrow}:", f'{indent}"""{text}"""', *gap, f'{indent}{log}("{name} ran")']


def room_of(name: str, lines: Sequence[str]) -> int | None:
    """Return the blank lines that stood where the job was added; None for an edited function.

    Above and below a function `ruff format` wants two blank lines. Where there was one or none, its
    number is kept in the function's looks, for else `remove` could not give back the same bytes.
    """
    found = re.fullmatch(
        rf'def {name}\(\)(?P<none> -> None)?:\n(?P<indent>[ \t]+)"""[^"\n]*"""\n(?P<one>\n)?'
        rf'(?P=indent)(?:[\w.]+\.info|[\w.]+\("jobs"\)\.info|print)\("{name} ran"\)',
        "\n".join(line.rstrip("\r\n") for line in lines),
    )
    if not found or (found["none"] and found["one"]):
        return None
    return 0 if found["none"] else 1 if found["one"] else 2


def one_line(doc: str) -> str:
    """Return the text as it may stand in a docstring: one line, nothing that could end it."""
    plain = "".join(char if char.isprintable() else " " for char in doc).replace('"', "'")
    return " ".join(plain.split()).replace("\\", "\\\\")


def test_path(name: str) -> str:
    """Return where in the project the job's test is."""
    return f"tests/test_job_{name}.py"


def test_source(
    name: str,
    *,
    prints: bool = False,  # noqa: PT028, it is no test
    module: str = "jobs",  # noqa: PT028
) -> str:
    """Return the job's test: a plain function that logs (or prints) its line."""
    if prints:
        return f'''"""{name} is a plain function that prints its line."""

from {module} import {name}


def test_{name}_prints_its_line(capsys):
    {name}()
    assert "{name} ran" in capsys.readouterr().out
'''
    return f'''"""{name} is a plain function that logs its line."""

import logging

from {module} import {name}


def test_{name}_logs_its_line(caplog):
    caplog.set_level(logging.INFO)
    {name}()
    assert "{name} ran" in caplog.text
'''


def _decorator(head: str, arguments: str, indent: str) -> list[str]:
    if len(head) + len(arguments) + 1 <= WIDTH:
        return [f"{head}{arguments})"]
    if len(f"{indent}{arguments}".expandtabs(4)) <= WIDTH:
        return [head, f"{indent}{arguments}", ")"]
    whole = f"f({arguments})"
    call = ast.parse(whole, mode="eval").body
    assert isinstance(call, ast.Call)
    parts = [ast.get_source_segment(whole, part) for part in (*call.args, *call.keywords)]
    return [head, *(f"{indent}{part}," for part in parts), ")"]
