"""What a jobs.py calls its scheduler and its logger, and the line from which on it starts."""

import ast
from collections.abc import Collection, Iterator
from typing import TypeGuard

from herokuclock.errors import HerokuclockError
from herokuclock.jobs.source import PythonSource, walk_scope


def scheduler_name(file: PythonSource) -> str:
    """Return the name of the file's scheduler, the one that is started if there are several."""
    names = [name for name, _ in scheduler_calls(file)] or _used_as_scheduler(file)
    if not names:
        raise HerokuclockError(
            f"{file.name} has no scheduler.",
            'It needs a line such as: sched = Clock(timezone="UTC")',
        )
    known = set(names)
    started = {last_name(node.value) for node in ast.walk(file.tree) if _is_start(node, known)}
    return next((name for name in names if name in started), names[0])


def scheduler_calls(file: PythonSource) -> list[tuple[str, ast.Call]]:
    """Return each `name = Clock(...)` of the module, whatever the scheduler's class."""
    imported = imported_as(file)
    found = []
    for name, value in assignments(file):
        if isinstance(value, ast.Call):
            kind = last_name(value.func)
            if imported.get(kind, kind).endswith(("Clock", "Scheduler")):
                found.append((name, value))
    return found


def logger_call(file: PythonSource) -> str:
    """Return the call that logs a line here, made of names that the file really has."""
    names = [
        name
        for name, value in assignments(file)
        if isinstance(value, ast.Call) and last_name(value.func) == "getLogger"
    ]
    if names:
        return f"{'log' if 'log' in names else names[0]}.info"
    for node in _module_nodes(file):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name == "logging" or (
                    alias.name.startswith("logging.") and not alias.asname
                ):
                    return f'{alias.asname or "logging"}.getLogger("jobs").info'
    return "print"


def start_of(file: PythonSource, scheduler: str) -> int | None:
    """Return the index of the line above which a job must stand; None is the end of the file."""
    at = starting(file, scheduler)
    return None if at is None else _first_line(file, at, _known(file, scheduler))


def starting(file: PythonSource, scheduler: str) -> int | None:
    """Return the index of the statement that starts the scheduler, or guards what does."""
    body = file.tree.body
    starters = {
        node.name
        for node in body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and any(_is_start(inner, {scheduler}) for inner in ast.walk(node))
    }
    for at in range(_known(file, scheduler) + 1, len(body)):
        if is_guard(body[at]) or any(
            _is_start(inner, {scheduler}) or _is_call_of(inner, starters)
            for inner in walk_scope(body[at])
        ):
            return at
    return None


def _known(file: PythonSource, scheduler: str) -> int:
    body = enumerate(file.tree.body)
    return next((i for i, node in body if scheduler in _bound_by(node)), -1)


def assignments(file: PythonSource) -> list[tuple[str, ast.expr]]:
    """Return each `name = value` that runs when the module is imported, in order."""
    found = []
    for node in _module_nodes(file):
        if isinstance(node, ast.Assign):
            found += [(t.id, node.value) for t in node.targets if isinstance(t, ast.Name)]
        elif isinstance(node, ast.AnnAssign) and node.value and isinstance(node.target, ast.Name):
            found.append((node.target.id, node.value))
    return found


def imported_as(file: PythonSource) -> dict[str, str]:
    """Return what each `from x import name as other` is called where it comes from."""
    return {
        alias.asname: alias.name
        for node in ast.walk(file.tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname
    }


def last_name(node: ast.expr) -> str:
    """Return `c` for `c` and for `a.b.c`; nothing for anything else."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def is_guard(node: ast.AST) -> bool:
    """Say whether a statement asks for `__name__`."""
    return isinstance(node, ast.If) and any(
        isinstance(inner, ast.Name) and inner.id == "__name__" for inner in ast.walk(node.test)
    )


def _module_nodes(file: PythonSource) -> Iterator[ast.AST]:
    nodes = [
        inner
        for node in file.tree.body
        if not is_guard(node)
        for inner in walk_scope(node)
        if isinstance(inner, ast.stmt)
    ]
    return iter(sorted(nodes, key=lambda node: node.lineno))


def _used_as_scheduler(file: PythonSource) -> list[str]:
    bound = {name for node in file.tree.body if not is_guard(node) for name in _bound_by(node)}
    used = [
        (node.lineno, node.value.id)
        for node in ast.walk(file.tree)
        if isinstance(node, ast.Attribute)
        and node.attr in ("add_job", "scheduled_job")
        and isinstance(node.value, ast.Name)
        and node.value.id in bound
    ]
    return [name for _, name in sorted(used)]


def _bound_by(node: ast.stmt) -> set[str]:
    bound = set()
    for inner in walk_scope(node):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            bound.add(inner.id)
        elif isinstance(inner, ast.alias):
            bound.add((inner.asname or inner.name).partition(".")[0])
    return bound


def _is_start(node: ast.AST, schedulers: Collection[str]) -> TypeGuard[ast.Attribute]:
    # Not only where it is called: `Thread(target=sched.start)` starts it, too.
    return (
        isinstance(node, ast.Attribute)
        and node.attr == "start"
        and isinstance(node.value, ast.Name)
        and node.value.id in schedulers
    )


def _is_call_of(node: ast.AST, names: set[str]) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names


def _first_line(file: PythonSource, at: int, known: int) -> int:
    body = file.tree.body
    # `x = 1; sched.start()`: what shares the line moves down with it.
    while at and (body[at - 1].end_lineno or 0) >= body[at].lineno:
        at -= 1
    if at <= known:
        raise HerokuclockError(
            f"{file.name} makes and starts its scheduler on line {body[at].lineno}.",
            "Give the start a line of its own; a job has to stand between the two.",
        )
    index, above = body[at].lineno - 1, (body[at - 1].end_lineno or 0) if at else 0
    while index > above and file.is_comment(index - 1):
        index -= 1
    return index
