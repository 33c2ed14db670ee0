"""The statements of a module that are about its scheduler, and go once the clock has its jobs."""

import ast
from collections.abc import Iterator

from herokuclock.jobs.anchors import last_name

KINDS = ("Scheduler", "Clock")
PACKAGES = ("apscheduler", "flask_apscheduler", "clockdyno")
Function = ast.FunctionDef | ast.AsyncFunctionDef
Lines = tuple[
    int, int, str
]  # from which index of the lines to which, and what stands there instead


def kind(module: ast.Module | None) -> str | None:
    """Return the class of a scheduler that a module makes."""
    if module is None:
        return None
    classes = _classes(module)
    called = (last_name(node.func) for node in ast.walk(module) if isinstance(node, ast.Call))
    return next((classes[name] for name in called if name in classes), None)


def names(module: ast.Module) -> set[str]:
    """Return what a module calls its schedulers."""
    classes = _classes(module)
    return {
        last_name(target)
        for node in ast.walk(module)
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and last_name(node.value.func) in classes
        for target in node.targets
    } - {""}


def schedules(node: ast.stmt, schedulers: set[str]) -> Iterator[ast.Call]:
    """Yield the decorators that make a job of a function."""
    for each in getattr(node, "decorator_list", []):
        if isinstance(each, ast.Call) and (
            is_on(each, "scheduled_job", schedulers) or is_on(each, "task", schedulers)
        ):
            yield each


def is_on(node: ast.Call, method: str, schedulers: set[str]) -> bool:
    """Say whether this calls a scheduler's method."""
    return (
        isinstance(node.func, ast.Attribute)
        and node.func.attr == method
        and last_name(node.func.value) in schedulers
    )


def spans(module: ast.Module) -> list[Lines]:
    """Return the lines to take out, those that touch each other as one."""
    taking = _Taking(module)
    taking.block(module.body)
    joined: list[Lines] = []
    for start, end, instead in sorted(set(taking.out)):
        if joined and start <= joined[-1][1]:
            first, last, before = joined[-1]
            joined[-1] = (first, max(end, last), before or instead)
        else:
            joined.append((start, end, instead))
    return joined


class _Taking:
    def __init__(self, module: ast.Module) -> None:
        self.top = module.body
        self.names = names(module)
        self.classes = _classes(module)
        self.out: list[Lines] = []

    def block(self, body: list[ast.stmt]) -> bool:
        """Note what goes; say whether all of a block does."""
        goes = [self._takes(node) for node in body]
        return all(goes)

    def _takes(self, node: ast.stmt) -> bool:
        goes, before = self._goes(node), list(self.out)
        found = [getattr(node, field, None) for field in ("body", "orelse", "finalbody")]
        blocks = [block for block in found if block]
        blocks += [handler.body for handler in getattr(node, "handlers", [])]
        if not goes and blocks:
            inner = [self.block(block) for block in blocks]
            goes = all(inner)
            if goes and isinstance(node, Function | ast.ClassDef):
                first, last = node.body[0], node.body[-1]
                instead = " " * first.col_offset + "pass"
                self.out = [*before, (first.lineno - 1, last.end_lineno or 0, instead)]
                goes = False
        if goes:
            self.out = [*before, (node.lineno - 1, node.end_lineno or node.lineno, "")]
        for call in schedules(node, self.names):
            end = call.end_lineno if node in self.top else node.end_lineno
            self.out.append((call.lineno - 1, end or call.lineno, ""))
        return goes

    def _goes(self, node: ast.stmt) -> bool:
        if isinstance(node, ast.ImportFrom):
            return all((alias.asname or alias.name) in self.classes for alias in node.names)
        if isinstance(node, Function) and node not in self.top:
            return any(schedules(node, self.names))
        if isinstance(node, ast.Assign) and last_name(node.targets[0]) in {*self.names, "JOBS"}:
            return True
        simple = isinstance(node, ast.Expr | ast.Assign | ast.AnnAssign | ast.AugAssign)
        named = (n for n in ast.walk(node) if isinstance(n, ast.Name | ast.Attribute))
        return simple and any(last_name(name) in self.names for name in named)


def _classes(module: ast.Module) -> dict[str, str]:
    """Return the classes of schedulers that a module imports, by what it calls them."""
    return {
        alias.asname or alias.name: alias.name
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in PACKAGES
        for alias in node.names
        if alias.name.endswith(KINDS)
    }
