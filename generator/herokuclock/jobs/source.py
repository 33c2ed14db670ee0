"""A Python file as text, lines and syntax tree at once; nothing in it is ever executed."""

import ast
import re
import symtable
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from herokuclock.errors import HerokuclockError

LARGEST = 1_000_000
BOM = "\ufeff"
# Also of NUL, and of 100,000 minus signs in a row.
UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)
Span = tuple[int, int, str]  # where it begins and ends, and what stands there instead
Block = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.If | ast.Try | ast.With


@dataclass(frozen=True)
class PythonSource:
    """The lines keep their own endings and a BOM, so that joined they are the file again."""

    text: str
    lines: list[str]
    tree: ast.Module
    name: str = "jobs.py"

    def newline_at(self, index: int) -> str:
        r"""Return the ending of the line above, for a \n after a lone \r would be one ending."""
        found = re.search("\r\n|\r|\n", self.lines[index - 1]) or re.search("\r?\n|\r", self.text)
        return found[0] if found else "\n"

    @property
    def indent(self) -> str:
        """How the file indents: as its first function, else as its first block does."""
        blocks = [node for node in self.tree.body if isinstance(node, Block)]
        for node in sorted(blocks, key=lambda node: not isinstance(node, ast.FunctionDef)):
            first = node.body[0]
            indent = self.lines[first.lineno - 1].encode()[: first.col_offset].decode()
            if first.lineno > node.lineno and indent in ("\t", "  ", "    ", " " * 8):
                return indent
        return "    "

    @cached_property
    def names(self) -> frozenset[str]:
        """Every name that the module binds, or that code anywhere in it takes from the module."""
        with warnings.catch_warnings(action="ignore"):
            table = symtable.symtable(self.text.removeprefix(BOM), "jobs.py", "exec")
        found = set(table.get_identifiers())
        tables = table.get_children()
        while tables:
            inner = tables.pop()
            tables += inner.get_children()
            # get_symbols() takes quadratic time, get_globals() knows functions only.
            if isinstance(inner, symtable.Function):
                found |= set(inner.get_globals())
            else:
                found |= {symbol.get_name() for symbol in inner.get_symbols() if symbol.is_global()}
        return frozenset(found)

    def is_blank(self, index: int) -> bool:
        """Say whether the line holds nothing but spaces."""
        return not self.lines[index].strip(" \t\f\r\n")

    def is_comment(self, index: int) -> bool:
        """Say whether the line is a comment that starts in the first column."""
        return self.lines[index].startswith("#")

    def replaced(self, start: int, end: int, new: Sequence[str]) -> str:
        """Return the text with other lines in place of those from start up to end."""
        return "".join([*self.lines[:start], *new, *self.lines[end:]])

    def offset(self, line: int, column: int) -> int:
        """Return where in the text a place of the tree is; the tree counts columns in bytes."""
        first = len(BOM) if line == 1 and self.text.startswith(BOM) else 0
        whole = self.lines[line - 1][first:].encode()[:column].decode()
        return sum(map(len, self.lines[: line - 1])) + first + len(whole)

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """Return where in the text a node begins and ends."""
        start = self.offset(node.lineno, node.col_offset)
        return start, self.offset(node.end_lineno or 0, node.end_col_offset or 0)

    def with_spans(self, spans: Iterable[Span]) -> str:
        """Return the text with other text in place of these spans, which do not overlap."""
        text = self.text
        for start, end, new in sorted(spans, reverse=True):
            text = text[:start] + new + text[end:]
        return text


def parse(text: str, filename: str = "jobs.py") -> PythonSource:
    """Take the text apart; refuse what Python would not accept."""
    if len(text) > LARGEST:
        raise HerokuclockError(
            f"{filename} is too large to edit: {len(text):,} characters.",
            "Move what is not a job into modules of its own and import it.",
        )
    try:
        # "\d" in somebody's string is not our business, and must not become an error.
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(text.removeprefix(BOM), filename)
            # Only the compiler sees a `return` outside a function and the like.
            compile(tree, filename, "exec", dont_inherit=True)
    except SyntaxError as error:
        raise _unreadable(filename, f": line {error.lineno or 1}: {error.msg}") from None
    except ValueError as error:
        raise _unreadable(filename, f": {error}") from None
    except (RecursionError, MemoryError):
        raise _unreadable(filename, ": it is nested too deeply") from None
    return PythonSource(text, re.findall("[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", text), tree, filename)


def tree(text: str) -> ast.Module | None:
    """Return the syntax tree of somebody's file, None where Python can make none of it."""
    try:
        with warnings.catch_warnings(action="ignore"):
            return ast.parse(text)
    except UNREADABLE:
        return None


def walk_scope(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the node and what is below it, but not what is inside functions and classes."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)


def _unreadable(filename: str, why: str) -> HerokuclockError:
    return HerokuclockError(
        f"{filename} does not parse{why}.",
        f"Mend it first; nothing was changed. `python3 -m py_compile {filename}` shows the place.",
    )
