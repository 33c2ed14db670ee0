"""The help of the program: its commands in groups, in the order in which they are needed."""

from collections.abc import Mapping
from typing import Any

import typer
from typer.core import TyperGroup


class Grouped(TyperGroup):
    """The commands below the heading of their group."""

    titles: Mapping[str, str] = {}

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


def add(app: typer.Typer, title: str, group: typer.Typer) -> None:
    """Take a group's commands into the program."""
    for command in group.registered_commands:
        assert command.callback
        name = command.name or command.callback.__name__
        Grouped.titles = {**Grouped.titles, name: title}
    app.add_typer(group)
