"""A scheduler that a function makes, or the guard, lifted to the top level of its file."""

import ast
from collections.abc import Iterator

from herokuclock.jobs.anchors import is_guard, last_name
from herokuclock.jobs.literals import Literals
from herokuclock.jobs.source import PythonSource, Span, parse

BLOCKING = "BlockingScheduler"
GUARD = 'if __name__ == "__main__":'
# What may be called when the file is only imported: nothing of these asks, waits or works.
DECLARES = frozenset(
    "BlockingScheduler add_job add_listener basicConfig configure getLogger print info setLevel"
    " CronTrigger IntervalTrigger DateTrigger OrTrigger from_crontab timezone ZoneInfo"
    " datetime date timedelta now dict int get".split()
)


def hoisted(file: PythonSource) -> tuple[PythonSource, bool] | None:
    """Return the file with its scheduler at the top level; True where a function made it.

    Who looks at the jobs imports the file, and finds only what stands outside functions and guards.
    """
    body = file.tree.body
    for block in body:
        if not (is_guard(block) or isinstance(block, ast.FunctionDef)):
            continue
        assert isinstance(block, ast.If | ast.FunctionDef)
        inner = block.body
        makes = [i for i, node in enumerate(inner) if _makes(file, node)]
        starts = [i for i, node in enumerate(inner) if _starts(node)]
        if not makes or not starts or starts[0] <= makes[0] or block.lineno == inner[0].lineno:
            continue
        if not all(_declares(node) for node in inner[: starts[0]]):
            return None
        if isinstance(block, ast.If):
            is_last = block is body[-1] and not block.orelse
            head = file.lines[block.lineno - 1]
            return (_lifted(file, block, starts[0], head, []), False) if is_last else None
        calls = [node for node in body[body.index(block) + 1 :] if _only_calls(node, block.name)]
        if len(calls) != 1 or calls[0] is not body[-1] or block is not body[-2]:
            return None
        head = GUARD + file.newline_at(block.lineno)
        return _lifted(file, block, starts[0], head, calls), True
    return None


def _lifted(
    file: PythonSource, block: ast.stmt, start: int, head: str, without: list[ast.stmt]
) -> PythonSource:
    """Take the statements of a block out of it, up to those that start the clock."""
    inner: list[ast.stmt] = getattr(block, "body", [])
    top, low = block.lineno - 1, inner[start].lineno - 1
    first = inner[0]
    indent = file.lines[first.lineno - 1].encode()[: first.col_offset].decode()
    begins = set(line_starts(file, top + 1, low, inner[:start]))
    spans: list[Span] = [(file.offset(top + 1, 0), file.offset(top + 2, 0), "")]
    spans += [(p, p + len(indent), "") for p in begins if file.text[p:].startswith(indent)]
    at = file.offset(low + 1, 0)
    spans.append((at, at, head))
    for node in without:
        before = inner[-1].end_lineno or 0
        end = file.offset(before, 0) + len(file.lines[before - 1].rstrip("\r\n"))
        spans.append((end, file.span(node)[1], ""))
    return parse(file.with_spans(spans), file.name)


def _only_calls(node: ast.stmt, function: str) -> bool:
    """Say whether a statement does nothing but call a function, be it under the guard."""
    body = node.body if isinstance(node, ast.If) and is_guard(node) and not node.orelse else [node]
    return len(body) == 1 and any(
        isinstance(n, ast.Call) and last_name(n.func) == function and not (n.args or n.keywords)
        for n in [getattr(body[0], "value", None)]
    )


def _makes(file: PythonSource, node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and is_made_by(file, node.value, BLOCKING)
    )


def _starts(node: ast.stmt) -> bool:
    return any(isinstance(n, ast.Attribute) and n.attr == "start" for n in ast.walk(node))


def _declares(node: ast.stmt) -> bool:
    """Say whether a statement only tells the scheduler something, or sets logging up."""
    if not isinstance(node, ast.Assign | ast.AnnAssign | ast.Expr) or node.value is None:
        return False
    called = {last_name(n.func) for n in ast.walk(node.value) if isinstance(n, ast.Call)}
    return called <= DECLARES


def is_made_by(file: PythonSource, call: ast.Call, kind: str) -> bool:
    """Say whether a call makes a scheduler of this class, whatever it is called here."""
    return Literals(file).original(call.func) == kind


def line_starts(file: PythonSource, first: int, last: int, nodes: list[ast.stmt]) -> Iterator[int]:
    """Yield where the lines begin that an indentation concerns: none inside a text, none blank."""
    inside = {
        row
        for node in nodes
        for text in ast.walk(node)
        if isinstance(text, ast.Constant | ast.JoinedStr) and isinstance(text, ast.expr)
        for row in range(text.lineno, text.end_lineno or 0)
    }
    for row in range(first, last):
        if row not in inside and not file.is_blank(row):
            yield file.offset(row + 1, 0)
