"""Calls copied out of Python, read and never run."""

import re
from typing import TYPE_CHECKING, Any

from clockdyno.schedule.refusal import Misread, quote

if TYPE_CHECKING:
    import ast

CALL = re.compile(r"(?:@?[A-Za-z_][\w.]*\s*\(|@|\w+(?:\.\w+)+\()", re.ASCII)
QUOTED_KIND = re.compile(r"""["'](?:cron|interval|date)["']\s*,""", re.IGNORECASE)
ZONES = ("ZoneInfo", "timezone", "gettz")
DATES = ("date", "datetime", "timedelta")


def call(text: str) -> "ast.Call | None":
    """The call that this text is, if Python can read it: `f(...)`, `@f(...)`, `"cron", hour=9`."""
    import ast

    if "\\" in text:
        return None
    bare = text.strip(" ,").removeprefix("@")
    if QUOTED_KIND.match(bare.lstrip("( ")):
        bare = f"scheduled_job{bare}" if bare.startswith("(") else f"scheduled_job({bare})"
    # As in `sched.add_job(...)  # nightly` or `job = sched.add_job(...)`.
    bare = re.sub(r"^[A-Za-z_]\w* = (?=[A-Za-z_])", "", bare)
    try:
        node = ast.parse(bare, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    return node if isinstance(node, ast.Call) else None


def as_call(node: "ast.expr") -> "ast.Call | None":
    """The node if it is a call."""
    import ast

    return node if isinstance(node, ast.Call) else None


def name(node: "ast.expr") -> str:
    """`c` for `c` and for `a.b.c`; nothing for anything else."""
    return str(getattr(node, "attr", None) or getattr(node, "id", ""))


def keywords(node: "ast.Call") -> "dict[str, ast.expr]":
    """What is given by name; `**more` cannot be read."""
    found = {}
    for keyword in node.keywords:
        if keyword.arg is None:
            raise Misread("** cannot be read without running it")
        found[keyword.arg] = keyword.value
    return found


def text_of(key: str, node: "ast.expr") -> str | None:
    """A value as it is typed; None stands for None."""
    import ast

    if isinstance(node, ast.Constant) and not isinstance(node.value, bytes | bool | complex):
        return None if node.value is None else str(node.value)
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return ",".join(text_of(key, part) or "" for part in node.elts)
    source = ast.unparse(node)
    if isinstance(node, ast.Call):
        return _called(key, node, source)
    if isinstance(node, ast.Attribute) and key == "timezone":
        return source
    if isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant):
        return source
    if isinstance(node, ast.BinOp):
        raise Misread(*_computed(key, node, source))
    raise Misread(f"{key}: {quote(source)} is no value that can be read without running it")


def _called(key: str, node: Any, source: str) -> str:
    called = name(node.func)
    if called in ZONES and len(node.args) == 1:
        return text_of(key, node.args[0]) or ""
    if called in DATES and not node.keywords:
        return source
    raise Misread(f"{key}: {quote(source)} is no value that can be read without running it")


def _computed(key: str, node: "ast.BinOp", source: str) -> tuple[str, list[str]]:
    import ast

    whole = source.replace(" ", "")
    number: Any = None
    if isinstance(node.op, ast.Sub) and all(
        isinstance(side, ast.Constant) and isinstance(side.value, int)
        for side in (node.left, node.right)
    ):
        number = node.left.value - node.right.value  # type: ignore[attr-defined]
    is_now = f" is {number} to Python" if number is not None else " is computed by Python"
    return f'{key}: {whole} without quotes{is_now}: write {key}="{whole}"', []
