"""The dashboard, put into the file that makes the Flask app: an import and a line below."""

import ast
from collections.abc import Iterable

from herokuclock.check import reach
from herokuclock.check.findings import Site
from herokuclock.init.app_place import AppPlace
from herokuclock.jobs.anchors import last_name
from herokuclock.jobs.source import PythonSource, parse

MODULE = "clockdyno.dashboard"
IMPORT = f"from {MODULE} import dashboard"
REGISTER = "{app}.register_blueprint({name})"


def is_there(site: Site, files: Iterable[str]) -> bool:
    """Say whether any of these files has the dashboard already."""
    return any(MODULE.encode() in site.content(file) for file in files)


def doubt(site: Site, files: Iterable[str]) -> str | None:
    """Say why the dashboard may not fit into this app."""
    for file in files:
        module = reach.parsed(site, file)
        for node in ast.walk(module) if module else ():
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                if node.value == "/clock" or node.value.startswith("/clock/"):
                    return f"{file}:{node.lineno} has an address /clock of its own"
            elif isinstance(node, ast.Call) and last_name(node.func) == "Blueprint" and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and first.value == "clock":
                    return f"{file}:{node.lineno} has a blueprint named clock"
    return None


def guards_forms(site: Site, files: Iterable[str]) -> str | None:
    """Return the name of the app's CSRFProtect, which would refuse the dashboard's buttons."""
    for file in files:
        module = reach.parsed(site, file)
        for node in ast.walk(module) if module else ():
            value = node.value if isinstance(node, ast.Assign) else None
            kind = last_name(value.func) if isinstance(value, ast.Call) else ""
            if kind in ("CSRFProtect", "CsrfProtect"):
                assert isinstance(node, ast.Assign)
                return last_name(node.targets[0])
    return None


def mounted(source: str, place: AppPlace) -> str | None:
    """Return the file with the dashboard in it; None where no line is free for it."""
    file = parse(source, place.file)
    statement = _same(file.tree, place.statement)
    if statement is None or _shares_its_line(file, statement):
        return None
    taken = _is_named(file, "dashboard")
    name = "clock_dashboard" if taken else "dashboard"
    importing = IMPORT + (f" as {name}" if taken else "")
    end = statement.end_lineno or statement.lineno
    indent = (
        file.lines[statement.lineno - 1].encode()[: statement.col_offset].decode().lstrip("\ufeff")
    )
    line = indent + REGISTER.format(app=place.name, name=name)
    above = _import_of_flask(file)
    new = [line] if above is not None else [indent + importing, line]
    newline = file.newline_at(end)
    if file.lines[end - 1].endswith(("\r", "\n")):
        text = "".join(f"{each}{newline}" for each in new)
    else:
        text = "".join(f"{newline}{each}" for each in new)
    at = sum(map(len, file.lines[:end]))
    spans = [(at, at, text)]
    if above is not None:
        begin = file.offset(above, 0)
        spans.append((begin, begin, importing + file.newline_at(above)))
    return parse(file.with_spans(spans), place.file).text


def _is_named(file: PythonSource, name: str) -> bool:
    """Say whether a name means something anywhere in the file, be it inside a function."""
    return any(
        name in (getattr(node, "id", None), getattr(node, "name", None), getattr(node, "arg", None))
        for node in ast.walk(file.tree)
    )


def _same(tree: ast.Module, statement: ast.Assign) -> ast.Assign | None:
    """Return the statement of another tree of the same file."""
    place = (statement.lineno, statement.col_offset)
    found = (n for n in ast.walk(tree) if isinstance(n, ast.Assign))
    return next((n for n in found if (n.lineno, n.col_offset) == place), None)


def _import_of_flask(file: PythonSource) -> int | None:
    """Return the line of the module's import of Flask, above which the dashboard's belongs."""
    for node in file.tree.body:
        if isinstance(node, ast.ImportFrom | ast.Import):
            module = getattr(node, "module", None) or node.names[0].name
            if module.split(".")[0] == "flask" and not _shares_its_line(file, node):
                return node.lineno
    return None


def _shares_its_line(file: PythonSource, node: ast.stmt) -> bool:
    before = file.lines[node.lineno - 1].encode()[: node.col_offset].decode()
    start, end = file.span(node)
    rest = file.text[end:].splitlines()[:1] or [""]
    after = rest[0].strip()
    return (
        bool(before.strip(" \t\ufeff")) or bool(after and not after.startswith("#")) or start == end
    )
