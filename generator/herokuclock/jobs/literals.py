"""The values that stand literally in a Python file, and nothing that would have to be run."""

import ast
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime

from herokuclock.jobs.anchors import assignments, imported_as, last_name
from herokuclock.jobs.source import PythonSource

# Functions whose value can be told from what they are given.
CALLS: dict[str, Callable[..., object]] = {
    "date": lambda *places, **named: str(date(*places, **named)),
    "datetime": lambda *places, **named: str(datetime(*places, **named)),  # noqa: DTZ001, as written
}
MOST_STEPS = 100_000
UNREADABLE = (LookupError, ValueError, TypeError, ArithmeticError, RecursionError)
ZONES = ("ZoneInfo", "gettz", "timezone")


class NotLiteral(Exception):
    """What cannot be read, and on which line."""

    def __init__(self, node: ast.AST, reason: str) -> None:
        super().__init__(reason)
        self.line = getattr(node, "lineno", 1)


class Literals:
    """Reads constants, names that are assigned once, and the usual dates and zones."""

    def __init__(self, file: PythonSource) -> None:
        assigned = assignments(file)
        stored = Counter(
            node.id
            for node in ast.walk(file.tree)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        )
        self.once = {name: value for name, value in assigned if stored[name] == 1}
        self.steps = 0
        self.imported = imported_as(file)

    def resolved(self, node: ast.expr) -> ast.expr:
        """Return what a name stands for, where that is plain to see."""
        while isinstance(node, ast.Name) and node.id in self.once:
            self.steps += 1
            if self.steps > MOST_STEPS:
                raise NotLiteral(node, "it is too entangled to read")
            node = self.once[node.id]
        return node

    def original(self, node: ast.expr) -> str:
        """Return the last name of what is called, as its own module calls it."""
        name = last_name(node)
        return self.imported.get(name, name)

    def keywords(self, keywords: list[ast.keyword]) -> dict[str, object]:
        """Return the keywords' values; those that are None are as good as not given."""
        found = {}
        for keyword in keywords:
            if keyword.arg is None:
                raise NotLiteral(keyword.value, "** cannot be read")
            found[keyword.arg] = self.value(keyword.value, keyword.arg)
        return {name: value for name, value in found.items() if value is not None}

    def value(self, node: ast.expr, name: str = "it") -> object:
        """Return the value of a literal; a date is ISO text, a zone is its name."""
        node = self.resolved(node)
        try:
            if isinstance(node, ast.Call):
                return self._called(node)
            if self.original(node) in ("utc", "UTC") and isinstance(node, ast.Attribute | ast.Name):
                return "UTC"
            if not isinstance(node, ast.Constant | ast.UnaryOp):
                raise NotLiteral(node, "")
            return ast.literal_eval(node)
        except (NotLiteral, *UNREADABLE):
            raise NotLiteral(node, f"{name} is not a literal") from None

    def text(self, node: ast.expr | None) -> str | None:
        """Return the value if it is text; None for anything else."""
        try:
            value = self.value(node) if node else None
        except NotLiteral:
            return None
        return value if isinstance(value, str) else None

    def _called(self, node: ast.Call) -> object:
        name = self.original(node.func)
        places = [self.value(arg) for arg in node.args]
        named = self.keywords(node.keywords)
        if name in ZONES and len(places) == 1 and isinstance(places[0], str) and not named:
            return places[0]
        # A tzinfo= is text by now, which datetime() refuses: so does not read it wrongly.
        return CALLS[name](*places, **named)
