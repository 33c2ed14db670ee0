"""Take a job out of the text of a project's jobs.py; every other byte stays as it is."""

import ast
import io
import tokenize
from difflib import get_close_matches

from herokuclock.errors import HerokuclockError
from herokuclock.jobs.anchors import last_name
from herokuclock.jobs.block import room_of
from herokuclock.jobs.reader import read
from herokuclock.jobs.source import PythonSource, parse
from herokuclock.names import shown

Function = ast.FunctionDef | ast.AsyncFunctionDef


def remove(source: str, name: str, *, force: bool = False, filename: str = "jobs.py") -> str:
    """Take out what `add` put there; a function that was edited since only with `force`."""
    file = parse(source, filename)
    node = _function_of(file, name)
    start, end = _lines_of(file, node)
    block = file.lines[start:end]
    room = room_of(node.name, file.lines[node.lineno - 1 : end])
    if not force and (room is None or _has_comment(block) or not _only_scheduled(file, node)):
        raise HerokuclockError(
            f"{node.name} has been edited since it was added.",
            "Use --force to remove it with all that is in it.",
        )
    result = _without(file, node, start, end, 2 if room is None else room)
    _refuse_use(parse(result, filename), node.name)
    return result


def _function_of(file: PythonSource, name: str) -> Function:
    jobs = read(file.text)
    found = [job for job in jobs if name in (job.id, job.function)]
    if not found:
        near = get_close_matches(name, [job.id for job in jobs], 1)
        known = ", ".join(job.id for job in jobs) or "none"
        hint = f"Did you mean {near[0]}?" if near else f"Jobs in {file.name}: {known}."
        raise HerokuclockError(f"There is no job {shown(name)} in {file.name}.", hint)
    for node in file.tree.body:
        if isinstance(node, Function) and node.name == found[0].function and node.decorator_list:
            return node
    raise HerokuclockError(
        f"{found[0].id} is not a function with a decorator at the top level of {file.name}.",
        f"Take it out by hand: line {found[0].line}.",
    )


def _lines_of(file: PythonSource, node: Function) -> tuple[int, int]:
    start = min([node, *node.decorator_list], key=lambda part: part.lineno).lineno - 1
    end = last = node.end_lineno or node.lineno
    # An indented comment below the last statement still belongs to the function.
    while last < len(file.lines) and (file.is_blank(last) or file.lines[last][0] in " \t\f"):
        last += 1
        if not file.is_blank(last - 1):
            end = last
    return start, end


def _has_comment(block: list[str]) -> bool:
    tokens = tokenize.generate_tokens(io.StringIO("".join(block)).readline)
    return any(token.type == tokenize.COMMENT for token in tokens)


def _only_scheduled(file: PythonSource, node: Function) -> bool:
    return all(
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "scheduled_job"
        for call in node.decorator_list
    )


def _without(file: PythonSource, node: Function, start: int, end: int, room: int) -> str:
    above = below = 0
    while start - above > 0 and file.is_blank(start - above - 1):
        above += 1
    while end + below < len(file.lines) and file.is_blank(end + below):
        below += 1
    if end + below == len(file.lines):
        result = file.replaced(start - min(above, 2), end, [])
        if not file.lines[end - 1].endswith(("\r", "\n")):
            result = result.removesuffix("\n").removesuffix("\r")
        return result
    if not above and start and file.is_comment(start - 1):
        # The comment stays, and must not come to stand on what is below.
        return file.replaced(start, end, [])
    body = file.tree.body
    after = body[body.index(node) + 1] if node is not body[-1] else None
    pad = 0 if isinstance(after, Function | ast.ClassDef) else min(2 - room, above)
    return file.replaced(start - pad, end + min(below, 2), [])


def _refuse_use(file: PythonSource, name: str) -> None:
    if name in file.names:
        raise _used(file, name)
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Constant) and node.value == f"jobs:{name}":
            raise _used(file, name)
        args = node.args if isinstance(node, ast.Call) and _takes_job(node) else []
        if any(isinstance(arg, ast.Constant) and arg.value == name for arg in args):
            raise _used(file, name)


def _takes_job(call: ast.Call) -> bool:
    return last_name(call.func).endswith("_job")


def _used(file: PythonSource, name: str) -> HerokuclockError:
    return HerokuclockError(
        f"Other code in {file.name} uses {name}.", "Take that out first, then remove the job."
    )
