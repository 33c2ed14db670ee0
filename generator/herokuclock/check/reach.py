"""Which of the project's own files are loaded by what the Procfile starts, and what they import."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from herokuclock.check import started
from herokuclock.check.findings import Site
from herokuclock.check.started import Start
from herokuclock.jobs.anchors import last_name
from herokuclock.jobs.source import tree


@dataclass(frozen=True)
class Import:
    """One import: the module as written, what is taken from it, and how far up it begins."""

    module: str
    names: tuple[str, ...]
    level: int
    line: int


@cache
def parsed(site: Site, file: str) -> ast.Module | None:
    """Return a file's syntax tree, None where it has none."""
    return tree(site.content(file).decode("utf-8-sig", "replace"))


@cache
def loaded(site: Site, start: Start) -> tuple[str, ...]:
    """Return the project's own files that a start loads, the first one first."""
    found: dict[str, None] = {}
    waiting = list(first_files(site, start))
    while waiting:
        file = waiting.pop(0)
        if file not in found and file.endswith(".py"):
            found[file] = None
            for each in imports(site, file):
                waiting += _files(site, start, file, each)
    return tuple(found)


@cache
def everything(site: Site) -> tuple[str, ...]:
    """Return all files that any line of the Procfile loads."""
    starts = started.of(site)
    return tuple(dict.fromkeys(file for start in starts for file in loaded(site, start)))


def first_files(site: Site, start: Start) -> Iterator[str]:
    """Yield the files that a start itself names; a package's own come before its module."""
    if start.script and site.has_file(start.script):
        yield start.script
    if start.module:
        yield from files_of(site, start.roots, start.module)
        if start.program == "python":
            yield from files_of(site, start.roots, f"{start.module}.__main__")


def files_of(site: Site, roots: tuple[str, ...], module: str) -> list[str]:
    """Return the files that importing a module of the project loads."""
    parts = module.split(".")
    for root in roots:
        found = []
        for end in range(1, len(parts) + 1):
            path = "/".join(filter(None, [root, *parts[:end]]))
            found += [f for f in (f"{path}/__init__.py", f"{path}.py") if f in site.files][:1]
        if found or "/".join(filter(None, [root, parts[0]])) in site.folders:
            return found
    return []


def _files(site: Site, start: Start, file: str, each: Import) -> list[str]:
    roots, module = start.roots, each.module
    if each.level:
        folder = file.split("/")[: -each.level]
        roots = ("/".join(folder),)
    inner = [f"{module}.{name}".strip(".") for name in each.names]
    found = files_of(site, roots, module) if module else []
    return found + [other for name in inner for other in files_of(site, roots, name)]


@cache
def imports(site: Site, file: str) -> tuple[Import, ...]:
    """Return what a file imports whatever happens: not what it tries, nor what only types need."""
    module = parsed(site, file)
    return tuple(_imports(module)) if module else ()


def _imports(module: ast.Module) -> Iterator[Import]:
    waiting: list[ast.AST] = [module]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, (), 0, node.lineno)
        elif isinstance(node, ast.ImportFrom):
            names = tuple(alias.name for alias in node.names)
            yield Import(node.module or "", names, node.level, node.lineno)
        elif isinstance(node, ast.Try | ast.TryStar) or (
            isinstance(node, ast.If) and _is_for_types(node.test)
        ):
            waiting += node.orelse
            waiting += getattr(node, "finalbody", [])
        else:
            waiting += ast.iter_child_nodes(node)


def _is_for_types(test: ast.expr) -> bool:
    return last_name(test) == "TYPE_CHECKING"


def is_own(site: Site, start: Start, module: str) -> bool:
    """Say whether a top-level module is the project's, as far as its files tell."""
    for root in start.roots:
        path = f"{root}/{module}" if root else module
        if f"{path}.py" in site.files or path in site.folders:
            return True
        if any(
            name.startswith(f"{path}.") and name.endswith((".so", ".pyd")) for name in site.files
        ):
            return True
    # What is in a submodule that was not fetched here.
    return f"path = {module}" in site.text(".gitmodules")
