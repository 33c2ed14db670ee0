"""The help of the program: its commands in groups, in the order in which they are needed."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from typing import Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException
from typer.models import CommandInfo


class Grouped(TyperGroup):
    """The commands below the heading of their group."""

    titles: Mapping[str, str] = {}

    def make_context(self, *args: Any, **more: Any) -> Any:
        """Read what stands before the command."""
        with _as_started():
            return super().make_context(*args, **more)

    def invoke(self, ctx: Any) -> Any:
        """Read the command's own words, and do it."""
        with _as_started():
            return super().invoke(ctx)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write one list for each group; none of the summaries is cut."""
        rows: dict[str, list[tuple[str, str]]] = {}
        for name, command in self.commands.items():
            summary = (command.help or "").partition("\n")[0]
            rows.setdefault(self.titles[name], []).append((name, summary))
        width = max(map(len, self.commands))
        for title, commands in rows.items():
            with formatter.section(typer.style(title, bold=True)):
                formatter.write_dl([(name.ljust(width), summary) for name, summary in commands])


@contextmanager
def _as_started() -> Iterator[None]:
    """Let who has mistyped be told of a help that can be typed here."""
    try:
        yield
    except TyperException as error:
        from herokuclock import program

        if ctx := getattr(error, "ctx", None):
            ctx.find_root().info_name = program.command()
        raise


def add(app: typer.Typer, title: str, group: typer.Typer) -> None:
    """Take a group's commands into the program."""
    for command in group.registered_commands:
        Grouped.titles = {**Grouped.titles, _name(command): title}
    app.add_typer(group)


def narrowed(app: typer.Typer, words: Sequence[str]) -> typer.Typer:
    """Return the program with no other command than the one that is asked for.

    Typer looks at every option of every command that it is given.
    """
    groups = (group.typer_instance for group in app.registered_groups)
    commands = [each for group in groups if group for each in group.registered_commands]
    named = [command for command in commands if [_name(command)] == [*words[:1]]]
    if not named:
        return app
    alone = copy(app)
    alone.registered_groups, alone.registered_commands = [], named
    return alone


def _name(command: CommandInfo) -> str:
    assert command.callback
    return command.name or command.callback.__name__
