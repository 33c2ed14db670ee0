"""Checks of what is kept on a dyno's disk, which is gone with the next restart."""

import ast
from collections.abc import Iterator

from herokuclock.check import reach
from herokuclock.check.findings import Finding, Site
from herokuclock.jobs.anchors import last_name

# Whoever writes there knows that it is not kept.
TEMPORARY = "/tmp/"  # noqa: S108


def databases(site: Site) -> Iterator[Finding]:
    """No SQLite file holds what is to last."""
    for file in reach.everything(site):
        module = reach.parsed(site, file)
        for node in ast.walk(module) if module else ():
            if name := _opened(node):
                yield Finding(
                    "disk",
                    f"{file}:{node.lineno} keeps {name} on the dyno's disk, "  # type: ignore[attr-defined]
                    "which is emptied with every restart, once a day at least.",
                    "Keep it in the database at DATABASE_URL.",
                    "warning",
                )


def _opened(node: ast.AST) -> str | None:
    """Return the file that a call opens as a database."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
        return None
    if node.func.attr != "connect" or last_name(node.func.value) not in ("sqlite3", "aiosqlite"):
        return None
    first = node.args[0]
    name = first.value if isinstance(first, ast.Constant) else None
    if not isinstance(name, str) or ":memory:" in name or name.startswith(TEMPORARY) or not name:
        return None
    return name
